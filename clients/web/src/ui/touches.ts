/**
 * Takes what fingers do on an element, so that they neither scroll nor zoom the page. A ref of it, or an effect's body.
 *
 * `touch-action` keeps the page still, yet Chromium counts a finger that leaves quickly as a fling all the same, and a
 * tap while that would run, wherever it lands, only ends it and clicks nothing. A move that was taken is no fling.
 */
export function ownTouches(element: HTMLElement | null): (() => void) | undefined {
  if (!element) return undefined;
  element.style.touchAction = "none";
  // React listens to touches passively.
  element.addEventListener("touchmove", take, { passive: false });
  return () => element.removeEventListener("touchmove", take);
}

function take(event: TouchEvent): void {
  if (event.cancelable) event.preventDefault();
}
