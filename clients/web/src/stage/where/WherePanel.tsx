import {
  Brush,
  Eraser,
  Hand,
  Maximize,
  Redo2,
  SquareDashed,
  SquareMinus,
  Trash2,
  Undo2,
  X,
} from "lucide-react";
import { type ReactNode, useId, useState } from "react";

import type { PlanEditResponse } from "../../gen/langdesign/editing/v1/editing_pb";
import { Button, IconButton, ProblemNotice } from "../../ui";
import type { How, MaskHistory, Step } from "../mask/history";
import type { Tool } from "../mask/MaskLayer";
import { planWords } from "../words/plan";
import { BoxFields } from "./BoxFields";
import { EditList } from "./EditList";
import type { Finder } from "./useFinder";

/** What asking for the plan has come to. */
export interface PlanState {
  readonly answer: PlanEditResponse | null | undefined;
  readonly error: unknown;
  readonly retry: () => void;
}

/** Which of a plan's edits is shown alone; none of them means all together. */
export interface Alone {
  readonly edit: number | undefined;
  readonly pick: (edit?: number) => void;
}

/** What can be done to the mask. */
export interface MaskActions {
  readonly step: (step: Step) => void;
  readonly undo: () => void;
  readonly redo: () => void;
  /** Forgets what was marked, so that the place is found out. */
  readonly forget: () => void;
  readonly setWhole: (whole: boolean) => void;
}

interface WhereProps {
  readonly instruction: string;
  readonly history: MaskHistory;
  readonly whole: boolean;
  readonly plan: PlanState;
  readonly alone: Alone;
  /** Does the plan as it is shown; absent where the words alone are asked for. */
  readonly onDo?: () => void;
  readonly finder: Finder;
  readonly tool: Tool;
  readonly radius: number;
  readonly actions: MaskActions;
  readonly onTool: (tool: Tool) => void;
  readonly onRadius: (radius: number) => void;
  readonly onClose: () => void;
}

const TOOLS: readonly { tool: Tool; label: string; icon: ReactNode }[] = [
  { tool: "move", label: "Move the picture", icon: <Hand /> },
  { tool: "brush", label: "Brush", icon: <Brush /> },
  { tool: "eraser", label: "Eraser", icon: <Eraser /> },
  { tool: "box", label: "Box", icon: <SquareDashed /> },
  { tool: "box-eraser", label: "Erase a box", icon: <SquareMinus /> },
];

/** Where an edit would act: what was read, and the tools that correct it. */
export function WherePanel(props: WhereProps) {
  const { history, whole, actions, onClose } = props;
  return (
    <section className="where" aria-label="Where it acts">
      <div className="where-head">
        <Reading {...props} />
        <IconButton label="Close" icon={<X />} onClick={onClose} />
      </div>
      <Tools {...props} />
      <Find finder={props.finder} marked={history.done.length > 0} />
      <BoxFields picture={history} onStep={actions.step} />
      <Button
        kind="quiet"
        className="where-whole"
        aria-pressed={whole}
        onClick={() => actions.setWhole(!whole)}
      >
        <Maximize aria-hidden />
        The whole picture
      </Button>
    </section>
  );
}

/** The plan in words, or what holds instead of it. */
function Reading({ instruction, history, whole, plan, actions, alone, onDo }: WhereProps) {
  if (whole) return <p className="where-reading">The whole picture is edited, and nothing of it is held.</p>;
  if (history.done.length) {
    return (
      <div className="where-reading">
        <p>Acts on what is marked, and nowhere else.</p>
        <Button kind="quiet" onClick={actions.forget}>
          Find it out again
        </Button>
      </div>
    );
  }
  if (!instruction.trim()) {
    return <p className="where-reading soft">Say what to change, or mark the place in the picture.</p>;
  }
  if (plan.error) return <ProblemNotice error={plan.error} onRetry={plan.retry} />;
  if (!plan.answer) {
    return (
      <p className="where-reading soft" role="status">
        <span className="spinner" aria-hidden /> Reading the instruction…
      </p>
    );
  }
  return <PlanInWords answer={plan.answer} alone={alone} {...(onDo && { onDo })} />;
}

