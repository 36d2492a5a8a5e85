/** What a hand draws into a mask: strokes of a round brush and boxes. Coordinates are pixels of the picture. */

import type { BitMask, Rect } from "./bitmask";

const FLAT = 1e-9; // slopes below this are level or upright

/** A stroke of a round brush along points; a single point is a dot. */
export interface Stroke {
  /** Radius of the brush, pixels of the picture, above 0. */
  readonly radius: number;
  /** x0, y0, x1, y1, ...: at least one point, in pixels of the picture. */
  readonly points: readonly number[];
}

/**
 * Draw a stroke: a pixel is in it when its centre is no further than the radius from the line through the points.
 * `scale` is the mask's size over the picture's, so that the same stroke is drawn to a small mask to look at and to one
 * of the picture's size to send. `fromPoint` leaves the segments before that point out, which are drawn already.
 */
export function drawStroke(mask: BitMask, stroke: Stroke, inside: boolean, scale = 1, fromPoint = 0): void {
  const { points } = stroke;
  const radius = stroke.radius * scale;
  const last = points.length / 2 - 1;
  for (let i = Math.max(0, fromPoint); i < Math.max(1, last); i++) {
    const end = Math.min(i + 1, last);
    drawCapsule(
      mask,
      {
        x0: (points[2 * i] ?? 0) * scale,
        y0: (points[2 * i + 1] ?? 0) * scale,
        x1: (points[2 * end] ?? 0) * scale,
        y1: (points[2 * end + 1] ?? 0) * scale,
        radius,
      },
      inside,
    );
  }
}

/** Draw a box, its edges rounded to whole pixels of the mask. */
export function drawBox(mask: BitMask, box: Rect, inside: boolean, scale = 1): void {
  const left = Math.round(box.x * scale);
  const right = Math.round((box.x + box.width) * scale);
  const bottom = Math.min(mask.height, Math.round((box.y + box.height) * scale));
  for (let y = Math.max(0, Math.round(box.y * scale)); y < bottom; y++) mask.fillSpan(y, left, right, inside);
}

interface Capsule {
  readonly x0: number;
  readonly y0: number;
  readonly x1: number;
  readonly y1: number;
  readonly radius: number;
}

/** Fill all pixels whose centres are within the radius of a line: each row of that convex shape is one span. */
function drawCapsule(mask: BitMask, capsule: Capsule, inside: boolean): void {
  const { x0, y0, x1, y1, radius } = capsule;
  const top = Math.max(0, Math.floor(Math.min(y0, y1) - radius - 0.5));
  const bottom = Math.min(mask.height - 1, Math.ceil(Math.max(y0, y1) + radius - 0.5));
  const body = bodyOf(capsule);
  for (let row = top; row <= bottom; row++) {
    const y = row + 0.5;
    // The union of the spans of both discs and of the body, which touch; NaN is a disc that the row does not meet.
    const half0 = Math.sqrt(radius * radius - (y - y0) * (y - y0));
    const half1 = Math.sqrt(radius * radius - (y - y1) * (y - y1));
    let low = half0 >= 0 ? x0 - half0 : Infinity;
    let high = half0 >= 0 ? x0 + half0 : -Infinity;
    if (half1 >= 0) {
      low = Math.min(low, x1 - half1);
      high = Math.max(high, x1 + half1);
    }
    const from = body.from(y);
    const to = body.to(y);
    if (from <= to) {
      low = Math.min(low, from);
      high = Math.max(high, to);
    }
    // Pixel x is inside when its centre x + 0.5 lies in the span.
    if (low <= high) mask.fillSpan(row, Math.ceil(low - 0.5), Math.floor(high - 0.5) + 1, inside);
  }
}

interface Body {
  readonly from: (y: number) => number;
  readonly to: (y: number) => number;
}

const NO_BODY: Body = { from: () => Infinity, to: () => -Infinity };

/** Return where a horizontal line enters and leaves the rectangle of half-width `radius` around a segment. */
function bodyOf({ x0, y0, x1, y1, radius }: Capsule): Body {
  const dx = x1 - x0;
  const dy = y1 - y0;
  const length = Math.hypot(dx, dy);
  if (!length) return NO_BODY;
  if (Math.abs(dy) < FLAT * length) {
    const [left, right] = [Math.min(x0, x1), Math.max(x0, x1)];
    return { from: (y) => (Math.abs(y - y0) <= radius ? left : Infinity), to: () => right };
  }
  if (Math.abs(dx) < FLAT * length) {
    const [above, below] = [Math.min(y0, y1), Math.max(y0, y1)];
    return { from: (y) => (y >= above && y <= below ? x0 - radius : Infinity), to: () => x0 + radius };
  }
  // Two pairs of lines bound it: beside the segment, |cross| <= radius * length, and at its ends, 0 <= dot <= length^2.
  const beside = Math.abs((radius * length) / dy);
  const end = (length * length) / dx;
  return {
    from: (y) => Math.max(x0 + (dx * (y - y0)) / dy - beside, x0 - (dy * (y - y0)) / dx + Math.min(0, end)),
    to: (y) => Math.min(x0 + (dx * (y - y0)) / dy + beside, x0 - (dy * (y - y0)) / dx + Math.max(0, end)),
  };
}

/**
 * Return a stroke without points that lie closer together than a small share of the radius: a hand that rests gives
 * hundreds of them, and each costs as much as the brush is large.
 */
export function thinned({ radius, points }: Stroke): Stroke {
  const apart = Math.max(0.5, radius / 12);
  const kept = points.slice(0, 2);
  for (let i = 2; i < points.length; i += 2) {
    const [x = 0, y = 0] = [points[i], points[i + 1]];
    const [lastX = 0, lastY = 0] = kept.slice(-2);
    const last = i + 2 >= points.length;
    if (last || Math.hypot(x - lastX, y - lastY) >= apart) kept.push(x, y);
  }
  return { radius, points: kept };
}
