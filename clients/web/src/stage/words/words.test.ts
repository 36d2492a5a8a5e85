import { create, type MessageInitShape } from "@bufbuild/protobuf";
import { describe, expect, it } from "vitest";

import { CompareNodesResponseSchema, PathReportSchema } from "../../gen/langdesign/design/v1/design_pb";
import {
  EditOutcomeSchema,
  EditRegionSchema,
  NoOpReason,
  PlanEditResponseSchema,
  PreservationReportSchema,
  Preserve,
  ResultEventSchema,
} from "../../gen/langdesign/editing/v1/editing_pb";
import {
  Operation,
  type PlannedEditSchema,
  PlanSchema,
  Relation,
  Role,
  Scope,
} from "../../gen/langdesign/reference/v1/reference_pb";
import {
  AS_ADVISED,
  boldnessOf,
  choiceAt,
  choiceLabel,
  closenessOf,
  knobsOf,
  optionsOf,
  softnessOf,
  staysOf,
  withoutModel,
} from "./knobs";
import { counted, percent } from "./numbers";
import { noOpWords, outcomeWords, planSummary, planWords } from "./plan";
import { compareReport, editReport, pathReport } from "./report";
import { roomOf, suggestionsFor } from "./suggestions";

const chair = { expression: "den Stuhl", english: "the left chair", role: Role.TARGET };
const rug = { expression: "the rug", english: "the rug", role: Role.TARGET };
const sofa = { expression: "the sofa", english: "the sofa", role: Role.KEEP };
const recolour = {
  operation: Operation.RECOLOUR,
  scope: Scope.REGION,
  references: [chair],
  instruction: "make the left chair green",
};
const remove = {
  operation: Operation.REMOVE,
  scope: Scope.REGION,
  references: [rug],
  instruction: "remove it",
};
type EditInit = MessageInitShape<typeof PlannedEditSchema>;
const planOf = (...edits: EditInit[]) => create(PlanSchema, { edits, confidence: 0.95 });

