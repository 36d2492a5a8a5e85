/** COCO's compressed run-length encoding of masks (Lin et al., "Microsoft COCO"): column order, starting outside. */

import { BitMask } from "./bitmask";

const OFFSET = 48;
const LONGEST = 6; // groups of five bits of the longest number that 8192 x 8192 pixels need, sign included

/** Return the mask of a counts string. Throw a RangeError where it is malformed or does not fill the picture. */
export function decodeRunLength(counts: string, width: number, height: number): BitMask {
  const mask = new BitMask(width, height);
  const total = width * height;
  let at = 0;
  let inside = false;
  for (const run of runsOf(counts)) {
    if (run < 0 || at + run > total)
      throw new RangeError(`the mask's runs do not fill ${width}x${height} pixels`);
    if (inside) fillColumns(mask, at, at + run);
    at += run;
    inside = !inside;
  }
  if (at !== total) throw new RangeError(`the mask's runs do not fill ${width}x${height} pixels`);
  return mask;
}

/** Return the counts string of a mask. */
export function encodeRunLength(mask: BitMask): string {
  const runs: number[] = [];
  let inside = false;
  let length = 0;
  for (let x = 0; x < mask.width; x++) {
    const bit = 0x80 >> (x & 7);
    for (let y = 0, at = x >> 3; y < mask.height; y++, at += mask.stride) {
      const here = ((mask.data[at] ?? 0) & bit) !== 0;
      if (here === inside) {
        length++;
        continue;
      }
      runs.push(length);
      inside = here;
      length = 1;
    }
  }
  runs.push(length);
  return runs.map((run, i) => writeNumber(i > 2 ? run - (runs[i - 2] ?? 0) : run)).join("");
}

function fillColumns(mask: BitMask, from: number, to: number): void {
  let x = Math.floor(from / mask.height);
  let y = from % mask.height;
  for (let left = to - from; left > 0; x++, y = 0) {
    const bit = 0x80 >> (x & 7);
    const end = Math.min(mask.height, y + left);
    left -= end - y;
    for (let at = y * mask.stride + (x >> 3); y < end; y++, at += mask.stride) {
      mask.data[at] = (mask.data[at] ?? 0) | bit;
    }
  }
}

// From the fourth on, a number is the difference to the one two before.
function* runsOf(counts: string): Generator<number> {
  let before = 0;
  let twoBefore = 0;
  let index = 0;
  for (const number of numbersOf(counts)) {
    const run = index > 2 ? number + twoBefore : number;
    yield run;
    twoBefore = before;
    before = run;
    index++;
  }
}

// A number is groups of five bits, lowest first; bit 5 of a character tells that more follow, bit 4 of the last is its sign.
function* numbersOf(counts: string): Generator<number> {
  let number = 0;
  let groups = 0;
  for (let i = 0; i < counts.length; i++) {
    const code = counts.charCodeAt(i) - OFFSET;
    if (code < 0 || code > 0x3f || groups === LONGEST) throw malformed();
    number += (code & 0x1f) * 2 ** (5 * groups++);
    if (code & 0x20) continue;
    yield code & 0x10 ? number - 2 ** (5 * groups) : number;
    number = 0;
    groups = 0;
  }
  if (groups) throw malformed();
}

function writeNumber(number: number): string {
  let text = "";
  for (let rest = number, more = true; more;) {
    const group = rest & 0x1f;
    rest >>= 5;
    more = group & 0x10 ? rest !== -1 : rest !== 0;
    text += String.fromCharCode(group + (more ? 0x20 : 0) + OFFSET);
  }
  return text;
}

function malformed(): RangeError {
  return new RangeError("the mask is not COCO's compressed run-length encoding");
}
