import { ChevronDown, CircleCheck, Info } from "lucide-react";

import type { Node } from "../../api";
import { noOpWords } from "../words/plan";
import { editReport, pathReport } from "../words/report";

/** What an edit changed, measured: a line, and the figures behind it. */
export function Report({ node }: { node: Node }) {
  const result = node.edit?.result;
  const nothing = result && noOpWords(result.noOpReason, node.edit?.plan?.plan);
  if (nothing) {
    return (
      <div className="report report-nothing" role="note">
        <Info aria-hidden />
        <span>
          {nothing.why} {nothing.advice}
        </span>
      </div>
    );
  }
  const edit = result?.report && editReport(result.report);
  const path = node.pathReport && pathReport(node.pathReport);
  const first = edit ?? path;
  if (!first) return null;
  return (
    <details className="report" data-kept={first.kept ? "" : undefined}>
      <summary>
        {first.kept ? <CircleCheck aria-hidden /> : <Info aria-hidden />}
        <span>{first.headline}</span>
        <ChevronDown className="report-more" aria-hidden />
      </summary>
      <ul className="report-figures small">
        {first.details.map((line) => (
          <li key={line}>{line}</li>
        ))}
        {edit && path && node.depth > 1 && <li className="report-path">{path.headline}</li>}
      </ul>
    </details>
  );
}