describe("a plan in words", () => {
  it("says what is done to what", () => {
    expect(planSummary(planOf(recolour))).toBe("Recolour: the left chair");
    expect(planSummary(planOf({ ...recolour, references: [chair, rug] }))).toBe(
      "Recolour: the left chair and the rug",
    );
    expect(planSummary(planOf(recolour, remove))).toBe("Recolour: the left chair; Remove: the rug");
  });

  it("says where a thing is added, and what is added where the words name no place", () => {
    const table = { expression: "the table", role: Role.ANCHOR, relation: Relation.ON };
    const add = { operation: Operation.ADD, scope: Scope.REGION, instruction: "add a plant" };
    expect(planSummary(planOf({ ...add, references: [table] }))).toBe("Add: on the table");
    expect(planSummary(planOf(add))).toBe("Add a plant");
  });

  it("says that the whole picture is meant, what is kept, or what was marked", () => {
    const whole = { operation: Operation.RESTYLE, scope: Scope.GLOBAL };
    expect(planSummary(planOf(whole))).toBe("Restyle: the whole picture");
    expect(planSummary(planOf({ ...whole, references: [sofa] }))).toBe("Restyle: all but the sofa");
    expect(planSummary(planOf({ ...recolour, references: [chair, sofa] }))).toBe(
      "Recolour: the left chair, not the sofa",
    );
    expect(planSummary(undefined)).toBe("Change: the marked area");
  });

  it("says how much of the picture it is, and what is doubtful", () => {
    const plan = planOf(recolour);
    const sure = planWords(create(PlanEditResponseSchema, { plan: { plan }, mask: { coverage: 0.043 } }));
    expect(sure).toEqual({
      summary: "Recolour: the left chair",
      extent: "4.3% of the picture",
      notes: [],
      doubts: [],
      edits: [],
    });
    const guess = planWords(
      create(PlanEditResponseSchema, {
        plan: { plan: { ...plan, confidence: 0.4, agreed: false } },
        mask: { coverage: 0.5, truncated: true, noTargetProbability: 0.4 },
      }),
    );
    expect(guess.doubts).toHaveLength(4);
  });

  it("names all that a thing may be, and says what is absent by all of them", () => {
    const cabinet = {
      expression: "den Schrank",
      english: "the wardrobe",
      role: Role.TARGET,
      alternatives: ["the cabinet", "the cupboard"],
    };
    const { notes, nothing } = planWords(
      create(PlanEditResponseSchema, {
        plan: { plan: planOf({ ...recolour, references: [cabinet] }) },
        noOpReason: NoOpReason.NO_TARGET,
        mask: {},
      }),
    );
    expect(notes).toEqual(["“den Schrank” may be the wardrobe, the cabinet or the cupboard."]);
    expect(nothing?.why).toBe(
      "The picture shows nothing for “the wardrobe”, “the cabinet” or “the cupboard”: that is certain.",
    );
  });

  it("lists several edits, each with where it acts or why it is not done", () => {
    const unknown = { operation: Operation.ADD, scope: Scope.REGION, unknownWords: ["Sitzpouf"] };
    const { edits } = planWords(
      create(PlanEditResponseSchema, {
        plan: { plan: planOf(recolour, remove, unknown) },
        mask: {
          regions: [
            { edit: 0, coverage: 0.2, surface: "the wall" },
            { edit: 1, noOpReason: NoOpReason.NO_TARGET },
            { edit: 2, noOpReason: NoOpReason.UNKNOWN_WORDS, unknownWords: ["Sitzpouf"] },
          ],
        },
      }),
    );
    expect(edits[0]).toEqual({
      summary: "Recolour: the left chair",
      told: "make the left chair green",
      extent: "20% of the picture, at the wall",
      off: false,
    });
    expect(edits[1]?.extent).toBe("Not done. The picture shows nothing for “the rug”: that is certain.");
    expect(edits[2]?.extent).toBe("Not done. Not understood: “Sitzpouf”.");
  });

  it.each([
    ["00FF00", "Name the colour, such as “light green”."],
    ["#0f0", "Name the colour, such as “light green”."],
    ["facade", "Say it in other words, or mark where it is to act."],
  ])("advises what to say for %s", (word, advice) => {
    const region = create(EditRegionSchema, { noOpReason: NoOpReason.UNKNOWN_WORDS, unknownWords: [word] });
    expect(noOpWords(NoOpReason.UNKNOWN_WORDS, undefined, [region])?.advice).toBe(advice);
  });

  it("says how much of where an edit acts is transparent and left out", () => {
    const { edits } = planWords(
      create(PlanEditResponseSchema, {
        plan: { plan: planOf(recolour, remove) },
        mask: { coverage: 0.2, regions: [{ edit: 0, coverage: 0.2, transparentShare: 0.5 }] },
      }),
    );
    expect(edits[0]?.extent).toBe("20% of the picture, 50% of it is transparent and left out");
    const outcome = create(EditOutcomeSchema, {
      edit: 0,
      transparentShare: 0.5,
      inside: { changedShare: 0.9 },
    });
    expect(outcomeWords(create(PlanSchema, planOf(recolour)), [outcome])).toEqual([
      "Recolour: the left chair: 90% changed inside, 50% of it is transparent and left out",
    ]);
  });

  it("asks whether next to nothing is the right place, where words found it", () => {
    const doubtsOf = (...regions: { edit?: number; coverage: number; noTargetProbability?: number }[]) =>
      planWords(
        create(PlanEditResponseSchema, { plan: { plan: planOf(recolour, remove) }, mask: { regions } }),
      ).doubts;
    expect(doubtsOf({ coverage: 0.003, noTargetProbability: 0.1 })).toEqual([
      "Only 0.3% of the picture: is it the right place? If not, name it in another way or mark it.",
    ]);
    const large = { coverage: 0.2, noTargetProbability: 0.1 };
    const [doubt, ...others] = doubtsOf(large, { edit: 1, coverage: 0.003, noTargetProbability: 0.1 });
    expect(doubt).toMatch(/^Remove: the rug: only 0\.3% of the picture/);
    expect(others).toEqual([]);
    expect(doubtsOf({ coverage: 0.003 })).toEqual([]);
  });

  it("lists the one edit of a wish, and tells slips", () => {
    const gentle = { operation: Operation.RESTYLE, scope: Scope.GLOBAL, gentle: true };
    const corrections = [{ written: "cosyer", read: "cosier" }];
    const words = planWords(
      create(PlanEditResponseSchema, {
        plan: { plan: { edits: [gentle], confidence: 0.95, wish: true, corrections } },
        mask: { coverage: 1, regions: [{ coverage: 1 }] },
      }),
    );
    expect(words.summary).toMatch(/^A wish/);
    expect(words.edits.map(({ extent }) => extent)).toEqual(["The whole picture, gently"]);
    expect(words.notes).toEqual(["Read “cosyer” as “cosier”."]);
  });

  it("says honestly that nothing would change, why, and what to do", () => {
    const answer = (noOpReason: NoOpReason) =>
      planWords(create(PlanEditResponseSchema, { plan: { plan: planOf(recolour) }, noOpReason, mask: {} }));
    expect(answer(NoOpReason.NO_TARGET).nothing?.why).toContain("“the left chair”: that is certain");
    expect(answer(NoOpReason.UNCERTAIN).nothing?.why).toContain(
      "not certain that the picture shows “the left",
    );
    expect(answer(NoOpReason.EMPTY_MASK).nothing?.advice).toMatch(/Mark/);
    expect(answer(NoOpReason.UNREADABLE_INSTRUCTION).nothing?.advice).toMatch(/another way/);
    expect(answer(NoOpReason.NO_PLACE).nothing?.advice).toMatch(/Say where/);
    expect(answer(NoOpReason.NO_TARGET).extent).toBe("");
  });

  it("tells of each edit of a result what became of it", () => {
    const { edits } = create(ResultEventSchema, {
      edits: [{ inside: { changedShare: 0.5 } }, { edit: 1, noOpReason: NoOpReason.UNCERTAIN }],
    });
    expect(outcomeWords(planOf(recolour, remove), edits)).toEqual([
      "Recolour: the left chair: 50% changed inside",
      "Remove: the rug: not done. It is not certain that the picture shows “the rug”.",
    ]);
    expect(outcomeWords(planOf(recolour), edits)).toEqual([]);
  });
});

