/** What was done to a mask, step by step, so that each step can be taken back. Values are never changed in place. */

import { BitMask, type Rect, scaleMask } from "./bitmask";
import { drawBox, drawStroke, type Stroke } from "./shapes";

/** One step of correcting a mask. */
export type Step =
  | { readonly kind: "stroke"; readonly inside: boolean; readonly stroke: Stroke }
  | { readonly kind: "box"; readonly inside: boolean; readonly box: Rect }
  /** A mask that was found, by which expression if by one: put in place of what is there, added, or taken away. */
  | { readonly kind: "found"; readonly how: How; readonly mask: BitMask; readonly expression?: string }
  /** What was found before anything was marked: the ground that the first step stands on, and goes with. */
  | { readonly kind: "ground"; readonly mask: BitMask }
  | { readonly kind: "clear" }
  | { readonly kind: "invert" };

/** What is done with a mask that was found. */
export type How = "replace" | "add" | "remove";

/** The steps of a mask of a picture of `width` x `height` pixels. */
export interface MaskHistory {
  readonly width: number;
  readonly height: number;
  readonly done: readonly Step[];
  readonly undone: readonly Step[];
}

/** Return the history of an untouched mask. */
export function emptyHistory(width: number, height: number): MaskHistory {
  return { width, height, done: [], undone: [] };
}

/** Return the history with a step more; what had been undone is forgotten. */
export function withStep(history: MaskHistory, step: Step): MaskHistory {
  return { ...history, done: [...history.done, step], undone: [] };
}

/** Return the history without its last step, which `redo` brings back; a ground does not stay alone. */
export function undo(history: MaskHistory): MaskHistory {
  const step = history.done.at(-1);
  if (!step) return history;
  const before = { ...history, done: history.done.slice(0, -1), undone: [...history.undone, step] };
  return isBare(before) ? undo(before) : before;
}

/** Return the history with the step that was undone last. */
export function redo(history: MaskHistory): MaskHistory {
  const step = history.undone.at(-1);
  if (!step) return history;
  const after = { ...history, done: [...history.done, step], undone: history.undone.slice(0, -1) };
  return isBare(after) ? redo(after) : after;
}

function isBare({ done }: MaskHistory): boolean {
  return done.length === 1 && done[0]?.kind === "ground";
}

/** Return the scale of a mask to look at: its longest side is `maxSide` pixels at most. */
export function previewScale(width: number, height: number, maxSide: number): number {
  return Math.min(1, maxSide / Math.max(width, height));
}

/** Draw the mask at a scale of the picture: 1 is exact at the picture's size, less is for looking at. */
export function renderMask(history: MaskHistory, scale = 1): BitMask {
  const mask = new BitMask(
    Math.max(1, Math.round(history.width * scale)),
    Math.max(1, Math.round(history.height * scale)),
  );
  for (const step of effectiveSteps(history.done)) applyStep(mask, step, scale);
  return mask;
}

/** Draw one step more into a mask that shows the steps before it. */
export function applyStep(mask: BitMask, step: Step, scale: number): void {
  switch (step.kind) {
    case "stroke":
      return drawStroke(mask, step.stroke, step.inside, scale);
    case "box":
      return drawBox(mask, step.box, step.inside, scale);
    case "clear":
      mask.data.fill(0);
      return;
    case "invert":
      return mask.invert();
    case "ground":
      applyFound(mask, "replace", scaledOnce(step.mask, mask.width, mask.height));
      return;
    case "found":
      return applyFound(mask, step.how, scaledOnce(step.mask, mask.width, mask.height));
  }
}

function applyFound(mask: BitMask, how: How, found: BitMask): void {
  if (how === "replace") mask.data.set(found.data);
  else if (how === "add") mask.union(found);
  else mask.subtract(found);
}

/** Return the steps that still count: those from the last on that put a mask in place of all before it. */
export function effectiveSteps(steps: readonly Step[]): readonly Step[] {
  const last = steps.findLastIndex(
    (step) => step.kind === "clear" || (step.kind === "found" && step.how === "replace"),
  );
  return steps[last]?.kind === "clear" ? steps.slice(last + 1) : steps.slice(Math.max(0, last));
}

// Scaling a found mask of 48 megapixels down takes longer than all strokes: each is scaled once for the size looked at.
const scaled = new WeakMap<BitMask, BitMask>();

function scaledOnce(mask: BitMask, width: number, height: number): BitMask {
  if (mask.width === width && mask.height === height) return mask;
  const known = scaled.get(mask);
  if (known?.width === width && known.height === height) return known;
  const smaller = scaleMask(mask, width, height);
  scaled.set(mask, smaller);
  return smaller;
}
