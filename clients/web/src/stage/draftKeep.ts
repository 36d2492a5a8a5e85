/** Drafts over a reload: as text in the tab's own storage, which ends with the tab. */

import { type Draft, EMPTY_DRAFT } from "./draft";
import { BitMask } from "./mask/bitmask";
import { decodeRunLength, encodeRunLength } from "./mask/runLength";

const KEY = "langdesign.drafts";

type Drafts = ReadonlyMap<string, Draft>;

/** Return drafts as text; `marks`: with what was marked on the pictures. */
export function writeDrafts(drafts: Drafts, marks = true): string {
  const kept = [...drafts].map(([node, draft]) => [node, marks ? draft : { ...draft, done: [], undone: [] }]);
  return JSON.stringify(kept, (_, value: unknown) => {
    if (typeof value === "bigint") return { $number: value.toString() };
    if (value instanceof BitMask)
      return { $mask: encodeRunLength(value), width: value.width, height: value.height };
    return value;
  });
}

/** Return the drafts of a text; none where it is not one of `writeDrafts`. */
export function readDrafts(text: string): Map<string, Draft> {
  try {
    const kept = JSON.parse(text, (_, value: unknown) => {
      if (typeof value !== "object" || value === null) return value;
      if ("$number" in value) return BigInt(String(value.$number));
      if ("$mask" in value && "width" in value && "height" in value)
        return decodeRunLength(String(value.$mask), Number(value.width), Number(value.height));
      return value;
    }) as [string, Draft][];
    return new Map(kept.map(([node, draft]) => [node, { ...EMPTY_DRAFT, ...draft }]));
  } catch {
    return new Map();
  }
}

/** Store drafts for the page that comes after this one; where there is no room for the marks, without them. */
export function storeDrafts(drafts: Drafts): void {
  for (const marks of [true, false]) {
    try {
      return sessionStorage.setItem(KEY, writeDrafts(drafts, marks));
    } catch {
      // A browser that keeps nothing, or no room: the words alone may fit.
    }
  }
}

/** Return what the page before this one stored in this tab. */
export function storedDrafts(): Map<string, Draft> {
  try {
    return readDrafts(sessionStorage.getItem(KEY) ?? "[]");
  } catch {
    return new Map();
  }
}
