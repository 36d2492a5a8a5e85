/** Pictures of the test server: decoding, painting, scaling, comparing. Pixels are RGBA, row by row. */
import { createHash } from "node:crypto";

import jpeg from "jpeg-js";
import { PNG } from "pngjs";

export interface Picture {
  width: number;
  height: number;
  data: Buffer;
}

/** How a PNG is written: a search for the best filter of each row takes longer than all else together. */
const QUICKLY = { deflateLevel: 1, filterType: 1 } as const;

export interface Rect {
  x: number;
  y: number;
  width: number;
  height: number;
}

/** Decodes PNG or JPEG; undefined for anything else. */
export function decode(bytes: Uint8Array): Picture | undefined {
  try {
    if (bytes[0] === 0x89) return PNG.sync.read(Buffer.from(bytes));
    if (bytes[0] === 0xff) {
      const { width, height, data } = jpeg.decode(bytes, { maxMemoryUsageInMB: 2048 });
      return { width, height, data: Buffer.from(data) };
    }
  } catch {
    // damaged
  }
  return undefined;
}

const made = new WeakMap<Buffer, Map<string, unknown>>();

/** What was made of a picture's pixels, as long as they are there: a page asks for the same thing many times. */
function kept<T>({ data }: Picture, what: string, make: () => T): T {
  const known = made.get(data) ?? new Map<string, unknown>();
  made.set(data, known);
  if (!known.has(what)) known.set(what, make());
  return known.get(what) as T;
}

export function encodePng(picture: Picture): Uint8Array {
  return kept(picture, "png", () => {
    const png = new PNG({ width: picture.width, height: picture.height });
    png.data = picture.data;
    return PNG.sync.write(png, QUICKLY);
  });
}

export function encodeJpeg(picture: Picture, quality = 88): Uint8Array {
  return kept(picture, `jpeg ${quality}`, () => jpeg.encode(picture, quality).data);
}

/** The middle pixel of each block. */
export function scaled(picture: Picture, maxSide: number): Picture {
  if (Math.max(picture.width, picture.height) <= maxSide) return picture;
  return kept(picture, `scaled ${maxSide}`, () => smaller(picture, maxSide));
}

function smaller(picture: Picture, maxSide: number): Picture {
  const factor = Math.max(picture.width, picture.height) / maxSide;
  const width = Math.max(1, Math.round(picture.width / factor));
  const height = Math.max(1, Math.round(picture.height / factor));
  const data = Buffer.alloc(width * height * 4);
  for (let y = 0; y < height; y += 1) {
    for (let x = 0; x < width; x += 1) {
      const sx = Math.min(picture.width - 1, Math.floor((x + 0.5) * factor));
      const sy = Math.min(picture.height - 1, Math.floor((y + 0.5) * factor));
      picture.data.copy(
        data,
        (y * width + x) * 4,
        (sy * picture.width + sx) * 4,
        (sy * picture.width + sx) * 4 + 4,
      );
    }
  }
  return { width, height, data };
}

export function digest(picture: Picture): string {
  return kept(picture, "digest", () => `sha256:${createHash("sha256").update(picture.data).digest("hex")}`);
}

/** A binary mask: 1 inside. */
export interface MaskPixels {
  width: number;
  height: number;
  inside: Uint8Array;
}

export function maskOfRect(width: number, height: number, rect: Rect): MaskPixels {
  const inside = new Uint8Array(width * height);
  for (let y = rect.y; y < Math.min(height, rect.y + rect.height); y += 1) {
    inside.fill(1, y * width + rect.x, y * width + Math.min(width, rect.x + rect.width));
  }
  return { width, height, inside };
}

export function decodeMask(png: Uint8Array): MaskPixels | undefined {
  const picture = decode(png);
  if (!picture) return undefined;
  const inside = new Uint8Array(picture.width * picture.height);
  for (let i = 0; i < inside.length; i += 1) inside[i] = (picture.data[i * 4] ?? 0) >= 128 ? 1 : 0;
  return { width: picture.width, height: picture.height, inside };
}

export function encodeMask({ width, height, inside }: MaskPixels): Uint8Array {
  const png = new PNG({ width, height, colorType: 0, bitDepth: 8, inputColorType: 0 });
  png.data = Buffer.from(inside.map((one) => one * 255));
  return PNG.sync.write(png, { ...QUICKLY, colorType: 0, inputColorType: 0, bitDepth: 8 });
}

export function boxOf({ width, height, inside }: MaskPixels): Rect | undefined {
  let [left, top, right, bottom] = [width, height, -1, -1];
  for (let i = 0; i < inside.length; i += 1) {
    if (!inside[i]) continue;
    const x = i % width;
    const y = Math.floor(i / width);
    left = Math.min(left, x);
    right = Math.max(right, x);
    top = Math.min(top, y);
    bottom = Math.max(bottom, y);
  }
  return right < 0 ? undefined : { x: left, y: top, width: right - left + 1, height: bottom - top + 1 };
}

/** Tints the inside of a mask and keeps its light: what "make it green" does here. */
export function tinted(
  picture: Picture,
  mask: MaskPixels,
  [r, g, b]: readonly [number, number, number],
): Picture {
  const data = Buffer.from(picture.data);
  for (let i = 0; i < mask.inside.length; i += 1) {
    if (!mask.inside[i]) continue;
    const at = i * 4;
    const light = ((data[at] ?? 0) * 0.3 + (data[at + 1] ?? 0) * 0.59 + (data[at + 2] ?? 0) * 0.11) / 150;
    data[at] = Math.min(255, Math.round(r * light));
    data[at + 1] = Math.min(255, Math.round(g * light));
    data[at + 2] = Math.min(255, Math.round(b * light));
  }
  return { ...picture, data };
}

