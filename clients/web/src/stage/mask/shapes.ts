/** What a hand draws into a mask: strokes of a round brush and boxes. Coordinates are pixels of the picture. */

import type { BitMask, Rect } from "./bitmask";

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
  const { y0, y1, radius } = capsule;
  const top = Math.max(0, Math.floor(Math.min(y0, y1) - radius - 0.5));
  const bottom = Math.min(mask.height - 1, Math.ceil(Math.max(y0, y1) + radius - 0.5));
  for (let y = top; y <= bottom; y++) {
    const span = rowOfCapsule(capsule, y + 0.5);
    if (!span) continue;
    // Pixel x is inside when its centre x + 0.5 lies in the span.
    mask.fillSpan(y, Math.ceil(span[0] - 0.5), Math.floor(span[1] - 0.5) + 1, inside);
  }
}

/** Return where a horizontal line crosses a capsule: the union of both discs' spans and the body's, which touch. */
function rowOfCapsule({ x0, y0, x1, y1, radius }: Capsule, y: number): [number, number] | undefined {
  let low = Infinity;
  let high = -Infinity;
  const include = (from: number, to: number) => {
    low = Math.min(low, from);
    high = Math.max(high, to);
  };
  for (const [x, centre] of [
    [x0, y0],
    [x1, y1],
  ] as const) {
    const half = Math.sqrt(radius * radius - (y - centre) * (y - centre));
    if (half >= 0) include(x - half, x + half);
  }
  const body = rowOfBody(x0, y0, x1, y1, radius, y);
  if (body) include(body[0], body[1]);
  return low <= high ? [low, high] : undefined;
}

/** Return where a horizontal line crosses the rectangle of half-width `radius` around a segment. */
function rowOfBody(
  x0: number,
  y0: number,
  x1: number,
  y1: number,
  radius: number,
  y: number,
): [number, number] | undefined {
  const dx = x1 - x0;
  const dy = y1 - y0;
  const length = Math.hypot(dx, dy);
  if (!length) return undefined;
  // Points (x, y) with |cross| <= radius * length and 0 <= dot <= length^2, both linear in x.
  let low = -Infinity;
  let high = Infinity;
  const clip = (slope: number, offset: number, from: number, to: number) => {
    if (Math.abs(slope) < 1e-12) {
      if (offset < from || offset > to) high = -Infinity;
      return;
    }
    const a = (from - offset) / slope;
    const b = (to - offset) / slope;
    low = Math.max(low, Math.min(a, b));
    high = Math.min(high, Math.max(a, b));
  };
  clip(dy, -dy * x0 - dx * (y - y0), -radius * length, radius * length);
  clip(dx, -dx * x0 + dy * (y - y0), 0, length * length);
  return low <= high ? [low, high] : undefined;
}
