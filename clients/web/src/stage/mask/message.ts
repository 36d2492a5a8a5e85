/** Masks between the contract's messages and the page. */

import { create } from "@bufbuild/protobuf";

import { type Region, RegionSchema } from "../../gen/langdesign/editing/v1/editing_pb";
import type { Mask } from "../../gen/langdesign/media/v1/media_pb";
import type { BitMask, Rect } from "./bitmask";
import { decodePng, encodePng } from "./png";
import { decodeRunLength } from "./runLength";

/** Return the mask of a message. Throw a RangeError where it is damaged. */
export async function readMask(message: Mask): Promise<BitMask> {
  const { encoding } = message;
  if (encoding.case === "png") return decodePng(encoding.value);
  if (encoding.case === "rle") {
    return decodeRunLength(encoding.value.counts, encoding.value.width, encoding.value.height);
  }
  throw new RangeError("the mask is empty");
}

/** Return a region that is exactly a mask. */
export async function maskRegion(mask: BitMask): Promise<Region> {
  const png = await encodePng(mask);
  return create(RegionSchema, { kind: { case: "mask", value: { encoding: { case: "png", value: png } } } });
}

/** Return a region that is a box, its edges rounded to whole pixels. */
export function boxRegion(box: Rect): Region {
  const x = Math.round(box.x);
  const y = Math.round(box.y);
  const width = Math.max(1, Math.round(box.x + box.width) - x);
  const height = Math.max(1, Math.round(box.y + box.height) - y);
  return create(RegionSchema, { kind: { case: "box", value: { x, y, width, height } } });
}

/** Return a region that is found by an expression. */
export function expressionRegion(expression: string): Region {
  return create(RegionSchema, { kind: { case: "expression", value: expression } });
}

/** Return the region that is the whole picture. */
export function wholeRegion(): Region {
  return create(RegionSchema, { kind: { case: "whole", value: true } });
}
