import { deflateSync } from "node:zlib";

import { describe, expect, it } from "vitest";

import { BitMask, scaleMask } from "./bitmask";
import { decodePng, encodePng } from "./png";
import { decodeRunLength, encodeRunLength } from "./runLength";

/** A mask by a rule over pixels. */
function maskOf(width: number, height: number, rule: (x: number, y: number) => boolean): BitMask {
  const mask = new BitMask(width, height);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) if (rule(x, y)) mask.fillSpan(y, x, x + 1, true);
  }
  return mask;
}

const blot = (x: number, y: number) => (x * 7 + y * 13) % 11 < 4 && (x - 9) ** 2 + (y - 6) ** 2 < 60;

describe("a mask", () => {
  it("fills the same pixels of a row as one by one, at every edge", () => {
    for (let from = -2; from < 21; from++) {
      for (let to = from; to < 23; to++) {
        const mask = new BitMask(20, 1);
        mask.fillSpan(0, from, to, true);
        const expected = Array.from({ length: 20 }, (_, x) => x >= from && x < to);
        expect(Array.from({ length: 20 }, (_, x) => mask.get(x, 0))).toEqual(expected);
        mask.fillSpan(0, from, to, false);
        expect(mask.count()).toBe(0);
      }
    }
  });

  it("counts and bounds what is inside", () => {
    const mask = maskOf(
      37,
      21,
      (x, y) => x >= 5 && x < 33 && y >= 3 && y < 20 && (x === 5 || y === 19 || x === 32),
    );
    expect(mask.bounds()).toEqual({ x: 5, y: 3, width: 28, height: 17 });
    expect(mask.count()).toBe(17 + 17 + 26);
    expect(new BitMask(5, 5).bounds()).toBeUndefined();
  });

  it("joins, subtracts and inverts without touching what lies beyond its edge", () => {
    const one = maskOf(13, 9, blot);
    const other = maskOf(13, 9, (x) => x > 6);
    const joined = one.copy();
    joined.union(other);
    expect(joined.equals(maskOf(13, 9, (x, y) => blot(x, y) || x > 6))).toBe(true);
    joined.subtract(one);
    expect(joined.equals(maskOf(13, 9, (x, y) => x > 6 && !blot(x, y)))).toBe(true);
    joined.invert();
    expect(joined.equals(maskOf(13, 9, (x, y) => !(x > 6 && !blot(x, y))))).toBe(true);
    expect(joined.count()).toBe(13 * 9 - maskOf(13, 9, (x, y) => x > 6 && !blot(x, y)).count());
  });

  it("refuses to mix sizes", () => {
    expect(() => new BitMask(4, 4).union(new BitMask(4, 5))).toThrow(/4x5/);
  });

  it("scales down by the share that is inside, and up by repeating pixels", () => {
    const mask = maskOf(64, 32, (x, y) => x < 24 && y < 8);
    const small = scaleMask(mask, 16, 8);
    expect(small.equals(maskOf(16, 8, (x, y) => x < 6 && y < 2))).toBe(true);
    expect(scaleMask(small, 64, 32).equals(mask)).toBe(true);
    const dot = maskOf(64, 32, (x, y) => x === 40 && y === 20);
    expect(scaleMask(dot, 16, 8).count()).toBe(0);
    expect(scaleMask(dot, 16, 8, 1e-6).count()).toBe(1);
  });

  it("scales to sizes that do not divide", () => {
    const mask = maskOf(101, 67, (x) => x < 50);
    const small = scaleMask(mask, 10, 7);
    expect(small.equals(maskOf(10, 7, (x) => x < 5))).toBe(true);
  });
});

