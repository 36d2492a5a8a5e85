import { Columns2, Dices, Eye, EyeOff, Pencil } from "lucide-react";
import { useCallback, useEffect, useRef, useState } from "react";

import { type Node, useNode, usePlan } from "../api";
import { Button, IconButton, writes } from "../ui";
import { Composer } from "./compose/Composer";
import { type Draft, historyOf } from "./draft";
import { changeDraft, draftOf, useDraft } from "./draftStore";
import { redo, type Step, undo, withStep } from "./mask/history";
import { MaskLayer, type Tool, useDrawing } from "./mask/MaskLayer";
import { useReadMask } from "./mask/useReadMask";
import { useShownMask } from "./mask/useShownMask";
import { RequestProblem } from "./RequestProblem";
import { BeforeAfter } from "./result/BeforeAfter";
import { Report } from "./result/Report";
import { Segmented } from "./Segmented";
import type { Editing } from "./useEditing";
import { Frame, ZoomButtons } from "./view/Frame";
import { Picture } from "./view/Picture";
import type { Viewer } from "./view/useViewer";
import { nothingOf } from "./words/plan";
import { useFinder } from "./where/useFinder";
import { type MaskActions, WherePanel } from "./where/WherePanel";

// The steps of a mask that is all of the picture.
const WHOLE: readonly Step[] = [{ kind: "clear" }, { kind: "invert" }];

type Look = "after" | "slider" | "before";

const LOOKS = [
  { value: "before", label: "Before" },
  { value: "slider", label: "Both" },
  { value: "after", label: "After" },
] as const;

interface ReadyProps {
  readonly node: Node;
  readonly viewer: Viewer;
  readonly editing: Editing;
  readonly suggestions: readonly string[];
  /** How many candidates the node is one of. */
  readonly candidates: number;
  readonly onCandidates: () => void;
}

/** A picture that is there: looked at, compared with the one before it, and edited on. */
export function ReadyStage({ node, viewer, editing, suggestions, candidates, onCandidates }: ReadyProps) {
  const draft = useDraft(node.name);
  const [where, setWhere] = useState(draft.done.length > 0);
  const made = editing.made.some((one) => one.name === node.name);
  const nothing = nothingOf(node.edit?.result, node.edit?.plan?.plan);
  const [look, setLook] = useState<Look>(made && !nothing ? "slider" : "after");
  const marking = useMarking(node, where);
  const whereButton = useRef<HTMLButtonElement>(null);
  const close = () => {
    setWhere(false);
    whereButton.current?.focus();
  };
  const { wish } = marking;
  const ask = () => {
    // What is on the screen is what is done.
    if (wish) editing.carryOut(node.name, draft, wish);
    else editing.edit(node.name, draft, node, () => setWhere(true));
  };
  return (
    <>
      <div className="stage-main" data-where={where ? "" : undefined}>
        {where ? (
          <MarkedPicture node={node} viewer={viewer} marking={marking} />
        ) : (
          <LookedAt node={node} viewer={viewer} look={look} same={Boolean(nothing)}>
            <Report node={node} onReopen={(edit) => editing.reopen(node.parent, edit)} />
            <div className="look">
              {node.parent && !nothing && (
                <Segmented label="Look at" segments={LOOKS} value={look} onChange={setLook} />
              )}
              {candidates > 1 && (
                <Button
                  className="float look-all"
                  aria-label={`All ${candidates} side by side`}
                  onClick={onCandidates}
                >
                  <Columns2 aria-hidden />
                  <span>All {candidates}</span>
                </Button>
              )}
              {!nothing && <Again node={node} editing={editing} />}
            </div>
          </LookedAt>
        )}
        {where && <MarkingPanel node={node} marking={marking} onClose={close} onDo={ask} />}
      </div>
      <div className="stage-foot">
        <RequestProblem editing={editing} />
        <Composer
          draft={draft}
          onDraft={(change) => changeDraft(node.name, change)}
          suggestions={suggestions}
          where={where}
          onWhere={() => setWhere(!where)}
          onEdit={ask}
          busy={editing.starting}
          goesOn={made}
          whereButton={whereButton}
        />
      </div>
    </>
  );
}

interface LookedAtProps {
  readonly node: Node;
  readonly viewer: Viewer;
  readonly look: Look;
  /** Whether it is the picture before, pixel for pixel, which is there already. */
  readonly same: boolean;
  readonly children: React.ReactNode;
}

/** The picture, the one before it, or both with a divider; on wish with where the edit acted. */
function LookedAt({ node, viewer, look, same, children }: LookedAtProps) {
  const [share, setShare] = useState(0.5);
  const [masked, setMasked] = useState(false);
  const mask = useReadMask(useNode(masked ? node.name : undefined).data?.edit?.mask).mask;
  const shown = useShownMask(node, undefined, mask);
  const label = node.edit ? `After: ${node.edit.instruction}` : "First picture";
  const over = (
    <>
      {look === "slider" && (
        <BeforeAfter
          viewer={viewer}
          before={node.parent}
          names={["Before", "After"]}
          share={share}
          onShare={setShare}
        />
      )}
      {children}
      <ZoomButtons viewer={viewer} />
      {node.edit && !same && (
        <IconButton
          className="float look-mask"
          label={masked ? "Hide where it acted" : "Show where it acted"}
          icon={masked ? <EyeOff /> : <Eye />}
          aria-pressed={masked}
          onClick={() => setMasked(!masked)}
        />
      )}
    </>
  );
  return (
    <Frame viewer={viewer} label={look === "before" ? "The picture before" : label} over={over}>
      <Picture node={same || look === "before" ? node.parent : node.name} viewer={viewer} alt={label} />
      {masked && shown && <MaskLayer mask={shown} label="Where the edit acted" />}
    </Frame>
  );
}