/** How two pictures of one size differ. */
export function compare(one: Picture, other: Picture) {
  const inside = new Uint8Array(one.width * one.height);
  let changed = 0;
  let sum = 0;
  let squares = 0;
  for (let i = 0; i < inside.length; i += 1) {
    let differs = 0;
    for (let channel = 0; channel < 3; channel += 1) {
      const difference = Math.abs((one.data[i * 4 + channel] ?? 0) - (other.data[i * 4 + channel] ?? 0));
      sum += difference;
      squares += difference * difference;
      if (difference) differs = 1;
    }
    inside[i] = differs;
    changed += differs;
  }
  const values = inside.length * 3;
  const psnr = squares === 0 ? undefined : 10 * Math.log10((255 * 255 * values) / squares);
  return {
    mask: { width: one.width, height: one.height, inside },
    statistics: {
      pixels: BigInt(inside.length),
      changedShare: changed / inside.length,
      meanDifference: sum / values,
      psnr,
    },
  };
}

type Colour = readonly [number, number, number];

function fill(picture: Picture, rect: Rect, from: Colour, to: Colour): void {
  for (let y = Math.max(0, rect.y); y < Math.min(picture.height, rect.y + rect.height); y += 1) {
    const t = (y - rect.y) / rect.height;
    for (let x = Math.max(0, rect.x); x < Math.min(picture.width, rect.x + rect.width); x += 1) {
      const grain = ((x * 73 + y * 151 + x * y) % 7) - 3;
      const at = (y * picture.width + x) * 4;
      for (let channel = 0; channel < 3; channel += 1) {
        const value = (from[channel] ?? 0) * (1 - t) + (to[channel] ?? 0) * t + grain;
        picture.data[at + channel] = Math.max(0, Math.min(255, value));
      }
      picture.data[at + 3] = 255;
    }
  }
}

/** Where the things of `drawRoom` are, as shares of the picture. */
export const THINGS: Record<string, readonly [number, number, number, number]> = {
  wall: [0, 0, 1, 0.66],
  floor: [0, 0.66, 1, 0.34],
  rug: [0.14, 0.8, 0.66, 0.14],
  window: [0.1, 0.1, 0.24, 0.36],
  picture: [0.46, 0.14, 0.16, 0.2],
  sofa: [0.3, 0.46, 0.5, 0.32],
  cushion: [0.36, 0.48, 0.1, 0.12],
  lamp: [0.87, 0.2, 0.08, 0.52],
};

export function rectOf(width: number, height: number, thing: string): Rect | undefined {
  const share = THINGS[thing];
  if (!share) return undefined;
  const [x, y, w, h] = share;
  return {
    x: Math.round(x * width),
    y: Math.round(y * height),
    width: Math.round(w * width),
    height: Math.round(h * height),
  };
}

/** A plain living room, drawn: a wall, a floor, and the things of `THINGS`. */
export function drawRoom(width: number, height: number): Picture {
  const picture = { width, height, data: Buffer.alloc(width * height * 4, 255) };
  const at = (x: number, y: number, w: number, h: number): Rect => ({
    x: Math.round(x * width),
    y: Math.round(y * height),
    width: Math.round(w * width),
    height: Math.round(h * height),
  });
  fill(picture, at(0, 0, 1, 0.67), [226, 219, 206], [204, 196, 182]);
  fill(picture, at(0, 0.655, 1, 0.018), [240, 236, 228], [222, 217, 208]);
  fill(picture, at(0, 0.672, 1, 0.33), [150, 116, 84], [184, 148, 112]);
  fill(picture, at(0.14, 0.8, 0.66, 0.14), [196, 190, 178], [214, 208, 196]);
  fill(picture, at(0.1, 0.1, 0.24, 0.36), [246, 243, 236], [236, 232, 224]);
  fill(picture, at(0.112, 0.116, 0.104, 0.328), [176, 206, 226], [222, 234, 236]);
  fill(picture, at(0.224, 0.116, 0.104, 0.328), [172, 203, 224], [220, 233, 235]);
  fill(picture, at(0.46, 0.14, 0.16, 0.2), [60, 54, 48], [70, 62, 54]);
  fill(picture, at(0.468, 0.151, 0.144, 0.178), [208, 142, 96], [94, 110, 112]);
  fill(picture, at(0.32, 0.46, 0.46, 0.18), [92, 116, 138], [80, 102, 122]);
  fill(picture, at(0.3, 0.55, 0.5, 0.15), [106, 132, 156], [88, 112, 134]);
  fill(picture, at(0.3, 0.52, 0.05, 0.21), [98, 124, 147], [78, 100, 121]);
  fill(picture, at(0.75, 0.52, 0.05, 0.21), [98, 124, 147], [78, 100, 121]);
  fill(picture, at(0.3, 0.7, 0.5, 0.05), [76, 97, 117], [64, 82, 100]);
  fill(picture, at(0.32, 0.75, 0.02, 0.03), [92, 66, 46], [70, 50, 36]);
  fill(picture, at(0.76, 0.75, 0.02, 0.03), [92, 66, 46], [70, 50, 36]);
  fill(picture, at(0.36, 0.48, 0.1, 0.12), [214, 168, 94], [192, 146, 78]);
  fill(picture, at(0.87, 0.2, 0.08, 0.13), [247, 232, 200], [236, 214, 170]);
  fill(picture, at(0.907, 0.33, 0.006, 0.38), [70, 64, 58], [56, 50, 46]);
  fill(picture, at(0.885, 0.7, 0.05, 0.015), [70, 64, 58], [50, 45, 41]);
  return picture;
}
