/** Reads format and size from the first bytes of a picture, so that they are known before anything is sent. */

export type PictureFormat = "png" | "jpeg" | "webp";

export interface PictureHeader {
  format: PictureFormat;
  /** Pixels, before EXIF orientation. */
  width: number;
  height: number;
}

const PNG = [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a];

function startsWith(bytes: Uint8Array, prefix: readonly number[]): boolean {
  return prefix.every((byte, at) => bytes[at] === byte);
}

function ascii(bytes: Uint8Array, start: number, end: number): string {
  return String.fromCharCode(...bytes.subarray(start, end));
}

function pngSize(view: DataView): PictureHeader | undefined {
  if (view.byteLength < 24) return undefined;
  return { format: "png", width: view.getUint32(16), height: view.getUint32(20) };
}

/** A start-of-frame marker holds the size: C0..CF but C4 (tables), C8 (reserved) and CC (arithmetic tables). */
function isFrame(marker: number): boolean {
  return marker >= 0xc0 && marker <= 0xcf && marker !== 0xc4 && marker !== 0xc8 && marker !== 0xcc;
}

function jpegSize(view: DataView): PictureHeader | undefined {
  let at = 2;
  while (at + 9 <= view.byteLength) {
    if (view.getUint8(at) !== 0xff) return undefined;
    const marker = view.getUint8(at + 1);
    if (isFrame(marker))
      return { format: "jpeg", height: view.getUint16(at + 5), width: view.getUint16(at + 7) };
    at += marker === 0xff ? 1 : 2 + view.getUint16(at + 2);
  }
  return undefined;
}

function webpSize(bytes: Uint8Array, view: DataView): PictureHeader | undefined {
  if (view.byteLength < 30) return undefined;
  const kind = ascii(bytes, 12, 16);
  if (kind === "VP8 ") {
    return {
      format: "webp",
      width: view.getUint16(26, true) & 0x3fff,
      height: view.getUint16(28, true) & 0x3fff,
    };
  }
  if (kind === "VP8L") {
    const bits = view.getUint32(21, true);
    return { format: "webp", width: (bits & 0x3fff) + 1, height: ((bits >>> 14) & 0x3fff) + 1 };
  }
  if (kind === "VP8X") {
    const three = (at: number) => view.getUint16(at, true) | (view.getUint8(at + 2) << 16);
    return { format: "webp", width: three(24) + 1, height: three(27) + 1 };
  }
  return undefined;
}

/** Format and size of an encoded picture, from its beginning; undefined for what is no PNG, JPEG or WebP. */
export function readHeader(bytes: Uint8Array): PictureHeader | undefined {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (startsWith(bytes, PNG)) return pngSize(view);
  if (startsWith(bytes, [0xff, 0xd8, 0xff])) return jpegSize(view);
  if (ascii(bytes, 0, 4) === "RIFF" && ascii(bytes, 8, 12) === "WEBP") return webpSize(bytes, view);
  return undefined;
}
