import { create } from "@bufbuild/protobuf";
import { describe, expect, it } from "vitest";

import { NodeEditSchema, NodeSchema } from "../gen/langdesign/design/v1/design_pb";
import { draftOfEdit, EMPTY_DRAFT, historyOf, nextSeed, regionOf } from "./draft";
import { readDrafts, writeDrafts } from "./draftKeep";
import { BitMask } from "./mask/bitmask";
import { renderMask, withStep } from "./mask/history";
import { readMask } from "./mask/message";
import { optionsOf } from "./words/knobs";

const box = { kind: "box", inside: true, box: { x: -4, y: 10, width: 24, height: 50 } } as const;

describe("where a draft acts", () => {
  it("is found out while nothing is marked", async () => {
    expect(await regionOf(EMPTY_DRAFT, 40, 30)).toBeUndefined();
  });

  it("is the whole picture when that is said, whatever is marked", async () => {
    expect((await regionOf({ ...EMPTY_DRAFT, whole: true, done: [box] }, 40, 30))?.kind.case).toBe("whole");
  });

  it("stays a box for a box, within the picture", async () => {
    const region = await regionOf({ ...EMPTY_DRAFT, done: [box] }, 40, 30);
    expect(region?.kind).toMatchObject({ case: "box", value: { x: 0, y: 10, width: 20, height: 20 } });
  });

  it("stays an expression for what one expression found", async () => {
    const found = {
      kind: "found",
      how: "replace",
      mask: new BitMask(40, 30),
      expression: "the lamp",
    } as const;
    const region = await regionOf({ ...EMPTY_DRAFT, done: [found] }, 40, 30);
    expect(region?.kind).toEqual({ case: "expression", value: "the lamp" });
    const instead = [{ kind: "ground", mask: new BitMask(40, 30) } as const, box, found];
    const second = await regionOf({ ...EMPTY_DRAFT, done: instead }, 40, 30);
    expect(second?.kind).toEqual({ case: "expression", value: "the lamp" });
  });

  it("is exactly the mask at the picture's size once it is corrected", async () => {
    const stroke = { kind: "stroke", inside: false, stroke: { radius: 3, points: [5, 12, 30, 20] } } as const;
    const draft = {
      ...EMPTY_DRAFT,
      done: withStep(historyOf({ ...EMPTY_DRAFT, done: [box] }, 401, 303), stroke).done,
    };
    const region = await regionOf(draft, 401, 303);
    if (region?.kind.case !== "mask") throw new Error("no mask");
    const sent = await readMask(region.kind.value);
    expect([sent.width, sent.height]).toEqual([401, 303]);
    expect(sent.equals(renderMask(historyOf(draft, 401, 303)))).toBe(true);
  });
});

describe("a mask that was cleared", () => {
  it("is empty, and not found out; a box in it is a box", async () => {
    const clear = { kind: "clear" } as const;
    const region = await regionOf({ ...EMPTY_DRAFT, done: [box, clear] }, 40, 30);
    if (region?.kind.case !== "mask") throw new Error("no mask");
    expect((await readMask(region.kind.value)).count()).toBe(0);
    expect((await regionOf({ ...EMPTY_DRAFT, done: [clear, box] }, 40, 30))?.kind.case).toBe("box");
  });
});

describe("an edit that is asked for again", () => {
  it("has the words, the place and the knobs that it had", async () => {
    const first = {
      ...EMPTY_DRAFT,
      instruction: "Make it red.",
      done: [box, { kind: "invert" } as const],
      model: "mini",
    };
    const edit = create(NodeEditSchema, {
      instruction: first.instruction,
      region: await regionOf(first, 40, 30),
      options: optionsOf({ boldness: 10 }),
      model: "mini",
    });
    const again = await draftOfEdit(edit);
    expect(again).toMatchObject({ instruction: "Make it red.", model: "mini", knobs: { boldness: 10 } });
    expect(renderMask(historyOf(again, 40, 30)).equals(renderMask(historyOf(first, 40, 30)))).toBe(true);
  });

  it("takes seeds that the same words on the same picture did not have", () => {
    const node = (parent: string, instruction: string, seed?: bigint) =>
      create(NodeSchema, { parent, edit: { instruction, options: seed === undefined ? {} : { seed } } });
    const nodes = [node("a", "Make it red."), node("a", "Make it red.", 3n), node("b", "Make it red.", 9n)];
    expect(nextSeed(nodes, "a", "Make it red.")).toBe(4n);
    expect(nextSeed(nodes, "a", "Make it blue.")).toBe(0n);
    expect(nextSeed([nodes[0] ?? node("a", "")], "a", "Make it red.")).toBe(1n);
  });
});

describe("drafts over a reload", () => {
  const found = new BitMask(40, 30);
  found.fillSpan(7, 3, 21, true);
  const draft = {
    ...EMPTY_DRAFT,
    instruction: "make “it” green",
    done: [{ kind: "ground", mask: found } as const, box],
    undone: [{ kind: "clear" } as const],
    knobs: { boldness: 2.4, seed: 2n ** 60n },
    candidates: 3,
  };

  it("come back with their words, knobs and marks", () => {
    const back = readDrafts(writeDrafts(new Map([["designs/a/nodes/b", draft]]))).get("designs/a/nodes/b");
    expect(back).toEqual(draft);
    const [ground] = back?.done ?? [];
    expect(ground?.kind === "ground" && ground.mask.equals(found)).toBe(true);
  });

  it("come back without their marks where there is no room for them", () => {
    const back = readDrafts(writeDrafts(new Map([["n", draft]]), false)).get("n");
    expect(back).toEqual({ ...draft, done: [], undone: [] });
  });

  it("are none where the text is damaged", () => {
    expect(readDrafts("[[1").size).toBe(0);
    expect(readDrafts("{}").size).toBe(0);
  });
});
