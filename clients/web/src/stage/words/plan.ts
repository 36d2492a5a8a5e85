/** What an instruction is read as, in words. */

import {
  type MaskEvent,
  NoOpReason,
  type PlanEditResponse,
  type PlanEvent,
} from "../../gen/langdesign/editing/v1/editing_pb";
import {
  Operation,
  type Plan,
  type Reference,
  Relation,
  Role,
  Scope,
} from "../../gen/langdesign/reference/v1/reference_pb";
import { percent } from "./numbers";

const OPERATIONS: Record<Operation, string> = {
  [Operation.UNSPECIFIED]: "Change",
  [Operation.ADD]: "Add",
  [Operation.REMOVE]: "Remove",
  [Operation.REPLACE]: "Replace",
  [Operation.RECOLOUR]: "Recolour",
  [Operation.RESTYLE]: "Restyle",
  [Operation.MOVE]: "Move",
  [Operation.OTHER]: "Change",
};

const RELATIONS: Record<Relation, string> = {
  [Relation.UNSPECIFIED]: "at",
  [Relation.ON]: "on",
  [Relation.ABOVE]: "above",
  [Relation.BELOW]: "below",
  [Relation.BESIDE]: "beside",
  [Relation.LEFT]: "to the left of",
  [Relation.RIGHT]: "to the right of",
  [Relation.IN_FRONT]: "in front of",
  [Relation.BEHIND]: "behind",
  [Relation.INSIDE]: "inside",
};

const UNSURE = 0.6; // readings below this confidence are told as guesses

/** What an edit would do, for a person to agree to or correct. */
export interface PlanWords {
  /** "Recolour: the left chair". */
  readonly summary: string;
  /** How much of the picture that is; empty where nothing is. */
  readonly extent: string;
  /** What to look at before going on: guesses, words that did not count. */
  readonly doubts: readonly string[];
  /** Set where nothing would change: why, and what to do. */
  readonly nothing?: { readonly why: string; readonly advice: string };
}

/** Return a plan in words: "Recolour: the left chair". */
export function planSummary(plan: Plan | undefined): string {
  if (!plan) return "Change: the marked area";
  const verb = OPERATIONS[plan.operation];
  if (plan.scope === Scope.GLOBAL) return `${verb}: the whole picture`;
  const places = plan.references.map(placeOf).filter(Boolean);
  return places.length ? `${verb}: ${joined(places)}` : verb;
}

/** Return what a node's edit was read as, or undefined where nothing was. */
export function planOfNode(event: PlanEvent | undefined): string | undefined {
  return event?.plan && planSummary(event.plan);
}

/** Return a plan's answer in words. */
export function planWords(answer: PlanEditResponse): PlanWords {
  const plan = answer.plan?.plan;
  const nothing = noOpWords(answer.noOpReason, plan);
  return {
    summary: planSummary(plan),
    extent: nothing ? "" : extentOf(answer.mask),
    doubts: nothing ? [] : doubtsOf(plan, answer.mask),
    ...(nothing && { nothing }),
  };
}

/** Return why nothing was or would be changed, and what to do about it; undefined where something is. */
export function noOpWords(reason: NoOpReason, plan?: Plan): { why: string; advice: string } | undefined {
  switch (reason) {
    case NoOpReason.UNSPECIFIED:
      return undefined;
    case NoOpReason.NO_TARGET:
      return {
        why: `Nothing in the picture was found for ${quoted(plan)}, so nothing is changed.`,
        advice: "Name it in other words, or mark where it is.",
      };
    case NoOpReason.EMPTY_MASK:
      return { why: "Nothing is marked, so nothing is changed.", advice: "Mark where the edit is to act." };
    case NoOpReason.UNREADABLE_INSTRUCTION:
      return {
        why: "The instruction could not be read, so nothing is changed.",
        advice: "Say it in another way, or mark where it is to act.",
      };
  }
}

function placeOf(reference: Reference): string {
  return reference.role === Role.ANCHOR
    ? `${RELATIONS[reference.relation]} ${reference.expression}`
    : reference.expression;
}

function quoted(plan: Plan | undefined): string {
  const names = plan?.references.map((reference) => `“${reference.expression}”`) ?? [];
  return names.length ? joined(names) : "this";
}

function joined(parts: string[]): string {
  return parts.length > 1 ? `${parts.slice(0, -1).join(", ")} and ${parts.at(-1) ?? ""}` : (parts[0] ?? "");
}

function extentOf(mask: MaskEvent | undefined): string {
  if (!mask) return "";
  return mask.coverage >= 1 ? "The whole picture" : `${percent(mask.coverage)} of the picture`;
}

function doubtsOf(plan: Plan | undefined, mask: MaskEvent | undefined): string[] {
  const doubts: string[] = [];
  if (plan && plan.confidence < UNSURE)
    doubts.push("This reading is a guess: check it, or say it in another way.");
  if (plan?.agreed === false) doubts.push("The two readers of the instruction did not agree.");
  if (mask?.truncated)
    doubts.push("The description was too long, and its end did not count: use fewer words.");
  const missing = mask?.noTargetProbability ?? 0;
  if (missing >= 0.25) doubts.push(`It may not be in the picture at all (${percent(missing)} sure of that).`);
  return doubts;
}
