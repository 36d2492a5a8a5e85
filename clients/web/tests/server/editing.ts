/** Edits of the test server: the words say which thing and which colour, and the steps take their time. */
import { create, type MessageInitShape } from "@bufbuild/protobuf";
import { timestampNow } from "@bufbuild/protobuf/wkt";

import { type Node, NodeEventSchema, NodeState } from "../../src/gen/langdesign/design/v1/design_pb";
import {
  type EditEvent,
  EditEventSchema,
  type EditRegionSchema,
  type PlanEditResponse,
  PlanEditResponseSchema,
  NoOpReason,
  Preserve,
  PreviewEventSchema,
  type Region,
} from "../../src/gen/langdesign/editing/v1/editing_pb";
import {
  Operation,
  type Plan,
  PlanSchema,
  type PlannedEdit,
  type PlannedEditSchema,
  Reader,
  Role,
  Scope,
} from "../../src/gen/langdesign/reference/v1/reference_pb";
import {
  boxOf,
  decodeMask,
  encodeJpeg,
  encodeMask,
  maskOfRect,
  type MaskPixels,
  type Picture,
  rectOf,
  scaled,
  THINGS,
  tinted,
} from "./pictures";
import type { KeptDesign, Store } from "./store";

const COLOURS: Record<string, readonly [number, number, number]> = {
  red: [196, 62, 52],
  green: [86, 128, 84],
  blue: [62, 98, 168],
  yellow: [222, 178, 66],
  white: [226, 222, 214],
  black: [54, 52, 50],
  pink: [216, 142, 156],
  navy: [48, 58, 98],
  oak: [190, 150, 104],
};

const SPREAD: readonly (readonly [number, number, number])[] = Object.values(COLOURS);

function wordIn(text: string, words: string[]): string | undefined {
  return words.find((word) => new RegExp(`\\b${word}`, "i").test(text));
}

function maskOf(picture: Picture, instruction: string, region: Region | undefined): MaskPixels | undefined {
  const { width, height } = picture;
  if (region?.kind.case === "mask" && region.kind.value.encoding.case === "png")
    return decodeMask(region.kind.value.encoding.value);
  if (region?.kind.case === "box") return maskOfRect(width, height, region.kind.value);
  if (region?.kind.case === "whole") return maskOfRect(width, height, { x: 0, y: 0, width, height });
  const words = region?.kind.case === "expression" ? region.kind.value : instruction;
  const thing = wordIn(words, Object.keys(THINGS).reverse());
  const rect = thing && rectOf(width, height, thing);
  return rect ? maskOfRect(width, height, rect) : undefined;
}

/** The things that a clause names, absent ones too: "the elephant". */
function nounOf(clause: string): string | undefined {
  return wordIn(clause, Object.keys(THINGS)) ?? /\bthe (\w+)/i.exec(clause)?.[1];
}

function plannedEdit(clause: string): MessageInitShape<typeof PlannedEditSchema> {
  const noun = nounOf(clause);
  const at = noun ? clause.toLowerCase().indexOf(noun) : -1;
  const reference = noun && { expression: noun, start: at, end: at + noun.length, role: Role.TARGET };
  return {
    operation: wordIn(clause, Object.keys(COLOURS)) ? Operation.RECOLOUR : Operation.OTHER,
    scope: Scope.REGION,
    references: reference ? [{ ...reference, english: noun }] : [],
    instruction: clause,
    unknownWords: noun === "pouf" ? [noun] : [],
  };
}

/** A clause is an edit; "cosier" is a wish, "soffa" a slip. */
function readInstruction(instruction: string): Plan {
  const wish = /cosier/i.test(instruction);
  const text = wish ? "make the lamp yellow and make the rug red" : instruction.replace(/soffa/gi, "sofa");
  const edits = text.split(" and ").map(plannedEdit);
  return create(PlanSchema, {
    edits,
    confidence: edits.every(({ references }) => references?.length) ? 0.93 : 0.2,
    reader: Reader.PARSER,
    language: "en",
    corrections: /soffa/i.test(instruction) ? [{ written: "soffa", read: "sofa" }] : [],
    wish,
  });
}

function regionOf(
  picture: Picture,
  edit: PlannedEdit,
  at: number,
): MessageInitShape<typeof EditRegionSchema> {
  if (edit.unknownWords.length)
    return { edit: at, noOpReason: NoOpReason.UNKNOWN_WORDS, unknownWords: edit.unknownWords };
  const mask = maskOf(picture, edit.instruction, undefined);
  return mask ? { edit: at, ...whereOf(mask) } : { edit: at, noOpReason: NoOpReason.NO_TARGET };
}

function whereOf(mask: MaskPixels) {
  const box = boxOf(mask);
  return {
    mask: box && { encoding: { case: "png" as const, value: encodeMask(mask) } },
    box,
    coverage: mask.inside.reduce((sum, one) => sum + one, 0) / mask.inside.length,
  };
}

function unionOf(masks: MaskPixels[]): MaskPixels | undefined {
  const [first, ...others] = masks;
  if (!first) return undefined;
  return {
    ...first,
    inside: first.inside.map((one, at) => (one || others.some(({ inside }) => inside[at]) ? 1 : 0)),
  };
}

