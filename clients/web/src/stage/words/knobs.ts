/** The knobs of an edit under plain names. A knob left alone sends nothing, so that the model's own advice holds. */

import { create } from "@bufbuild/protobuf";

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
}

export const BOLDNESS: Knob<number> = {
  name: "How boldly",
  hint: "Bold follows your words further; gentle stays nearer to what is there.",
  term: "text guidance scale",
  choices: [
    { label: "Very gently", value: 3 },
    { label: "Gently", value: 5 },
    { label: "As the model advises", value: undefined },
    { label: "Boldly", value: 10 },
    { label: "Very boldly", value: 14 },
  ],
};

export const CLOSENESS: Knob<number> = {
  name: "How close to the original",
  hint: "Close keeps shapes, light and material; loose lets them go.",
  term: "image guidance scale",
  choices: [
    { label: "Very loose", value: 1 },
    { label: "Loose", value: 1.2 },
    { label: "As the model advises", value: undefined },
    { label: "Close", value: 1.8 },
    { label: "Very close", value: 2.4 },
  ],
};

export const STAYS: Knob<Preserve> = {
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

export const SOFTNESS: Knob<number> = {
  name: "Edge of the marked area",
  hint: "A soft edge blends the change into its surroundings.",
  term: "feather",
  choices: [
    { label: "Sharp", value: 0 },
    { label: "As the model advises", value: undefined },
    { label: "Soft", value: 16 },
    { label: "Very soft", value: 40 },
  ],
};

/** Return the options of a request for an edit. A model that knows no such knob refuses it, and says so. */
export function optionsOf(knobs: Knobs): EditOptions {
  const { boldness, closeness, steps, stays, softness, seed } = knobs;
  const editor =
    boldness === undefined && closeness === undefined && steps === undefined
      ? undefined
      : ({
          case: "instructPix2pix",
          value: {
            ...(boldness !== undefined && { guidanceScale: boldness }),
            ...(closeness !== undefined && { imageGuidanceScale: closeness }),
            ...(steps !== undefined && { steps }),
          },
        } as const);
  return create(EditOptionsSchema, {
    ...(stays !== undefined && { preserve: stays }),
    ...(softness !== undefined && { feather: softness }),
    ...(seed !== undefined && { seed }),
    ...(editor && { editor }),
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