type PlanProps = Pick<WhereProps, "alone" | "onDo"> & { readonly answer: PlanEditResponse };

function PlanInWords({ answer, alone, onDo }: PlanProps) {
  const { summary, extent, notes, edits, nothing, doubts } = planWords(answer);
  return (
    <div className="where-reading" role="status">
      {notes.map((note) => (
        <p key={note} className="soft small">
          {note}
        </p>
      ))}
      {(!edits.length || answer.plan?.plan?.wish) && summary && <p className="where-summary">{summary}</p>}
      {edits.length > 0 && <EditList edits={edits} alone={alone} />}
      {extent && <p className="soft small">{extent}</p>}
      {nothing && (
        <div className="where-nothing">
          {!edits.length && <p>{nothing.why}</p>}
          <p>{nothing.advice}</p>
        </div>
      )}
      {doubts.map((doubt) => (
        <p key={doubt} className="where-doubt small">
          {doubt}
        </p>
      ))}
      {onDo && (
        <Button kind="primary" className="where-do" onClick={onDo}>
          Do it
        </Button>
      )}
    </div>
  );
}

function Tools({ history, tool, radius, actions, onTool, onRadius }: WhereProps) {
  const id = useId();
  const largest = Math.max(12, Math.round(Math.max(history.width, history.height) / 8));
  return (
    <div className="tools">
      <div className="tools-row" role="group" aria-label="Tools" aria-describedby={`${id}-keys`}>
        {TOOLS.map(({ tool: one, label, icon }) => (
          <IconButton
            key={one}
            label={label}
            icon={icon}
            aria-pressed={tool === one}
            onClick={() => onTool(one)}
          />
        ))}
      </div>
      <div className="tools-row" role="group" aria-label="Steps">
        <IconButton label="Undo" icon={<Undo2 />} disabled={!history.done.length} onClick={actions.undo} />
        <IconButton label="Redo" icon={<Redo2 />} disabled={!history.undone.length} onClick={actions.redo} />
        <IconButton
          label="Clear the mask"
          icon={<Trash2 />}
          onClick={() => actions.step({ kind: "clear" })}
        />
      </div>
      {/* Seen by those who come by the keys, and read out. */}
      <p id={`${id}-keys`} className="tools-keys small soft">
        These need a pointer. By keys, name the place or give boxes below: each can be added or left out, and
        Undo takes the last one back.
      </p>
      {(tool === "brush" || tool === "eraser") && (
        <div className="tools-size">
          <label htmlFor={id} className="small soft">
            Size
          </label>
          <input
            id={id}
            type="range"
            title="Size of the brush"
            min={2}
            max={largest}
            value={radius}
            aria-valuetext={`${2 * radius} pixels wide`}
            onChange={(event) => onRadius(Number(event.target.value))}
          />
        </div>
      )}
    </div>
  );
}

/** Marks by words instead of by hand. */
function Find({ finder, marked }: { finder: Finder; marked: boolean }) {
  const [expression, setExpression] = useState("");
  const id = useId();
  const off = !expression.trim() || finder.busy;
  const ask = (how: How) => {
    if (!off) finder.find(expression, how);
  };
  return (
    <form
      className="find"
      onSubmit={(event) => {
        event.preventDefault();
        ask("replace");
      }}
    >
      <label htmlFor={id} className="small soft">
        Or name it
      </label>
      <input
        id={id}
        className="input"
        value={expression}
        maxLength={400}
        placeholder="the lamp by the window"
        onChange={(event) => setExpression(event.target.value)}
      />
      <div className="find-actions">
        <Button type="submit" disabled={off}>
          {finder.busy && <span className="spinner" aria-hidden />}
          {marked ? "This instead" : "Find"}
        </Button>
        <Button kind="quiet" disabled={off} onClick={() => ask("add")}>
          Add
        </Button>
        <Button kind="quiet" disabled={off} onClick={() => ask("remove")}>
          Leave out
        </Button>
      </div>
      {finder.error ? <ProblemNotice error={finder.error} onRetry={finder.retry} /> : null}
      <p className="small soft" role="status">
        {finder.words}
      </p>
    </form>
  );
}
