/** What a person is about to ask for on a node: words, place, knobs. Kept while the tab is open, so nothing is lost. */

import type { Node, NodeEdit } from "../gen/langdesign/design/v1/design_pb";
import type { Region } from "../gen/langdesign/editing/v1/editing_pb";
import { effectiveSteps, type MaskHistory, renderMask, type Step } from "./mask/history";
import { boxRegion, expressionRegion, maskRegion, readMask, wholeRegion } from "./mask/message";
import { type Knobs, knobsOf } from "./words/knobs";

/** A request in the making. */
export interface Draft {
  readonly instruction: string;
  /** Steps of a mask that was marked; none means that the place is found out. */
  readonly done: readonly Step[];
  readonly undone: readonly Step[];
  /** The whole picture is meant, whatever is marked. */
  readonly whole: boolean;
  readonly knobs: Knobs;
  /** How many results side by side, 1..8. */
  readonly candidates: number;
  /** Name of the model that edits; empty for the default. */
  readonly model: string;
}

export const EMPTY_DRAFT: Draft = {
  instruction: "",
  done: [],
  undone: [],
  whole: false,
  knobs: {},
  candidates: 1,
  model: "",
};

/** Return the history of a draft's mask, for a picture of this size. */
export function historyOf(draft: Draft, width: number, height: number): MaskHistory {
  return { width, height, done: draft.done, undone: draft.undone };
}

/**
 * Return where a draft acts, as the contract says it: absent where it is found out. One box stays a box and one
 * expression an expression, since those can be done again on another picture; all else is a mask of the picture's size.
 */
export async function regionOf(draft: Draft, width: number, height: number): Promise<Region | undefined> {
  if (draft.whole) return wholeRegion();
  if (!draft.done.length) return undefined;
  const [only, ...more] = effectiveSteps(draft.done);
  if (only && !more.length) {
    if (only.kind === "box" && only.inside) return boxRegion(clipped(only.box, width, height));
    if (only.kind === "found" && only.expression) return expressionRegion(only.expression);
  }
  return maskRegion(renderMask(historyOf(draft, width, height)));
}

/** Return the draft that would ask for a node's edit again. */
export async function draftOfEdit(edit: NodeEdit): Promise<Draft> {
  const draft = {
    ...EMPTY_DRAFT,
    instruction: edit.instruction,
    knobs: knobsOf(edit.options),
    model: edit.model,
  };
  const region = edit.region?.kind;
  switch (region?.case) {
    case "whole":
      return { ...draft, whole: true };
    case "box":
      return { ...draft, done: [{ kind: "box", inside: true, box: region.value }] };
    case "mask":
      return { ...draft, done: [{ kind: "found", how: "replace", mask: await readMask(region.value) }] };
    case "expression": {
      if (!edit.mask) return draft;
      const mask = await readMask(edit.mask);
      return { ...draft, done: [{ kind: "found", how: "replace", mask, expression: region.value }] };
    }
    case undefined:
      return draft;
  }
}

/**
 * Return the seed for another try: candidates take it and those after it, and the same seed gives the same picture, so
 * it comes after all that the same instruction had on this parent.
 */
export function nextSeed(nodes: readonly Node[], parent: string, instruction: string): bigint {
  let next = 0n;
  for (const node of nodes) {
    if (node.parent !== parent || node.edit?.instruction !== instruction) continue;
    const seed = node.edit.options?.seed ?? 0n;
    if (seed >= next) next = seed + 1n;
  }
  return next;
}

function clipped(
  box: { x: number; y: number; width: number; height: number },
  width: number,
  height: number,
) {
  const x = Math.max(0, Math.min(box.x, width - 1));
  const y = Math.max(0, Math.min(box.y, height - 1));
  return {
    x,
    y,
    width: Math.min(box.x + box.width, width) - x,
    height: Math.min(box.y + box.height, height) - y,
  };
}
