/** What an instruction is read as, in words. */

import {
  type EditOutcome,
  type EditRegion,
  type MaskEvent,
  NoOpReason,
  type PlanEditResponse,
  type ResultEvent,
} from "../../gen/langdesign/editing/v1/editing_pb";
import {
  Operation,
  type Plan,
  type PlannedEdit,
  type Reference,
  Relation,
  Role,
  Scope,
} from "../../gen/langdesign/reference/v1/reference_pb";
import { percent } from "./numbers";

/** What stands for a colour and names none: "#0f0", "00FF00", the "RAL" of "RAL 6018". */
const COLOUR_CODE =
  /^(#[0-9a-f]{3}|#?(?=.*\d)[0-9a-f]{6}|#?([0-9a-f])\2{2}(\2{3})?|rgb|hsl|ral|ncs|pantone)$/i;

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
const TINY = 0.01; // of the picture; what words found and is smaller may be another thing

/** Why nothing is changed, and what to do about it. */
export interface NothingWords {
  readonly why: string;
  readonly advice: string;
}

/** One of a plan's edits, for a person. */
export interface EditWords {
  /** "Recolour: the left chair". */
  readonly summary: string;
  /** What the editor is told, where the summary does not say it all. */
  readonly told: string;
  /** How much of the picture that is, and where room was found; or why this edit is not done. */
  readonly extent: string;
  /** Whether it is not done. */
  readonly off: boolean;
}

/** What an edit would do, for a person to agree to or correct. */
export interface PlanWords {
  /** "Recolour: the left chair". */
  readonly summary: string;
  /** How much of the picture that is; empty where nothing is. */
  readonly extent: string;
  /** What was read as something else, "Read “bedd” as “bed”.", or may mean several things. */
  readonly notes: readonly string[];
  /** What to look at before going on: guesses, words that did not count. */
  readonly doubts: readonly string[];
  /** Each edit, where they are worth a list: several, or those that a wish was turned into. */
  readonly edits: readonly EditWords[];
  /** Set where nothing would change: why, and what to do. */
  readonly nothing?: NothingWords;
}

/** Return a plan in words: "Recolour: the left chair; Remove: the rug". */
export function planSummary(plan: Plan | undefined): string {
  return plan ? plan.edits.map(editSummary).join("; ") : "Change: the marked area";
}

/** Return one of a plan's edits in words: "Recolour: the left chair". */
export function editSummary(edit: PlannedEdit): string {
  const verb = OPERATIONS[edit.operation];
  const kept = edit.references.filter(({ role }) => role === Role.KEEP).map(nameOf);
  if (edit.scope === Scope.GLOBAL)
    return `${verb}: ${kept.length ? `all but ${joined(kept)}` : "the whole picture"}`;
  const places = edit.references
    .filter(({ role }) => role !== Role.KEEP)
    .map(placeOf)
    .filter(Boolean);
  // What is added without an anchor refers to nothing that is there: its own words say what it is.
  if (!places.length) return edit.instruction ? sentenceCase(edit.instruction) : verb;
  return `${verb}: ${joined(places)}${kept.length ? `, not ${joined(kept)}` : ""}`;
}

/** Return a plan's answer in words. */
export function planWords(answer: PlanEditResponse): PlanWords {
  const plan = answer.plan?.plan;
  const regions = answer.mask?.regions ?? [];
  const nothing = noOpWords(answer.noOpReason, plan, regions);
  const listed = plan && (plan.edits.length > 1 || (plan.wish && plan.edits.length > 0));
  const at = (edit: number) => regions.find((one) => one.edit === edit);
  const edits = listed ? plan.edits.map((edit, number) => editWords(edit, at(number))) : [];
  return {
    summary: plan?.wish ? "A wish. This would be done:" : planSummary(plan),
    extent: nothing ? "" : togetherWords(extentOf(answer.mask), edits.length),
    notes: [...correctionWords(plan), ...meaningWords(plan)],
    doubts: nothing ? [] : doubtsOf(plan, answer.mask),
    edits,
    ...(nothing && { nothing }),
  };
}

/** Return what became of each edit of a plan that has several, or was done in part: "Remove: the rug: not done. …". */
export function outcomeWords(plan: Plan | undefined, outcomes: readonly EditOutcome[]): string[] {
  if (!plan) return [];
  return outcomes.flatMap(({ edit: at, noOpReason, unknownWords, notFound, transparentShare, inside }) => {
    const edit = plan.edits[at];
    const left = leftOut(notFound) + unseen(transparentShare);
    if (!edit || (plan.edits.length < 2 && (noOpReason || !left))) return [];
    const nothing = reasonWords(noOpReason, namesOf(edit), unknownWords);
    if (nothing) return [`${editSummary(edit)}: not done. ${nothing.why}`];
    const done = inside ? `${percent(inside.changedShare)} changed inside` : "done";
    return [`${editSummary(edit)}: ${done}${left}`];
  });
}

/** Return what of an edit was not found, to follow what is told of the rest. */
function leftOut(names: readonly string[]): string {
  return names.length ? `, not found: ${joined(names.map((name) => `“${name}”`))}` : "";
}

/** Return how much was left out since nothing is seen there, to follow what is told of the rest. */
function unseen(share: number): string {
  return share ? `, ${percent(share)} of it is transparent and left out` : "";
}

/** Return why nothing was changed, or undefined where something was. */
export function nothingOf(result: ResultEvent | undefined, plan: Plan | undefined): NothingWords | undefined {
  return result && noOpWords(result.noOpReason, plan, result.edits);
}

/** Return the slips that were read as another word. */
export function correctionWords(plan: Plan | undefined): string[] {
  return plan?.corrections.map(({ written, read }) => `Read “${written}” as “${read}”.`) ?? [];
}

/** Return what of a plan may mean several things, each once. */
function meaningWords(plan: Plan | undefined): string[] {
  const named = plan?.edits.flatMap(({ references }) => references) ?? [];
  const several = named.filter(({ alternatives }) => alternatives.length);
  return [...new Set(several.map((one) => `“${one.expression}” may be ${joined(meaningsOf(one), "or")}.`))];
}

/** Return why nothing was or would be changed, and what to do about it; undefined where something is. */
export function noOpWords(
  reason: NoOpReason,
  plan?: Plan,
  told: readonly (EditOutcome | EditRegion)[] = [],
): NothingWords | undefined {
  const first = told.find(({ noOpReason }) => noOpReason === reason);
  const edit = plan?.edits[first?.edit ?? 0];
  const unknown = first?.unknownWords ?? plan?.edits.flatMap(({ unknownWords }) => unknownWords) ?? [];
  return reasonWords(reason, edit ? namesOf(edit) : [], unknown);
}

function reasonWords(
  reason: NoOpReason,
  names: readonly string[],
  unknown: readonly string[],
): NothingWords | undefined {
  const meant = joined(names);
  switch (reason) {
    case NoOpReason.UNSPECIFIED:
      return undefined;
    case NoOpReason.NO_TARGET:
      return {
        why: `The picture shows ${meant ? `nothing for ${meant}` : "nothing that is meant"}: that is certain.`,
        advice: "If it is there, mark where.",
      };
    case NoOpReason.UNCERTAIN:
      return {
        why: `It is not certain that the picture shows ${meant || "what is meant"}.`,
        advice: "Name it in another way, or mark where it is.",
      };
    case NoOpReason.UNKNOWN_WORDS:
      return {
        why: unknown.length
          ? `Not understood: ${joined(unknown.map((word) => `“${word}”`))}.`
          : "A word of it is not understood.",
        advice: unknown.some((word) => COLOUR_CODE.test(word))
          ? "Name the colour, such as “light green”."
          : "Say it in other words, or mark where it is to act.",
      };
    case NoOpReason.NO_PLACE:
      return { why: "No free place was found for it.", advice: "Say where it goes, or mark the place." };
    case NoOpReason.NOTHING_ASKED:
      return { why: "This asks for no change.", advice: "Say what shall change." };
    case NoOpReason.EMPTY_MASK:
      return { why: "Nothing is marked, so nothing is changed.", advice: "Mark where the edit is to act." };
    case NoOpReason.UNREADABLE_INSTRUCTION:
      return {
        why: "The instruction could not be read.",
        advice: "Say it in another way, or mark where it is to act.",
      };
  }
}

function editWords(edit: PlannedEdit, region: EditRegion | undefined): EditWords {
  const unread = edit.unknownWords.length ? NoOpReason.UNKNOWN_WORDS : NoOpReason.UNSPECIFIED;
  const reason = region?.noOpReason || unread;
  const unknown = region?.unknownWords.length ? region.unknownWords : edit.unknownWords;
  const nothing = reasonWords(reason, namesOf(edit), unknown);
  const summary = editSummary(edit);
  const told = edit.instruction === "" || sentenceCase(edit.instruction) === summary ? "" : edit.instruction;
  const at = region?.surface ? `, at ${region.surface}` : "";
  const gently = edit.gentle ? ", gently" : "";
  const left = leftOut(region?.notFound ?? []) + unseen(region?.transparentShare ?? 0);
  const extent = region ? `${shareWords(region.coverage)}${at}${gently}${left}` : "";
  return { summary, told, extent: nothing ? `Not done. ${nothing.why}` : extent, off: Boolean(nothing) };
}

/** What an edit has to find: its targets, or what tells where an added thing goes; each by all that it may be. */
function namesOf(edit: PlannedEdit): string[] {
  const of = (wanted: Role) => edit.references.filter(({ role }) => role === wanted).map(quoted);
  const targets = of(Role.TARGET);
  return targets.length ? targets : of(Role.ANCHOR);
}

function nameOf({ english, expression }: Reference): string {
  return english || expression;
}

function meaningsOf(reference: Reference): string[] {
  return [nameOf(reference), ...reference.alternatives];
}

/** "“the wardrobe” or “the cabinet”". */
function quoted(reference: Reference): string {
  return joined(
    meaningsOf(reference).map((name) => `“${name}”`),
    "or",
  );
}

function placeOf(reference: Reference): string {
  return reference.role === Role.ANCHOR
    ? `${RELATIONS[reference.relation]} ${nameOf(reference)}`
    : nameOf(reference);
}

function sentenceCase(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

function joined(parts: readonly string[], last = "and"): string {
  return parts.length > 1
    ? `${parts.slice(0, -1).join(", ")} ${last} ${parts.at(-1) ?? ""}`
    : (parts[0] ?? "");
}

function extentOf(mask: MaskEvent | undefined): string {
  return mask ? shareWords(mask.coverage) : "";
}

/** One edit of a list says its own share. */
function togetherWords(extent: string, listed: number): string {
  if (!listed || !extent) return extent;
  return listed > 1 ? `Together: ${extent.charAt(0).toLowerCase()}${extent.slice(1)}` : "";
}

function shareWords(coverage: number): string {
  return coverage >= 1 ? "The whole picture" : `${percent(coverage)} of the picture`;
}

/** Return which edits act on so little that was found by words that it may be another thing. */
function tinyWords(plan: Plan | undefined, regions: readonly EditRegion[]): string[] {
  const found = regions.filter(
    ({ coverage, noOpReason, noTargetProbability }) =>
      noTargetProbability !== undefined && !noOpReason && coverage > 0 && coverage < TINY,
  );
  return found.map(({ edit: at, coverage }) => {
    const edit = regions.length > 1 ? plan?.edits[at] : undefined;
    const which = edit ? `${editSummary(edit)}: only` : "Only";
    return `${which} ${shareWords(coverage)}: is it the right place? If not, name it in another way or mark it.`;
  });
}

function doubtsOf(plan: Plan | undefined, mask: MaskEvent | undefined): string[] {
  const doubts: string[] = [];
  if (plan && plan.confidence < UNSURE)
    doubts.push("This reading is a guess: check it, or say it in another way.");
  if (plan?.agreed === false) doubts.push("The two readers of the instruction did not agree.");
  if (mask?.truncated)
    doubts.push("The description was too long, and its end did not count: use fewer words.");
  doubts.push(...tinyWords(plan, mask?.regions ?? []));
  const missing = mask?.noTargetProbability ?? 0;
  if (missing >= 0.25) doubts.push(`It may not be in the picture at all (${percent(missing)} sure of that).`);
  return doubts;
}
