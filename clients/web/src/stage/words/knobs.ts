/** The knobs of an edit under plain names. A knob left alone sends nothing, so that the model's own advice holds. */

import { create } from "@bufbuild/protobuf";

import type { Family } from "../../api/models";
import { type EditOptions, EditOptionsSchema, Preserve } from "../../gen/langdesign/editing/v1/editing_pb";

/** What a person chose; absent means as the model advises. */
export interface Knobs {
  /** Text guidance scale, 1..30. */
  readonly boldness?: number;
  /** Image guidance scale, 1..10. */
  readonly closeness?: number;
  /** Denoising steps, 1..200. */
  readonly steps?: number;
  /** What of the rest stays. */
  readonly stays?: Preserve;
  /** Width of the mask's soft edge, 0..128. */
  readonly softness?: number;
  /** Seed of the noise, >= 0. */
  readonly seed?: bigint;
}

/** A choice of a knob, in words. */
export interface Choice<Value> {
  readonly label: string;
  readonly value: Value | undefined;
}

/** A knob: its plain name, what it does in a line, the field's own name, and its choices from least to most. */
export interface Knob<Value> {
  readonly name: string;
  readonly hint: string;
  readonly term: string;
  readonly choices: readonly Choice<Value>[];
  /** What is taken where it is left alone. */
  readonly advised?: Value;
}

export const AS_ADVISED = "As advised";

/** Return how boldly a model edits, around the text guidance scale that it advises: 1 is no guidance at all. */
export function boldnessOf(advised: number): Knob<number> {
  const around = (factor: number) => rounded(within(1 + (advised - 1) * factor, 1, 30));
  return {
    name: "How boldly",
    hint: "Bold follows your words further; gentle stays nearer to what is there.",
    term: "text guidance scale",
    advised: rounded(advised),
    choices: distinct(advised, [
      { label: "Very gently", value: around(0.4) },
      { label: "Gently", value: around(0.7) },
      { label: AS_ADVISED, value: undefined },
      { label: "Boldly", value: around(1.4) },
      { label: "Very boldly", value: around(2) },
    ]),
  };
}

/** Return how near the original a model stays, around the image guidance scale that it advises. */
export function closenessOf(advised: number): Knob<number> {
  const around = (factor: number) => rounded(within(advised * factor, 1, 10));
  return {
    name: "How close",
    hint: "Close to the original keeps shapes, light and material; loose lets them go.",
    term: "image guidance scale",
    advised: rounded(advised),
    choices: distinct(advised, [
      { label: "Very loose", value: around(2 / 3) },
      { label: "Loose", value: around(0.8) },
      { label: AS_ADVISED, value: undefined },
      { label: "Close", value: around(1.2) },
      { label: "Very close", value: around(1.6) },
    ]),
  };
}

/** Return how soft the mask's edge is, around the feather that a model advises. */
export function softnessOf(advised: number): Knob<number> {
  const around = (factor: number) => within(Math.round(advised * factor), 0, 128);
  return {
    name: "Edge",
    hint: "A soft edge of the marked area blends the change into its surroundings.",
    term: "feather",
    advised,
    choices: distinct(advised, [
      { label: "Sharp", value: 0 },
      { label: AS_ADVISED, value: undefined },
      { label: "Soft", value: around(2) },
      { label: "Very soft", value: around(5) },
    ]),
  };
}

const STAYS: Knob<Preserve> = {
  name: "What stays",
  hint: "Outside the marked area nothing changes, not by one pixel, unless you loosen this.",
  term: "preservation",
  choices: [
    { label: "Everything else, to the pixel", value: undefined },
    { label: "Everything else, nearly", value: Preserve.LATENT },
    { label: "The arrangement", value: Preserve.ATTENTION },
    { label: "Nothing is held", value: Preserve.NONE },
  ],
};

/** Return what of the rest stays, as far as a family can keep it: inpainting has no attention to hold. */
export function staysOf(family: Family | undefined): Knob<Preserve> {
  if (family !== "inpainting") return STAYS;
  return { ...STAYS, choices: STAYS.choices.filter(({ value }) => value !== Preserve.ATTENTION) };
}

/** Return what was chosen without what speaks of one model alone. */
export function withoutModel({ stays, seed }: Knobs): Knobs {
  return {
    ...(stays !== undefined && stays !== Preserve.ATTENTION && { stays }),
    ...(seed !== undefined && { seed }),
  };
}

// Where the advice lies at the end of what is allowed, there is nothing beyond it.
function distinct(advised: number, choices: Choice<number>[]): Choice<number>[] {
  const seen = new Set([rounded(advised)]);
  return choices.filter(({ value }) => {
    if (value === undefined) return true;
    const fresh = !seen.has(value);
    seen.add(value);
    return fresh;
  });
}

function within(value: number, least: number, most: number): number {
  return Math.min(most, Math.max(least, value));
}

function rounded(value: number): number {
  return Math.round(value * 10) / 10;
}

/** Return the options of a request for an edit by a model of a family. */
export function optionsOf(knobs: Knobs, family: Family = "instructPix2pix"): EditOptions {
  const { boldness, closeness, steps, stays, softness, seed } = knobs;
  const value = {
    ...(boldness !== undefined && { guidanceScale: boldness }),
    ...(steps !== undefined && { steps }),
    ...(closeness !== undefined && family === "instructPix2pix" && { imageGuidanceScale: closeness }),
  };
  return create(EditOptionsSchema, {
    ...(stays !== undefined && { preserve: stays }),
    ...(softness !== undefined && { feather: softness }),
    ...(seed !== undefined && { seed }),
    ...(Object.keys(value).length > 0 && { editor: { case: family, value } }),
  });
}

/** Return the knobs of a request that was made. */
export function knobsOf(options: EditOptions | undefined): Knobs {
  if (!options) return {};
  const own = options.editor.case === "instructPix2pix" ? options.editor.value : undefined;
  const steps = options.editor.case ? options.editor.value.steps : undefined;
  const boldness = options.editor.case ? options.editor.value.guidanceScale : undefined;
  const closeness = own?.imageGuidanceScale;
  return {
    ...(boldness !== undefined && { boldness }),
    ...(closeness !== undefined && { closeness }),
    ...(steps !== undefined && { steps }),
    ...(options.preserve !== Preserve.UNSPECIFIED && { stays: options.preserve }),
    ...(options.feather !== undefined && { softness: options.feather }),
    ...(options.seed !== undefined && { seed: options.seed }),
  };
}

/** Return the name of the choice that a value is, or the value itself where it is none of them. */
export function choiceLabel<Value>(knob: Knob<Value>, value: Value | undefined): string {
  return knob.choices.find((choice) => choice.value === value)?.label ?? String(value);
}

/** Return which choice of a knob a value is, or lies next to. */
export function choiceAt(knob: Knob<number>, value: number | undefined): number {
  const exact = knob.choices.findIndex((choice) => choice.value === value);
  if (exact >= 0 || value === undefined) return Math.max(0, exact);
  const below = knob.choices.findLastIndex((choice) => (choice.value ?? knob.advised ?? 0) <= value);
  return Math.max(0, below);
}
