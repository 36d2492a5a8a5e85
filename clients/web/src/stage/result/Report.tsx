import { ChevronDown, CircleCheck, Info, Pencil } from "lucide-react";

import { type Node, type NodeEdit, useNode } from "../../api";
import { Button } from "../../ui";
import { correctionWords, nothingOf, outcomeWords } from "../words/plan";
import { editReport, pathReport } from "../words/report";

interface ReportProps {
  readonly node: Node;
  /** Puts the request of an edit that changed nothing back where it was asked for. */
  readonly onReopen: (edit: NodeEdit) => void;
}

/** What an edit changed, measured: a line, and the figures behind it; or why it changed nothing, and the way on. */
export function Report({ node, onReopen }: ReportProps) {
  const result = node.edit?.result;
  const plan = node.edit?.plan?.plan;
  const nothing = nothingOf(result, plan);
  const notes = correctionWords(plan);
  if (nothing) {
    return (
      <div className="report report-nothing" role="note">
        <Info aria-hidden />
        <span>{[...notes, nothing.why, nothing.advice].join(" ")}</span>
        <Reopen node={node} onReopen={onReopen} />
      </div>
    );
  }
  const edit = result?.report && editReport(result.report);
  const path = node.pathReport && pathReport(node.pathReport);
  const first = edit ?? path;
  if (!first) return null;
  const outcomes = outcomeWords(plan, result?.edits ?? []);
  const done = result?.edits.filter(({ noOpReason }) => !noOpReason).length;
  return (
    <details className="report" data-kept={first.kept ? "" : undefined}>
      <summary>
        {first.kept ? <CircleCheck aria-hidden /> : <Info aria-hidden />}
        <span>
          {done !== outcomes.length && outcomes.length > 0 && `${done} of ${outcomes.length} done. `}
          {first.headline}
        </span>
        <ChevronDown className="report-more" aria-hidden />
      </summary>
      <ul className="report-figures small">
        {[...notes, ...outcomes, ...first.details].map((line) => (
          <li key={line}>{line}</li>
        ))}
        {edit && path && node.depth > 1 && <li className="report-path">{path.headline}</li>}
      </ul>
    </details>
  );
}

function Reopen({ node, onReopen }: ReportProps) {
  // The list leaves masks out; a request that is made again needs its own.
  const edit = useNode(node.name).data?.edit;
  return (
    <Button disabled={!edit} onClick={() => edit && onReopen(edit)}>
      <Pencil aria-hidden /> Change the request
    </Button>
  );
}