describe("PNG of a mask", () => {
  it("comes back as it was, of any width", async () => {
    for (const width of [1, 7, 8, 9, 31, 64]) {
      const mask = maskOf(width, 17, blot);
      expect((await decodePng(await encodePng(mask))).equals(mask)).toBe(true);
    }
  });

  it("is read from eight bits a pixel and every filter of rows", async () => {
    const mask = maskOf(19, 15, blot);
    const file = grey8(mask, (y) => y % 5);
    expect((await decodePng(file)).equals(mask)).toBe(true);
  });

  it("takes 12 megapixels in a moment", async () => {
    const mask = maskOf(4000, 3000, (x, y) => y % 600 < 300 && x > 900 && x < 2500);
    const file = await encodePng(mask);
    expect(file.length).toBeLessThan(60_000);
    expect((await decodePng(file)).equals(mask)).toBe(true);
  });

  it("is refused where it is damaged, cut short, or no mask", async () => {
    const file = await encodePng(maskOf(40, 40, blot));
    await expect(decodePng(file.slice(0, file.length - 40))).rejects.toThrow(RangeError);
    await expect(decodePng(Uint8Array.of(1, 2, 3))).rejects.toThrow(/no PNG/);
    const colour = file.slice();
    colour[25] = 2;
    await expect(decodePng(colour)).rejects.toThrow(/greyscale/);
  });
});

describe("COCO's run-length encoding", () => {
  it("writes what pycocotools writes", () => {
    // pycocotools.mask.encode of a 5 x 4 mask whose inside is columns 1..2 of rows 1..2.
    const mask = maskOf(5, 4, (x, y) => x >= 1 && x <= 2 && y >= 1 && y <= 2);
    expect(encodeRunLength(mask)).toBe("52207");
    expect(decodeRunLength("52207", 5, 4).equals(mask)).toBe(true);
  });

  it("comes back as it was", () => {
    for (const rule of [blot, () => true, () => false, (x: number) => x % 2 === 0]) {
      const mask = maskOf(45, 33, rule);
      expect(decodeRunLength(encodeRunLength(mask), 45, 33).equals(mask)).toBe(true);
    }
  });

  it("is refused where its runs do not fill the picture, or are none", () => {
    const counts = encodeRunLength(maskOf(12, 12, blot));
    expect(() => decodeRunLength(counts, 12, 11)).toThrow(/do not fill/);
    expect(() => decodeRunLength(counts, 13, 12)).toThrow(/do not fill/);
    expect(() => decodeRunLength("\u0007", 1, 1)).toThrow(/run-length/);
    expect(() => decodeRunLength("oooooooo", 9, 9)).toThrow(/run-length/);
  });
});

/** An eight-bit greyscale PNG with a filter chosen for each row. */
function grey8(mask: BitMask, filterOf: (y: number) => number): Uint8Array {
  const value = (x: number, y: number) =>
    x < 0 || y < 0 ? 0 : mask.get(x, y) ? 200 + (x % 50) : (x * y) % 128;
  const rows: number[] = [];
  for (let y = 0; y < mask.height; y++) {
    const filter = filterOf(y);
    rows.push(filter);
    for (let x = 0; x < mask.width; x++) {
      const [a, b, c] = [value(x - 1, y), value(x, y - 1), x && y ? value(x - 1, y - 1) : 0];
      const paeth = [a, b, c].reduce((best, next) =>
        Math.abs(a + b - c - next) < Math.abs(a + b - c - best) ? next : best,
      );
      rows.push((value(x, y) - ([0, a, b, (a + b) >> 1, paeth][filter] ?? 0)) & 0xff);
    }
  }
  const chunk = (type: string, body: Uint8Array) => {
    const length = Buffer.alloc(4);
    length.writeUInt32BE(body.length);
    return Buffer.concat([length, Buffer.from(type, "latin1"), body, Buffer.alloc(4)]);
  };
  const header = Buffer.alloc(13);
  header.writeUInt32BE(mask.width, 0);
  header.writeUInt32BE(mask.height, 4);
  header[8] = 8;
  return Buffer.concat([
    Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]),
    chunk("IHDR", header),
    chunk("IDAT", deflateSync(Buffer.from(rows))),
    chunk("IEND", Buffer.alloc(0)),
  ]);
}