/** How an instruction is read: the things it names, where they are, or that nobody could read it. */
export function plan(
  picture: Picture,
  instruction: string,
  region: Region | undefined,
  given?: Plan,
): PlanEditResponse {
  if (region) {
    const mask = maskOf(picture, instruction, region);
    return create(PlanEditResponseSchema, {
      plan: {},
      mask: mask && whereOf(mask),
      noOpReason: mask
        ? boxOf(mask)
          ? NoOpReason.UNSPECIFIED
          : NoOpReason.EMPTY_MASK
        : NoOpReason.NO_TARGET,
    });
  }
  const read = given ?? readInstruction(instruction);
  const regions = read.edits.map((edit, at) => regionOf(picture, edit, at));
  const done = read.edits.filter((_, at) => !regions[at]?.noOpReason);
  const all = unionOf(done.flatMap((edit) => maskOf(picture, edit.instruction, undefined) ?? []));
  return create(PlanEditResponseSchema, {
    plan: { plan: read },
    mask: { ...(all && whereOf(all)), regions },
    noOpReason: all ? NoOpReason.UNSPECIFIED : regions[0]?.noOpReason,
  });
}

/** Every edit of the plan in its own colour; where the words name none, in one of the seed's. */
function painted(
  picture: Picture,
  { plan: read, mask }: PlanEditResponse,
  instruction: string,
  seed: number,
): Picture {
  const parts = mask?.regions.length ? mask.regions : mask ? [{ edit: 0, mask: mask.mask }] : [];
  return parts.reduce((result, part) => {
    const pixels = part.mask?.encoding.case === "png" ? decodeMask(part.mask.encoding.value) : undefined;
    if (!pixels) return result;
    const word = wordIn(read?.plan?.edits[part.edit]?.instruction ?? instruction, Object.keys(COLOURS));
    const base = COLOURS[word ?? ""] ?? SPREAD[seed % SPREAD.length] ?? [128, 128, 128];
    const [r = 0, g = 0, b = 0] = base.map((value) => Math.min(255, value * (1 + (seed % 5) * 0.06)));
    return tinted(result, pixels, [r, g, b]);
  }, picture);
}

const sleep = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

export interface Pace {
  steps: number;
  stepMs: number;
}

/** Runs a node's edit to its end; `tell` gets every event. */
export async function runEdit(
  store: Store,
  kept: KeptDesign,
  node: Node,
  pace: Pace,
  tell: (event: EditEvent) => void,
): Promise<void> {
  let sequence = 0;
  const say = (event: EditEvent["event"]) => {
    sequence += 1;
    const message = create(EditEventSchema, { sequence, time: timestampNow(), event });
    const told = event.case === "result" ? create(EditEventSchema, { ...message }) : message;
    tell(told);
    store.event(kept, create(NodeEventSchema, { node: node.name, event: told }));
  };
  const picture = store.picture(node.parent);
  const edit = node.edit;
  if (!edit) return;
  const read = plan(picture, edit.instruction, edit.region, edit.planGiven ? edit.plan?.plan : undefined);
  await sleep(pace.stepMs);
  if (read.plan) {
    edit.plan = read.plan.plan && read.plan;
    say({ case: "plan", value: read.plan });
  }
  await sleep(pace.stepMs);
  if (read.mask) {
    edit.mask = read.mask.mask;
    say({ case: "mask", value: read.mask });
  }
  const seed = Number(edit.options?.seed ?? 0n);
  const result = store.one(painted(picture, read, edit.instruction, seed));
  const small = scaled(result, 192);
  for (let step = 1; step <= pace.steps; step += 1) {
    await sleep(pace.stepMs);
    if (node.state !== NodeState.RUNNING) return;
    const data = step % 2 === 0 ? encodeJpeg(small, Math.min(88, 20 + step * 4)) : undefined;
    const image = data && { source: { case: "data" as const, value: data } };
    say({ case: "preview", value: create(PreviewEventSchema, { step, steps: pace.steps, image }) });
  }
  if (/\bfail\b/i.test(edit.instruction)) {
    const failure = { code: 13, message: "the editor's model server does not answer; try again in a minute" };
    node.state = NodeState.FAILED;
    node.failure = { $typeName: "langdesign.editing.v1.FailedEvent", ...failure };
    say({ case: "failed", value: node.failure });
    store.changed(kept, node);
    return;
  }
  const covered = BigInt(Math.round((read.mask?.coverage ?? 0) * picture.width * picture.height));
  const all = BigInt(picture.width * picture.height);
  const response = create(EditEventSchema, {
    event: {
      case: "result",
      value: {
        noOpReason: read.noOpReason,
        report: {
          preserve: edit.options?.preserve || Preserve.STRICT,
          inside: {
            pixels: covered,
            changedShare: covered ? 1 : 0,
            meanDifference: covered ? 41.5 : 0,
            psnr: 14.2,
          },
          outside: { pixels: all - covered, changedShare: 0, meanDifference: 0 },
        },
        seed: BigInt(seed),
        checkpoint: "test@sha256:0",
        edits: read.mask?.regions.map(({ edit: at, noOpReason, unknownWords }) => ({
          edit: at,
          instruction: read.plan?.plan?.edits[at]?.instruction ?? "",
          noOpReason,
          unknownWords,
          inside: noOpReason ? undefined : { changedShare: 1 },
        })),
      },
    },
  }).event;
  if (response.case === "result") {
    edit.result = response.value;
    store.finish(node, result);
    say(response);
  }
}