/** The ways to another result of the same words. */
function Again({ node, editing }: { node: Node; editing: Editing }) {
  const edit = useNode(node.edit ? node.name : undefined).data?.edit;
  if (!edit?.instruction) return null;
  return (
    <>
      <IconButton
        className="float"
        label="Try again with another throw of the dice"
        icon={<Dices />}
        disabled={editing.starting}
        onClick={() => editing.again(node.parent, edit, true)}
      />
      <IconButton
        className="float"
        label="Change this request"
        icon={<Pencil />}
        onClick={() => editing.reopen(node.parent, edit)}
      />
    </>
  );
}

/** Marking where an edit acts: the plan, the mask as it stands, and the tool in hand. */
function useMarking(node: Node, active: boolean) {
  const draft = useDraft(node.name);
  const { name, width, height } = node;
  const [tool, setTool] = useState<Tool>("move");
  const [radius, setRadius] = useState(Math.max(4, Math.round(Math.max(width, height) / 40)));
  const marked = draft.whole || draft.done.length > 0;
  const plan = usePlan(active && !marked ? name : undefined, draft.instruction);
  const answer = plan.data;
  const { mask: found, problem } = useReadMask(marked ? undefined : answer?.mask?.mask);
  const [alone, setAlone] = useState<{ answer: typeof answer; edit: number }>();
  const edit = alone && alone.answer === answer ? alone.edit : undefined;
  const region = answer?.mask?.regions.find((one) => one.edit === edit);
  const { mask: one } = useReadMask(marked ? undefined : region?.mask);
  const mask = useShownMask(node, draft.whole ? WHOLE : draft.done, region ? one : found);

  const step = useCallback(
    (next: Step) => {
      const now = draftOf(name);
      const before = historyOf(now.whole ? { ...now, done: WHOLE } : now, width, height);
      // The first correction takes what was found as its ground.
      const ground =
        before.done.length || !found ? before : withStep(before, { kind: "ground", mask: found });
      const { done, undone } = withStep(ground, next);
      changeDraft(name, { done, undone, whole: false });
    },
    [name, width, height, found],
  );
  const finder = useFinder(name, step);
  const actions: MaskActions = {
    step,
    undo: () => {
      const { done, undone } = undo(historyOf(draft, width, height));
      changeDraft(name, { done, undone });
    },
    redo: () => {
      const { done, undone } = redo(historyOf(draft, width, height));
      changeDraft(name, { done, undone });
    },
    forget: () => changeDraft(name, { done: [], undone: [] }),
    setWhole: (whole) => changeDraft(name, { whole }),
  };
  useStepKeys(active, draft, actions);
  const error = plan.error ?? (problem ? new Error(problem) : null);
  const state = { answer, error, retry: () => void plan.refetch() };
  const alonePick = {
    edit,
    pick: (next?: number) => setAlone(next === undefined ? undefined : { answer, edit: next }),
  };
  // Of these words, not of those that stood there a moment ago.
  const current = plan.words === draft.instruction.trim();
  const seen = active && !marked && current ? answer?.plan?.plan : undefined;
  const wish = seen?.wish && !answer?.noOpReason ? seen : undefined;
  return {
    draft,
    plan: state,
    alone: alonePick,
    wish,
    mask,
    finder,
    actions,
    tool,
    setTool,
    radius,
    setRadius,
  };
}

/** While a place is marked, the keys of undo take marks back; without one they walk the tree. */
function useStepKeys(active: boolean, draft: Draft, actions: MaskActions): void {
  const latest = useRef({ draft, actions });
  useEffect(() => {
    latest.current = { draft, actions };
  });
  useEffect(() => {
    if (!active) return;
    const press = (event: KeyboardEvent) => {
      const key = event.key.toLowerCase();
      if (writes(event.target) || !(event.ctrlKey || event.metaKey) || (key !== "z" && key !== "y")) return;
      const again = key === "y" || event.shiftKey;
      const now = latest.current;
      if (!(again ? now.draft.undone : now.draft.done).length) return;
      event.preventDefault();
      (again ? now.actions.redo : now.actions.undo)();
    };
    document.addEventListener("keydown", press);
    return () => document.removeEventListener("keydown", press);
  }, [active]);
}

type Marking = ReturnType<typeof useMarking>;

function MarkedPicture({ node, viewer, marking }: { node: Node; viewer: Viewer; marking: Marking }) {
  const { mask, tool, radius, actions } = marking;
  const { hand, layer } = useDrawing({ picture: node, mask, tool, radius, onStep: actions.step });
  return (
    <Frame
      viewer={viewer}
      label={hand ? "Picture to draw on: what you draw is marked" : "Picture with the marked area"}
      hand={hand}
      over={<ZoomButtons viewer={viewer} />}
    >
      <Picture node={node.name} viewer={viewer} alt="The picture to be edited" />
      {layer}
    </Frame>
  );
}

interface MarkingPanelProps {
  readonly node: Node;
  readonly marking: Marking;
  readonly onClose: () => void;
  readonly onDo: () => void;
}

function MarkingPanel({ node, marking, onClose, onDo }: MarkingPanelProps) {
  const { draft, plan, alone, wish, finder, actions, tool, setTool, radius, setRadius } = marking;
  return (
    <WherePanel
      instruction={draft.instruction}
      history={historyOf(draft, node.width, node.height)}
      whole={draft.whole}
      plan={plan}
      alone={alone}
      {...(wish && { onDo })}
      finder={finder}
      actions={actions}
      tool={tool}
      radius={radius}
      onTool={setTool}
      onRadius={setRadius}
      onClose={onClose}
    />
  );
}
