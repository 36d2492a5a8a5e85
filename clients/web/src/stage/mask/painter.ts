/** Shows a mask over a picture: a tint inside and a line around it, at a size to look at. */

import type { BitMask, Rect } from "./bitmask";

/** Longest side of masks to look at, pixels: sharp enough on a screen, quick enough on a phone. */
export const PREVIEW_SIDE = 1280;

// Cool, since rooms are warm; the line is white with a dark rim, so that it is seen on anything.
const TINT = [38, 92, 255, 96] as const;
const LINE = [255, 255, 255, 245] as const;
const SHADE = [12, 11, 10, 158] as const;
const RIM = [10, 14, 30, 150] as const;

/** How a mask is shown: its inside tinted, or all else darkened. */
export type Paint = "tint" | "spotlight";

/** Paint a part of a mask (all of it by default). The canvas has the mask's size. */
export function paintMask(
  canvas: HTMLCanvasElement,
  mask: BitMask,
  part?: Rect,
  paint: Paint = "tint",
): void {
  if (canvas.width !== mask.width || canvas.height !== mask.height) {
    canvas.width = mask.width;
    canvas.height = mask.height;
  }
  const x = Math.max(0, Math.floor((part?.x ?? 0) - 2));
  const y = Math.max(0, Math.floor((part?.y ?? 0) - 2));
  const right = Math.min(mask.width, Math.ceil(part ? part.x + part.width + 2 : mask.width));
  const bottom = Math.min(mask.height, Math.ceil(part ? part.y + part.height + 2 : mask.height));
  if (right <= x || bottom <= y) return;
  canvas
    .getContext("2d")
    ?.putImageData(imageOf(mask, { x, y, width: right - x, height: bottom - y }, paint), x, y);
}

function imageOf(mask: BitMask, { x: left, y: top, width, height }: Rect, paint: Paint): ImageData {
  const image = new ImageData(width, height);
  for (let y = 0, at = 0; y < height; y++) {
    for (let x = 0; x < width; x++, at += 4) {
      const colour = colourAt(mask, left + x, top + y, paint);
      if (colour) image.data.set(colour, at);
    }
  }
  return image;
}

function colourAt(mask: BitMask, x: number, y: number, paint: Paint): readonly number[] | undefined {
  const inside = mask.get(x, y);
  // Beyond the picture's edge there is no line: the mask goes on.
  const differs =
    (x > 0 && mask.get(x - 1, y) !== inside) ||
    (x + 1 < mask.width && mask.get(x + 1, y) !== inside) ||
    (y > 0 && mask.get(x, y - 1) !== inside) ||
    (y + 1 < mask.height && mask.get(x, y + 1) !== inside);
  if (differs) return inside ? LINE : RIM;
  if (paint === "spotlight") return inside ? undefined : SHADE;
  return inside ? TINT : undefined;
}
