import { useId } from "react";

import { type Model, modelNamed } from "../../api";
import type { Preserve } from "../../gen/langdesign/editing/v1/editing_pb";
import {
  boldnessOf,
  choiceAt,
  choiceLabel,
  closenessOf,
  type Knob,
  type Knobs,
  softnessOf,
  staysOf,
} from "../words/knobs";

interface KnobsProps {
  readonly knobs: Knobs;
  readonly onChange: (knobs: Knobs) => void;
  /** The models to choose from, the default first. */
  readonly models: readonly Model[];
  readonly model: string;
  readonly onModel: (model: string) => void;
}

/** How an edit is done, in plain words: the knobs that the chosen model has, around what it advises. */
export function KnobsPanel({ knobs, onChange, models, model, onModel }: KnobsProps) {
  const id = useId();
  const { family, guidanceScale, imageGuidanceScale, feather } = modelNamed(models, model) ?? {};
  const stays = staysOf(family);
  const set = <Key extends keyof Knobs>(key: Key, value: Knobs[Key]) => {
    // A knob that is turned back is left out, so that nothing is sent for it.
    const others = Object.fromEntries(Object.entries(knobs).filter(([name]) => name !== key));
    onChange(value === undefined ? others : { ...others, [key]: value });
  };
  return (
    <div className="knobs">
      {guidanceScale !== undefined && (
        <Steps
          knob={boldnessOf(guidanceScale)}
          value={knobs.boldness}
          onChange={(value) => set("boldness", value)}
        />
      )}
      {imageGuidanceScale !== undefined && (
        <Steps
          knob={closenessOf(imageGuidanceScale)}
          value={knobs.closeness}
          onChange={(value) => set("closeness", value)}
        />
      )}
      {feather !== undefined && (
        <Steps
          knob={softnessOf(feather)}
          value={knobs.softness}
          onChange={(value) => set("softness", value)}
        />
      )}
      <div className="knob">
        <label htmlFor={`${id}-stays`}>{stays.name}</label>
        <select
          id={`${id}-stays`}
          className="input"
          aria-describedby={`${id}-stays-hint`}
          value={knobs.stays ?? ""}
          onChange={(event) => set("stays", preserveOf(stays, event.target.value))}
        >
          {stays.choices.map(({ label, value }) => (
            <option key={label} value={value ?? ""}>
              {label}
            </option>
          ))}
        </select>
        <p id={`${id}-stays-hint`} className="small soft">
          {stays.hint}
        </p>
      </div>
      <div className="knob">
        <label htmlFor={`${id}-seed`}>Dice</label>
        <input
          id={`${id}-seed`}
          className="input"
          type="number"
          inputMode="numeric"
          min={0}
          placeholder="A new throw each time"
          aria-describedby={`${id}-seed-hint`}
          value={knobs.seed?.toString() ?? ""}
          onChange={(event) => set("seed", seedOf(event.target.value))}
        />
        <p id={`${id}-seed-hint`} className="small soft">
          The same number makes the same picture again (seed).
        </p>
      </div>
      {models.length > 1 && (
        <div className="knob">
          <label htmlFor={`${id}-model`}>Model</label>
          <select
            id={`${id}-model`}
            className="input"
            value={model}
            onChange={(event) => onModel(event.target.value)}
          >
            {models.map(({ name }, index) => (
              <option key={name} value={index === 0 ? "" : name}>
                {index === 0 ? `${name} (default)` : name}
              </option>
            ))}
          </select>
        </div>
      )}
    </div>
  );
}

function preserveOf(stays: Knob<Preserve>, value: string): Preserve | undefined {
  return stays.choices.find((choice) => String(choice.value ?? "") === value)?.value;
}

function seedOf(text: string): bigint | undefined {
  return /^\d{1,18}$/.test(text) ? BigInt(text) : undefined;
}

interface StepsProps {
  readonly knob: Knob<number>;
  readonly value: number | undefined;
  readonly onChange: (value: number | undefined) => void;
}

/** A slider over the few choices of a knob; its words say which. */
function Steps({ knob, value, onChange }: StepsProps) {
  const id = useId();
  const label = choiceLabel(knob, value);
  return (
    <div className="knob">
      <div className="knob-head">
        <label htmlFor={id}>{knob.name}</label>
        <output className="small soft" htmlFor={id}>
          {label}
          {(value ?? knob.advised) !== undefined && (
            <span title={knob.term}>{` · ${value ?? knob.advised}`}</span>
          )}
        </output>
      </div>
      <input
        id={id}
        type="range"
        min={0}
        max={knob.choices.length - 1}
        step={1}
        value={choiceAt(knob, value)}
        aria-valuetext={label}
        aria-describedby={`${id}-hint`}
        onChange={(event) => onChange(knob.choices[Number(event.target.value)]?.value)}
      />
      <p id={`${id}-hint`} className="small soft">
        {knob.hint}
      </p>
    </div>
  );
}
