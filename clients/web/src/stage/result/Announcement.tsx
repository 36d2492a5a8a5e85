import { type Node, NodeState, useProgress } from "../../api";
import { nothingOf } from "../words/plan";
import { editReport } from "../words/report";

/** Tells those who do not see the picture how its edit stands, in quarters rather than in steps. */
export function Announcement({ node }: { node: Node }) {
  const progress = useProgress(node.name);
  return (
    <p className="visually-hidden" role="status">
      {announcement(node, progress)}
    </p>
  );
}

/** Return what is told of a node. */
export function announcement(node: Node, progress?: { step: number; steps: number }): string {
  const { edit } = node;
  switch (node.state) {
    case NodeState.RUNNING: {
      const quarters = progress?.steps ? Math.floor((4 * progress.step) / progress.steps) : 0;
      return quarters ? `Editing: ${quarters * 25}%.` : "Editing.";
    }
    case NodeState.FAILED:
      return `The edit failed. ${node.failure?.message ?? ""}`.trim();
    case NodeState.CANCELLED:
      return "The edit was stopped.";
    default: {
      const said = edit ? `${edit.instruction} ` : "";
      const nothing = nothingOf(edit?.result, edit?.plan?.plan)?.why;
      const report = edit?.result?.report;
      return said + (nothing ?? (report ? editReport(report).headline : "First picture"));
    }
  }
}
