import { Button, Notice } from "../ui";
import type { Editing } from "./useEditing";

/** Why a request began nothing; the words and marks are still there. */
export function RequestProblem({ editing }: { editing: Editing }) {
  const { problem, retry } = editing;
  if (!problem || problem.kind === "cancelled") return null;
  return (
    <Notice
      tone={problem.transient ? "warn" : "bad"}
      title={problem.title}
      actions={<Button onClick={retry}>Try again</Button>}
    >
      {problem.hint}
    </Notice>
  );
}
