/**
 * Masks as PNG (ISO/IEC 15948). A browser's own decoder makes four bytes of each pixel, 192 MB of a mask of 48
 * megapixels; here a mask stays one bit a pixel, and rows are read as they are unpacked.
 */

import { BitMask } from "./bitmask";

const SIGNATURE = [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a];
const HEADER = 0x49484452;
const DATA = 0x49444154;
const END = 0x49454e44;
const THRESHOLD = 128; // values from here on are inside, of 0..255

const CRC = Uint32Array.from({ length: 256 }, (_, byte) => {
  let crc = byte;
  for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? 0xedb88320 ^ (crc >>> 1) : crc >>> 1;
  return crc >>> 0;
});

/** Return a mask as greyscale PNG of one bit a pixel, black outside and white inside. */
export async function encodePng(mask: BitMask): Promise<Uint8Array<ArrayBuffer>> {
  const rows = new Uint8Array((mask.stride + 1) * mask.height);
  for (let y = 0; y < mask.height; y++) {
    // A row begins with its filter's number: 0, none, which packs bits best.
    rows.set(mask.data.subarray(y * mask.stride, (y + 1) * mask.stride), y * (mask.stride + 1) + 1);
  }
  const header = new Uint8Array(13);
  const view = new DataView(header.buffer);
  view.setUint32(0, mask.width);
  view.setUint32(4, mask.height);
  header[8] = 1; // bits a pixel; colour type, compression, filter and interlace are 0
  const packed = await collect(new Blob([rows]).stream().pipeThrough(new CompressionStream("deflate")));
  return concat([
    Uint8Array.from(SIGNATURE),
    chunk(HEADER, header),
    chunk(DATA, packed),
    chunk(END, new Uint8Array()),
  ]);
}

/** Return the mask of a greyscale PNG of any depth. Throw a RangeError for what is no such file, or a damaged one. */
export async function decodePng(file: Uint8Array): Promise<BitMask> {
  const { width, height, depth, packed } = readChunks(file);
  const mask = new BitMask(width, height);
  const rows = new RowReader(mask, depth);
  try {
    const stream = new Blob(packed).stream().pipeThrough(new DecompressionStream("deflate"));
    for (const reader = stream.getReader(); ;) {
      const { value, done } = await reader.read();
      if (done) break;
      rows.push(value);
    }
  } catch (error) {
    throw error instanceof RangeError
      ? error
      : new RangeError("the mask's picture is damaged", { cause: error });
  }
  rows.finish();
  return mask;
}

interface Chunks {
  readonly width: number;
  readonly height: number;
  readonly depth: number;
  readonly packed: Uint8Array<ArrayBuffer>[];
}

function readChunks(file: Uint8Array): Chunks {
  if (SIGNATURE.some((byte, i) => file[i] !== byte)) throw new RangeError("the mask is no PNG");
  const view = new DataView(file.buffer, file.byteOffset, file.byteLength);
  const packed: Uint8Array<ArrayBuffer>[] = [];
  let head: { width: number; height: number; depth: number } | undefined;
  for (let at = 8; at + 12 <= file.length;) {
    const length = view.getUint32(at);
    const type = view.getUint32(at + 4);
    const body = new Uint8Array(file.subarray(at + 8, at + 8 + length));
    if (type === HEADER && length === 13) head = readHeader(new DataView(body.buffer));
    if (type === DATA) packed.push(body);
    if (type === END) break;
    at += 12 + length;
  }
  if (!head || !packed.length) throw new RangeError("the mask's picture is damaged");
  return { ...head, packed };
}

function readHeader(header: DataView): { width: number; height: number; depth: number } {
  const depth = header.getUint8(8);
  if (header.getUint8(9) !== 0 || header.getUint8(12) !== 0 || ![1, 2, 4, 8, 16].includes(depth)) {
    throw new RangeError("the mask is no greyscale PNG without interlacing");
  }
  return { width: header.getUint32(0), height: header.getUint32(4), depth };
}

/** Undoes PNG's row filters and keeps which pixels are inside, a row at a time. */
class RowReader {
  private readonly step: number;
  private row: Uint8Array;
  private above: Uint8Array;
  private filled = 0; // bytes of the current row, its filter's number included
  private filter = 0;
  private y = 0;

