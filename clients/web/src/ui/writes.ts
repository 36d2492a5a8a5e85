/** Whether keys belong to what is written at their target; a field that nobody wrote in yet has nothing to take back. */
export function writes(target: EventTarget | null): boolean {
  if (!(target instanceof HTMLElement)) return false;
  return target.isContentEditable || target.matches("input, textarea:not([data-unwritten]), select");
}
