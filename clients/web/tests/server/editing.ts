/** Edits of the test server: the words say which thing and which colour, and the steps take their time. */
import { create } from "@bufbuild/protobuf";
import { timestampNow } from "@bufbuild/protobuf/wkt";

import { type Node, NodeEventSchema, NodeState } from "../../src/gen/langdesign/design/v1/design_pb";
import {
  type EditEvent,
  EditEventSchema,
  type PlanEditResponse,
  PlanEditResponseSchema,
  NoOpReason,
  Preserve,
  PreviewEventSchema,
  type Region,
} from "../../src/gen/langdesign/editing/v1/editing_pb";
import { Operation, Role, Scope } from "../../src/gen/langdesign/reference/v1/reference_pb";
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

/** How an instruction is read: the thing it names, where that is, or that nobody could read it. */
export function plan(picture: Picture, instruction: string, region: Region | undefined): PlanEditResponse {
  const mask = maskOf(picture, instruction, region);
  const thing = wordIn(instruction, Object.keys(THINGS));
  const at = thing ? instruction.toLowerCase().indexOf(thing) : -1;
  const box = mask && boxOf(mask);
  const covered = mask ? mask.inside.reduce((sum, one) => sum + one, 0) / mask.inside.length : 0;
  return create(PlanEditResponseSchema, {
    plan: {
      plan: region
        ? undefined
        : {
            operation: wordIn(instruction, Object.keys(COLOURS)) ? Operation.RECOLOUR : Operation.OTHER,
            scope: Scope.REGION,
            references: thing
              ? [{ expression: thing, start: at, end: at + thing.length, role: Role.TARGET }]
              : [],
            confidence: thing ? 0.93 : 0.2,
            language: "en",
          },
    },
    mask: {
      mask: mask && box ? { encoding: { case: "png", value: encodeMask(mask) } } : undefined,
      box,
      coverage: covered,
    },
    noOpReason: mask ? (box ? NoOpReason.UNSPECIFIED : NoOpReason.EMPTY_MASK) : NoOpReason.NO_TARGET,
  });
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
  const read = plan(picture, edit.instruction, edit.region);
  await sleep(pace.stepMs);
  if (read.plan) {
    edit.plan = read.plan.plan ? read.plan : undefined;
    say({ case: "plan", value: read.plan });
  }
  await sleep(pace.stepMs);
  if (read.mask) {
    edit.mask = read.mask.mask;
    say({ case: "mask", value: read.mask });
  }
  const mask = maskOf(picture, edit.instruction, edit.region);
  const seed = Number(edit.options?.seed ?? 0n);
  const word = wordIn(edit.instruction, Object.keys(COLOURS));
  const base = COLOURS[word ?? ""] ?? SPREAD[seed % SPREAD.length] ?? [128, 128, 128];
  const colour = base.map((value) => Math.min(255, value * (1 + (seed % 5) * 0.06))) as [
    number,
    number,
    number,
  ];
  const result = mask && boxOf(mask) ? tinted(picture, mask, colour) : picture;
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
  const covered = BigInt(mask ? mask.inside.reduce((sum, one) => sum + one, 0) : 0);
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
      },
    },
  }).event;
  if (response.case === "result") {
    edit.result = response.value;
    store.finish(node, result);
    say(response);
  }
}