describe("a report in words", () => {
  const inside = { pixels: 40_000n, changedShare: 0.87, meanDifference: 31.2 };

  it("says that nothing outside changed, and of how many pixels", () => {
    const report = create(PreservationReportSchema, {
      preserve: Preserve.STRICT,
      inside,
      outside: { pixels: 11_234_567n },
    });
    expect(editReport(report)).toEqual({
      headline: "Outside the mask: 0 pixels changed",
      kept: true,
      details: [
        "11,234,567 pixels outside, each as it was",
        "Inside, 0.4% of the picture: 87% of 40,000 pixels changed",
        "By 31.2 of 255 colour levels on average",
      ],
    });
  });

  it("never rounds a change outside to nothing", () => {
    const outside = { pixels: 11_234_567n, changedShare: 1e-8, meanDifference: 1e-7 };
    const words = editReport(
      create(PreservationReportSchema, { preserve: Preserve.LATENT, inside, outside }),
    );
    expect(words.kept).toBe(false);
    expect(words.headline).toBe("Outside the mask: 1 pixel changed");
    expect(words.details).toContain("less than 0.1% of 11,234,567 pixels outside");
  });

  it("says that the whole picture was edited, where nothing is outside", () => {
    const report = create(PreservationReportSchema, { preserve: Preserve.STRICT, inside, outside: {} });
    expect(editReport(report).headline).toBe("The whole picture was edited");
    expect(editReport({ ...report, preserve: Preserve.NONE }).headline).toMatch(/Nothing was held/);
  });

  it("tells of a path and of a comparison", () => {
    expect(pathReport(create(PathReportSchema, { inside, outside: { pixels: 5n } })).headline).toBe(
      "Outside all masks since the first picture: 0 pixels changed",
    );
    const same = create(CompareNodesResponseSchema, { difference: { pixels: 12n } });
    expect(compareReport(same).kept).toBe(true);
    expect(compareReport(same).headline).toBe("The pictures are the same, pixel for pixel");
    const other = create(CompareNodesResponseSchema, {
      difference: { pixels: 10_000_000n, changedShare: 0.25, meanDifference: 3 },
    });
    expect(compareReport(other).details[0]).toBe("about 2.5 million pixels of 10,000,000 pixels");
  });

  it("writes numbers as people read them", () => {
    expect(counted(1, "pixel")).toBe("1 pixel");
    expect(counted(0n, "pixel")).toBe("0 pixels");
    expect(percent(0.00001)).toBe("less than 0.1%");
    expect(percent(0.99999)).toBe("more than 99.9%");
    expect(percent(1)).toBe("100%");
  });
});

