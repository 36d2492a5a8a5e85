/** Numbers as people read them. */

const whole = new Intl.NumberFormat("en");

/** Return a count with its noun: "1 pixel", "11,234,567 pixels". */
export function counted(count: bigint | number, noun: string): string {
  return `${whole.format(count)} ${noun}${Number(count) === 1 ? "" : "s"}`;
}

/** Return a share (0..1) in percent; what is small but not nothing is never told as 0. */
export function percent(share: number): string {
  if (share <= 0) return "0%";
  if (share < 0.001) return "less than 0.1%";
  if (share > 0.999 && share < 1) return "more than 99.9%";
  return `${(share * 100).toFixed(share < 0.1 ? 1 : 0)}%`;
}
