import jpeg from "jpeg-js";
import { PNG } from "pngjs";
import { expect, test } from "vitest";

import { readHeader } from "./header";
import { allowedSize, titleOf } from "./picture";

test("a PNG's size is known from its first bytes", () => {
  const bytes = PNG.sync.write(new PNG({ width: 321, height: 123 }));
  expect(readHeader(bytes.subarray(0, 64))).toEqual({ format: "png", width: 321, height: 123 });
});

test("a JPEG's size is found behind other segments", () => {
  const encoded = jpeg.encode({ width: 40, height: 30, data: Buffer.alloc(40 * 30 * 4) }, 80).data;
  const exif = Uint8Array.from([0xff, 0xe1, 0x00, 0x08, 1, 2, 3, 4, 5, 6]);
  const bytes = Buffer.concat([encoded.subarray(0, 2), exif, encoded.subarray(2)]);
  expect(readHeader(bytes)).toEqual({ format: "jpeg", width: 40, height: 30 });
});

test("all three kinds of WebP tell their size", () => {
  const riff = (kind: string, payload: number[]) =>
    Uint8Array.from([
      ...Buffer.from("RIFF\0\0\0\0WEBP" + kind),
      0,
      0,
      0,
      0,
      ...payload,
      ...new Array<number>(12).fill(0),
    ]);
  const lossy = riff("VP8 ", [0, 0, 0, 0x9d, 0x01, 0x2a, 0x80, 0x02, 0xe0, 0x01]);
  const lossless = riff("VP8L", [0x2f, 0x7f, 0xc2, 0x77, 0x00]);
  const extended = riff("VP8X", [0, 0, 0, 0, 0x7f, 0x02, 0x00, 0xdf, 0x01, 0x00]);
  for (const bytes of [lossy, lossless, extended]) {
    expect(readHeader(bytes)).toEqual({ format: "webp", width: 640, height: 480 });
  }
});

test("other files, and pictures cut short, have no header", () => {
  expect(readHeader(Buffer.from("%PDF-1.7 and so on"))).toBeUndefined();
  expect(readHeader(Uint8Array.from([0xff, 0xd8, 0xff, 0xe0]))).toBeUndefined();
  expect(readHeader(new Uint8Array())).toBeUndefined();
});

test("a photo of 108 megapixels is scaled to what the contract takes, in its shape", () => {
  const { width, height } = allowedSize(12000, 9000);
  expect(width * height).toBeLessThanOrEqual(50_000_000);
  expect(width).toBeLessThanOrEqual(8192);
  expect(width / height).toBeCloseTo(4 / 3, 2);
  expect(allowedSize(8192, 100)).toEqual({ width: 8192, height: 100 });
});

test("a design is named after its file, unless a camera named that", () => {
  expect(titleOf("living_room-north.jpeg")).toBe("Living room north");
  expect(titleOf("IMG_20260101_1234.jpg")).toBe("");
});