describe("the knobs of an edit", () => {
  it("send nothing while they are left alone", () => {
    const options = optionsOf({});
    expect(options.editor.case).toBeUndefined();
    expect(options.seed).toBeUndefined();
    expect(options.preserve).toBe(Preserve.UNSPECIFIED);
  });

  it("come back from the request that they made", () => {
    const knobs = { boldness: 10, closeness: 1.2, stays: Preserve.LATENT, softness: 0, seed: 7n };
    const back = knobsOf(optionsOf(knobs));
    expect(back).toEqual(knobs);
    expect(knobsOf(undefined)).toEqual({});
  });

  it("go by the family of the model", () => {
    const options = optionsOf({ boldness: 10, closeness: 1.2 }, "inpainting");
    expect(options.editor.case).toBe("inpainting");
    expect(knobsOf(options)).toEqual({ boldness: 10 });
    expect(staysOf("inpainting").choices.map(({ value }) => value)).not.toContain(Preserve.ATTENTION);
    expect(staysOf("instructPix2pix").choices).toHaveLength(4);
    const knobs = { boldness: 10, closeness: 1.2, softness: 3, stays: Preserve.LATENT, seed: 7n };
    expect(withoutModel(knobs)).toEqual({ stays: Preserve.LATENT, seed: 7n });
  });

  it("lie around what the model advises, and never beyond what is allowed", () => {
    const values = ({ choices }: ReturnType<typeof boldnessOf>) => choices.map(({ value }) => value);
    expect(values(boldnessOf(7.5))).toEqual([3.6, 5.6, undefined, 10.1, 14]);
    expect(values(boldnessOf(2))).toEqual([1.4, 1.7, undefined, 2.4, 3]);
    expect(values(boldnessOf(25))).toEqual([10.6, 17.8, undefined, 30]);
    expect(values(closenessOf(1.5))).toEqual([1, 1.2, undefined, 1.8, 2.4]);
    expect(values(closenessOf(1))).toEqual([undefined, 1.2, 1.6]);
    expect(values(softnessOf(8))).toEqual([0, undefined, 16, 40]);
    expect(values(softnessOf(2))).toEqual([0, undefined, 4, 10]);
    expect(values(softnessOf(0))).toEqual([undefined]);
  });

  it("have names that say what they do", () => {
    const boldness = boldnessOf(2);
    expect(choiceLabel(boldness, undefined)).toBe(AS_ADVISED);
    expect(choiceLabel(boldness, 2.4)).toBe("Boldly");
    expect(choiceLabel(boldness, 8.25)).toBe("8.25");
    expect(choiceLabel(staysOf(undefined), Preserve.NONE)).toBe("Nothing is held");
    expect([undefined, 1.4, 1.9, 2.1, 8.25].map((value) => choiceAt(boldness, value))).toEqual([
      2, 0, 1, 2, 4,
    ]);
  });
});

describe("suggestions", () => {
  it("go by the room, from what is said about it", () => {
    expect(roomOf(["Flat in Cluj", "Kitchen, north wall"])).toBe("kitchen");
    expect(roomOf(["Schlafzimmer"])).toBe("bedroom");
    expect(roomOf(["Untitled"])).toBe("any");
  });

  it("do not repeat what was done", () => {
    const [first = ""] = suggestionsFor("kitchen");
    expect(suggestionsFor("kitchen", [first.toUpperCase()])).not.toContain(first);
    expect(suggestionsFor("any").length).toBeGreaterThan(3);
  });
});
