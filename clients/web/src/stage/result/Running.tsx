import { CircleStop } from "lucide-react";
import { useState } from "react";

import { cancelNode, type EditProgress, type Node, NodeState, useProgress } from "../../api";
import { Button, Notice, toastProblem } from "../../ui";
import { planSummary } from "../words/plan";

/** How far an edit is, in words. */
export function progressWords(progress: EditProgress | undefined): string {
  const { step = 0, steps = 0, plan, mask } = progress ?? {};
  if (!steps && mask) return "Waiting for its turn…";
  if (!steps) return plan ? "Finding the place…" : "Reading the instruction…";
  return step >= steps ? "Putting it into the picture…" : `Step ${step} of ${steps}`;
}

interface RunningProps {
  /** The edits under way: one, or the candidates of one call. */
  readonly nodes: readonly Node[];
  readonly rejoining: boolean;
}

/** Edits under way: what they do, how far they are, and how to stop them. */
export function Running({ nodes, rejoining }: RunningProps) {
  const [stopping, setStopping] = useState(false);
  const running = nodes.filter((node) => node.state === NodeState.RUNNING);
  const progress = useProgress(running[0]?.name);
  const plan = progress?.plan ?? nodes[0]?.edit?.plan;
  // An edit of an earlier version has none in its plan, and one that asks for nothing neither.
  const summary = plan?.plan?.edits.length ? planSummary(plan.plan) : undefined;
  const { step = 0, steps = 0 } = progress ?? {};
  const stop = () => {
    setStopping(true);
    Promise.all(running.map((node) => cancelNode(node.name))).catch((error: unknown) => {
      setStopping(false);
      toastProblem(error);
    });
  };
  return (
    <div className="running">
      <div className="running-words">
        <p className="running-plan">{summary ?? nodes[0]?.edit?.instruction}</p>
        <p className="small soft">
          {rejoining
            ? "The line is lost. The edit goes on, and is joined again as soon as the service answers."
            : progressWords(progress)}
          {running.length > 1 && ` · ${running.length} under way`}
        </p>
        <progress
          aria-label="Progress of the edit"
          max={steps || undefined}
          value={steps ? step : undefined}
        />
      </div>
      <Button onClick={stop} disabled={stopping}>
        <CircleStop aria-hidden />
        {stopping ? "Stopping…" : "Stop"}
      </Button>
    </div>
  );
}

interface EndedProps {
  readonly node: Node;
  /** Whether the request is known whole and can be made again. */
  readonly ready: boolean;
  readonly onAgain: () => void;
  readonly onChange: () => void;
}

/** An edit that made no picture: why, and the ways on. */
export function Ended({ node, ready, onAgain, onChange }: EndedProps) {
  const failed = node.state === NodeState.FAILED;
  const message = node.failure?.message.trim() ?? "";
  return (
    <Notice
      tone={failed ? "bad" : "plain"}
      title={failed ? "This edit failed" : "This edit was stopped"}
      actions={
        <>
          <Button kind="primary" disabled={!ready} onClick={onAgain}>
            Try again
          </Button>
          <Button disabled={!ready} onClick={onChange}>
            Change the request
          </Button>
        </>
      }
    >
      <p>{node.edit?.instruction}</p>
      {failed && <p>{message ? sentence(message) : "The service did not say why."}</p>}
      <p className="soft small">The picture before it is as it was.</p>
    </Notice>
  );
}

function sentence(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1) + (/[.!?]$/.test(text) ? "" : ".");
}