  constructor(
    private readonly mask: BitMask,
    private readonly depth: number,
  ) {
    const bytes = Math.ceil((mask.width * depth) / 8);
    this.step = Math.max(1, depth >> 3);
    this.row = new Uint8Array(bytes);
    this.above = new Uint8Array(bytes);
  }

  push(bytes: Uint8Array): void {
    for (let at = 0; at < bytes.length && this.y < this.mask.height;) {
      if (!this.filled) {
        this.filter = bytes[at++] ?? 0;
        this.filled = 1;
        continue;
      }
      const part = bytes.subarray(at, at + this.row.length + 1 - this.filled);
      this.row.set(part, this.filled - 1);
      this.filled += part.length;
      at += part.length;
      if (this.filled > this.row.length) this.endRow();
    }
  }

  finish(): void {
    if (this.y < this.mask.height) throw new RangeError("the mask's picture is cut short");
  }

  private endRow(): void {
    unfilter(this.row, this.above, this.filter, this.step);
    if (this.depth === 1) this.copyBits();
    else this.threshold();
    [this.row, this.above] = [this.above, this.row];
    this.filled = 0;
    this.y++;
  }

  private copyBits(): void {
    const { mask, y } = this;
    mask.data.set(this.row, y * mask.stride);
    const unused = mask.stride * 8 - mask.width;
    const last = (y + 1) * mask.stride - 1;
    mask.data[last] = (mask.data[last] ?? 0) & (0xff << unused);
  }

  private threshold(): void {
    const { mask, depth, y } = this;
    const levels = 2 ** Math.min(depth, 8) - 1; // of 16 bits the first eight tell
    for (let x = 0; x < mask.width; x++) {
      const at = x * depth;
      const byte = this.row[at >> 3] ?? 0;
      const value = depth < 8 ? (byte >> (8 - depth - (at & 7))) & levels : byte;
      if ((value * 255) / levels >= THRESHOLD) mask.fillSpan(y, x, x + 1, true);
    }
  }
}

function unfilter(row: Uint8Array, above: Uint8Array, filter: number, step: number): void {
  if (filter > 4) throw new RangeError("the mask's picture is damaged");
  if (!filter) return;
  for (let i = 0; i < row.length; i++) {
    const left = i < step ? 0 : (row[i - step] ?? 0);
    const up = above[i] ?? 0;
    const upLeft = i < step ? 0 : (above[i - step] ?? 0);
    row[i] = (row[i] ?? 0) + predict(filter, left, up, upLeft);
  }
}

function predict(filter: number, left: number, up: number, upLeft: number): number {
  if (filter === 1) return left;
  if (filter === 2) return up;
  if (filter === 3) return (left + up) >> 1;
  const guess = left + up - upLeft; // Paeth's predictor: the neighbour nearest to the guess
  const toLeft = Math.abs(guess - left);
  const toUp = Math.abs(guess - up);
  const toUpLeft = Math.abs(guess - upLeft);
  if (toLeft <= toUp && toLeft <= toUpLeft) return left;
  return toUp <= toUpLeft ? up : upLeft;
}

function chunk(type: number, body: Uint8Array): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(body.length + 12);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, body.length);
  view.setUint32(4, type);
  bytes.set(body, 8);
  view.setUint32(body.length + 8, checksum(bytes.subarray(4, body.length + 8)));
  return bytes;
}

function checksum(bytes: Uint8Array): number {
  let crc = 0xffffffff;
  for (const byte of bytes) crc = (CRC[(crc ^ byte) & 0xff] ?? 0) ^ (crc >>> 8);
  return (crc ^ 0xffffffff) >>> 0;
}

async function collect(stream: ReadableStream<Uint8Array>): Promise<Uint8Array<ArrayBuffer>> {
  return new Uint8Array(await new Response(stream as ReadableStream<Uint8Array<ArrayBuffer>>).arrayBuffer());
}

function concat(parts: Uint8Array[]): Uint8Array<ArrayBuffer> {
  const whole = new Uint8Array(parts.reduce((length, part) => length + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}
