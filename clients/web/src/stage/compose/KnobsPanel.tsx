import { useId } from "react";

import { Preserve } from "../../gen/langdesign/editing/v1/editing_pb";
import { BOLDNESS, choiceLabel, CLOSENESS, type Knob, type Knobs, SOFTNESS, STAYS } from "../words/knobs";

interface KnobsProps {
  readonly knobs: Knobs;
  readonly onChange: (knobs: Knobs) => void;
  /** Names of the models to choose from. */
  readonly models: readonly string[];
  readonly model: string;
  readonly onModel: (model: string) => void;
}

/** How an edit is done, in plain words. */
export function KnobsPanel({ knobs, onChange, models, model, onModel }: KnobsProps) {
  const id = useId();
  const set = <Key extends keyof Knobs>(key: Key, value: Knobs[Key]) => {
    // A knob that is turned back is left out, so that nothing is sent for it.
    const others = Object.fromEntries(Object.entries(knobs).filter(([name]) => name !== key));
    onChange(value === undefined ? others : { ...others, [key]: value });
  };
  return (
    <div className="knobs">
      <Steps knob={BOLDNESS} value={knobs.boldness} onChange={(value) => set("boldness", value)} />
      <Steps knob={CLOSENESS} value={knobs.closeness} onChange={(value) => set("closeness", value)} />
      <Steps knob={SOFTNESS} value={knobs.softness} onChange={(value) => set("softness", value)} />
      <div className="knob">
        <label htmlFor={`${id}-stays`}>{STAYS.name}</label>
        <select
          id={`${id}-stays`}
          className="input"
          aria-describedby={`${id}-stays-hint`}
          value={knobs.stays ?? ""}
          onChange={(event) => set("stays", preserveOf(event.target.value))}
        >
          {STAYS.choices.map(({ label, value }) => (
            <option key={label} value={value ?? ""}>
              {label}
            </option>
          ))}
        </select>
        <p id={`${id}-stays-hint`} className="small soft">
          {STAYS.hint}
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
            <option value="">The deployment’s choice</option>
            {models.map((name) => (
              <option key={name}>{name}</option>
            ))}
          </select>
        </div>
      )}
    </div>
  );
}

function preserveOf(value: string): Preserve | undefined {
  return STAYS.choices.find((choice) => String(choice.value ?? "") === value)?.value;
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
  const exact = knob.choices.findIndex((choice) => choice.value === value);
  const at = exact < 0 ? knob.choices.findLastIndex((choice) => (choice.value ?? 0) <= (value ?? 0)) : exact;
  const label = choiceLabel(knob, value);
  return (
    <div className="knob">
      <div className="knob-head">
        <label htmlFor={id}>{knob.name}</label>
        <output className="small soft" htmlFor={id}>
          {label}
          {value !== undefined && ` (${knob.term} ${value})`}
        </output>
      </div>
      <input
        id={id}
        type="range"
        min={0}
        max={knob.choices.length - 1}
        step={1}
        value={Math.max(0, at)}
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
