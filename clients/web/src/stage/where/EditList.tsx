import { Eye } from "lucide-react";

import type { EditWords } from "../words/plan";
import type { Alone } from "./WherePanel";

/** A plan's edits in their order; one can be looked at alone in the picture. */
export function EditList({ edits, alone }: { edits: readonly EditWords[]; alone: Alone }) {
  return (
    <ol className="edits" aria-label="What would be done">
      {edits.map(({ summary, told, extent, off }, at) => (
        <li key={at} data-off={off ? "" : undefined}>
          <button
            type="button"
            className="edits-one"
            disabled={off || edits.length < 2}
            aria-pressed={alone.edit === at}
            title={off || edits.length < 2 ? undefined : "Show this one alone"}
            onClick={() => alone.pick(alone.edit === at ? undefined : at)}
          >
            <span className="edits-words">
              <span className="edits-summary">{summary}</span>
              {told && <span className="soft small">{told}</span>}
              {extent && <span className="soft small">{extent}</span>}
            </span>
            {!off && edits.length > 1 && <Eye aria-hidden />}
          </button>
        </li>
      ))}
    </ol>
  );
}
