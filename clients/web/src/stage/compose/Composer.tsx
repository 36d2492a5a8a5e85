import { ArrowUp, ScanSearch, SlidersHorizontal } from "lucide-react";
import { useEffect, useId, useLayoutEffect, useRef, useState } from "react";

import { MAX_CANDIDATES, MAX_INSTRUCTION, useModels } from "../../api";
import { Button, IconButton } from "../../ui";
import type { Draft } from "../draft";
import { withoutModel } from "../words/knobs";
import { KnobsPanel } from "./KnobsPanel";

interface ComposerProps {
  readonly draft: Draft;
  readonly onDraft: (change: Partial<Draft>) => void;
  readonly suggestions: readonly string[];
  /** Whether the place is shown. */
  readonly where: boolean;
  readonly onWhere: () => void;
  readonly onEdit: () => void;
  /** Whether the request is on its way. */
  readonly busy: boolean;
  /** Whether it takes the focus where nothing has it, so that one goes on by keys. */
  readonly goesOn: boolean;
  readonly whereButton: React.Ref<HTMLButtonElement>;
}

/** Says what to change: the words first, all else a touch away. */
export function Composer({
  draft,
  onDraft,
  suggestions,
  where,
  onWhere,
  onEdit,
  busy,
  goesOn,
  whereButton,
}: ComposerProps) {
  const models = useModels();
  const [open, setOpen] = useState(false);
  const [written, setWritten] = useState(false);
  const id = useId();
  const box = useRef<HTMLTextAreaElement>(null);
  const ready = draft.instruction.trim() !== "" && !busy;
  const turned = Object.keys(draft.knobs).length > 0 || draft.model !== "";

  useLayoutEffect(() => {
    const area = box.current;
    if (!area) return;
    area.style.height = "auto";
    area.style.height = `${area.scrollHeight}px`;
  }, [draft.instruction]);

  useEffect(() => {
    // On a phone its keyboard would come up over the result.
    const keys = matchMedia("(pointer: fine)").matches;
    if (goesOn && keys && document.activeElement === document.body)
      box.current?.focus({ preventScroll: true });
    // When it appears, and not again.
    // eslint-disable-next-line react-hooks/exhaustive-deps
  }, []);

  return (
    <form
      className="composer"
      onSubmit={(event) => {
        event.preventDefault();
        if (ready) onEdit();
      }}
    >
      {busy ? (
        <p className="composer-reading soft small" role="status">
          <span className="spinner" aria-hidden /> Reading the instruction…
        </p>
      ) : (
        suggestions.length > 0 && (
          <ul
            className="suggestions"
            aria-label="Suggestions"
            data-spent={draft.instruction ? "" : undefined}
          >
            {suggestions.map((suggestion) => (
              <li key={suggestion}>
                <button
                  type="button"
                  className="suggestion"
                  onClick={() => {
                    onDraft({ instruction: suggestion });
                    box.current?.focus();
                  }}
                >
                  {suggestion}
                </button>
              </li>
            ))}
          </ul>
        )
      )}
      {open && (
        <div id={`${id}-knobs`}>
          <KnobsPanel
            knobs={draft.knobs}
            onChange={(knobs) => onDraft({ knobs })}
            models={models}
            model={draft.model}
            onModel={(model) => onDraft({ model, knobs: withoutModel(draft.knobs) })}
          />
        </div>
      )}
      <div className="composer-box">
        <label htmlFor={id} className="visually-hidden">
          What shall change?
        </label>
        <textarea
          id={id}
          ref={box}
          className="composer-words"
          rows={1}
          data-unwritten={written ? undefined : ""}
          maxLength={MAX_INSTRUCTION}
          placeholder="What shall change?"
          value={draft.instruction}
          onChange={(event) => {
            setWritten(true);
            onDraft({ instruction: event.target.value.replace(/\n/g, " ") });
          }}
          onKeyDown={(event) => {
            if (event.key !== "Enter" || event.nativeEvent.isComposing) return;
            event.preventDefault();
            if (ready) onEdit();
          }}
        />
        <div className="composer-actions">
          <Button kind="quiet" ref={whereButton} aria-pressed={where} onClick={onWhere}>
            <ScanSearch aria-hidden />
            Where?
          </Button>
          <IconButton
            label={turned ? "How it is done (changed)" : "How it is done"}
            icon={<SlidersHorizontal />}
            aria-expanded={open}
            aria-controls={open ? `${id}-knobs` : undefined}
            data-turned={turned ? "" : undefined}
            onClick={() => setOpen(!open)}
          />
          <label className="visually-hidden" htmlFor={`${id}-count`}>
            How many results
          </label>
          <select
            id={`${id}-count`}
            className="composer-count"
            title="How many results, side by side"
            value={draft.candidates}
            onChange={(event) => onDraft({ candidates: Number(event.target.value) })}
          >
            {Array.from({ length: MAX_CANDIDATES }, (_, i) => i + 1).map((count) => (
              <option key={count} value={count}>
                × {count}
              </option>
            ))}
          </select>
          <Button type="submit" kind="primary" className="composer-edit" disabled={!ready}>
            {busy ? <span className="spinner" aria-hidden /> : <ArrowUp aria-hidden />}
            Edit
          </Button>
        </div>
      </div>
    </form>
  );
}
