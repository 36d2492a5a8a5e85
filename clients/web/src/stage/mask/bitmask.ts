/** A binary mask of a picture, one bit a pixel: 48 megapixels take 6 MB. */

/** A rectangle in pixels, origin top left. */
export interface Rect {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

const BITS_IN_BYTE = Uint8Array.from({ length: 256 }, (_, byte) => {
  let count = 0;
  for (let rest = byte; rest; rest >>= 1) count += rest & 1;
  return count;
});

/**
 * A mask of `width` x `height` pixels. Rows are packed as PNG packs them (most significant bit first, each row a whole
 * number of bytes), so that a row is written to a file as it is. Bits beyond the width are always 0.
 */
export class BitMask {
  readonly stride: number;

  /** Wrap `data` (`height` rows of `ceil(width / 8)` bytes), or start empty. */
  constructor(
    readonly width: number,
    readonly height: number,
    readonly data: Uint8Array = new Uint8Array(Math.ceil(width / 8) * height),
  ) {
    if (!(width >= 1 && height >= 1))
      throw new RangeError(`a mask of ${width}x${height} pixels has no pixel`);
    this.stride = Math.ceil(width / 8);
    if (data.length !== this.stride * height) {
      throw new RangeError(`${data.length} bytes do not fill a mask of ${width}x${height} pixels`);
    }
  }

  /** Return whether a pixel is inside; one beyond the edges is not. */
  get(x: number, y: number): boolean {
    if (x < 0 || y < 0 || x >= this.width || y >= this.height) return false;
    return ((this.data[y * this.stride + (x >> 3)] ?? 0) & (0x80 >> (x & 7))) !== 0;
  }

  /** Put the pixels `from <= x < to` of a row inside or outside; what lies beyond the edges is left out. */
  fillSpan(y: number, from: number, to: number, inside: boolean): void {
    const left = Math.max(0, from);
    const right = Math.min(this.width, to);
    if (y < 0 || y >= this.height || left >= right) return;
    const row = y * this.stride;
    const first = left >> 3;
    const last = (right - 1) >> 3;
    const head = 0xff >> (left & 7);
    const tail = (0xff << (7 - ((right - 1) & 7))) & 0xff;
    if (first === last) {
      this.write(row + first, head & tail, inside);
      return;
    }
    this.write(row + first, head, inside);
    this.data.fill(inside ? 0xff : 0, row + first + 1, row + last);
    this.write(row + last, tail, inside);
  }

  private write(at: number, bits: number, inside: boolean): void {
    const before = this.data[at] ?? 0;
    this.data[at] = inside ? before | bits : before & ~bits;
  }

  /** Return how many pixels are inside. */
  count(): number {
    let pixels = 0;
    for (const byte of this.data) pixels += BITS_IN_BYTE[byte] ?? 0;
    return pixels;
  }

  /** Return the tight box around the inside, or undefined where there is none. */
  bounds(): Rect | undefined {
    let top = -1;
    let bottom = -1;
    const columns = new Uint8Array(this.stride);
    for (let y = 0; y < this.height; y++) {
      let any = 0;
      for (let i = 0, at = y * this.stride; i < this.stride; i++, at++) {
        const byte = this.data[at] ?? 0;
        any |= byte;
        columns[i] = (columns[i] ?? 0) | byte;
      }
      if (!any) continue;
      if (top < 0) top = y;
      bottom = y;
    }
    if (top < 0) return undefined;
    const row = new BitMask(this.width, 1, columns);
    let left = 0;
    while (!row.get(left, 0)) left++;
    let right = this.width - 1;
    while (!row.get(right, 0)) right--;
    return { x: left, y: top, width: right - left + 1, height: bottom - top + 1 };
  }

  /** Return a copy that shares nothing with this mask. */
  copy(): BitMask {
    return new BitMask(this.width, this.height, this.data.slice());
  }

  /** Add the inside of another mask of the same size. */
  union(other: BitMask): void {
    this.requireSize(other);
    for (let i = 0; i < this.data.length; i++) this.data[i] = (this.data[i] ?? 0) | (other.data[i] ?? 0);
  }

  /** Take the inside of another mask of the same size away. */
  subtract(other: BitMask): void {
    this.requireSize(other);
    for (let i = 0; i < this.data.length; i++) this.data[i] = (this.data[i] ?? 0) & ~(other.data[i] ?? 0);
  }

  /** Turn the inside out. */
  invert(): void {
    const used = this.width & 7;
    const tail = used ? (0xff << (8 - used)) & 0xff : 0xff;
    for (let i = 0; i < this.data.length; i++) this.data[i] = ~(this.data[i] ?? 0) & 0xff;
    for (let at = this.stride - 1; at < this.data.length; at += this.stride)
      this.data[at] = (this.data[at] ?? 0) & tail;
  }

  /** Return whether another mask has the same size and the same inside. */
  equals(other: BitMask): boolean {
    if (other.width !== this.width || other.height !== this.height) return false;
    return this.data.every((byte, i) => byte === other.data[i]);
  }

  private requireSize(other: BitMask): void {
    if (other.width !== this.width || other.height !== this.height) {
      throw new RangeError(
        `a mask of ${other.width}x${other.height} pixels does not fit one of ${this.width}x${this.height}`,
      );
    }
  }
}

/**
 * Return a mask scaled to another size: a pixel is inside where at least `share` (0..1, above 0) of the pixels that it
 * stands for are. Scaling to a larger size repeats pixels.
 */
export function scaleMask(mask: BitMask, width: number, height: number, share = 0.5): BitMask {
  if (mask.width === width && mask.height === height) return mask.copy();
  return width > mask.width || height > mask.height
    ? nearest(mask, width, height)
    : shrink(mask, width, height, share);
}

function nearest(mask: BitMask, width: number, height: number): BitMask {
  const scaled = new BitMask(width, height);
  for (let y = 0; y < height; y++) {
    const from = Math.floor(((y + 0.5) * mask.height) / height);
    for (let x = 0; x < width; x++) {
      if (mask.get(Math.floor(((x + 0.5) * mask.width) / width), from)) scaled.fillSpan(y, x, x + 1, true);
    }
  }
  return scaled;
}

function shrink(mask: BitMask, width: number, height: number, share: number): BitMask {
  const scaled = new BitMask(width, height);
  const column = Uint32Array.from({ length: mask.width }, (_, x) => Math.floor((x * width) / mask.width));
  const perColumn = new Uint32Array(width);
  for (const x of column) perColumn[x] = (perColumn[x] ?? 0) + 1;
  const counts = new Uint32Array(width);
  let next = 0;
  for (let y = 0; y < height; y++) {
    counts.fill(0);
    const end = y + 1 === height ? mask.height : Math.ceil(((y + 1) * mask.height) / height);
    const rows = end - next;
    for (; next < end; next++) addRow(mask, next, column, counts);
    for (let x = 0; x < width; x++) {
      const inside = counts[x] ?? 0;
      if (inside && inside >= share * rows * (perColumn[x] ?? 0)) scaled.fillSpan(y, x, x + 1, true);
    }
  }
  return scaled;
}

function addRow(mask: BitMask, y: number, column: Uint32Array, counts: Uint32Array): void {
  for (let i = 0, at = y * mask.stride; i < mask.stride; i++, at++) {
    const byte = mask.data[at] ?? 0;
    if (!byte) continue; // most bytes of a mask are empty
    for (let bit = 0; bit < 8; bit++) {
      if (!(byte & (0x80 >> bit))) continue;
      const to = column[i * 8 + bit] ?? 0;
      counts[to] = (counts[to] ?? 0) + 1;
    }
  }
}
