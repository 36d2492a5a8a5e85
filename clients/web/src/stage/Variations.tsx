import { Heart } from "lucide-react";

import {
  type EditProgress,
  newKey,
  type Node,
  NodeState,
  usePicture,
  useProgress,
  useThumbnail,
  useUpdateNode,
} from "../api";
import { IconButton, toastProblem } from "../ui";
import { progressWords } from "./result/Running";
import { editReport } from "./words/report";

interface VariationsProps {
  /** What the nodes share: see `Node.group`. */
  group: string;
  nodes: readonly Node[];
  onSelect: (node: string) => void;
}

/** Return the candidates of one request, in the order of their seeds. */
export function candidatesOf(nodes: readonly Node[], group: string): Node[] {
  return nodes
    .filter((node) => group !== "" && node.group === group)
    .sort((one, other) => Number((one.edit?.options?.seed ?? 0n) - (other.edit?.options?.seed ?? 0n)));
}

/** Candidates side by side: one is chosen to go on from, and the others stay in the tree. */
export function Variations({ group, nodes, onSelect }: VariationsProps) {
  const candidates = candidatesOf(nodes, group);
  const count = candidates.length;
  const columns = count <= 3 ? count : count <= 4 ? 2 : count <= 6 ? 3 : 4;
  const before = nodes.find((node) => node.name === candidates[0]?.parent);
  const style = {
    "--columns": columns,
    "--rows": Math.ceil(count / columns),
    "--shape": before?.height ? before.width / before.height : 4 / 3,
  } as React.CSSProperties;
  return (
    <section className="variations" aria-label="Variations" style={style}>
      <p className="variations-head soft">Choose one to go on from. The others stay in the tree.</p>
      <ol className="variations-grid" data-many={count > 2 ? "" : undefined}>
        {candidates.map((node, index) => (
          <li key={node.name}>
            <Candidate node={node} number={index + 1} onSelect={onSelect} />
          </li>
        ))}
      </ol>
    </section>
  );
}

interface CandidateProps {
  readonly node: Node;
  readonly number: number;
  readonly onSelect: (node: string) => void;
}

function Candidate({ node, number, onSelect }: CandidateProps) {
  const ready = node.state === NodeState.READY;
  const picture = usePicture(ready ? node.name : undefined, 1280);
  const before = usePicture(node.parent, 1280);
  const progress = useProgress(node.name);
  const coarse = useThumbnail(ready ? node.name : node.parent);
  const url = picture.data?.url ?? progress?.preview ?? before.data?.url ?? coarse.data?.url;
  const words = candidateWords(node, progress);
  return (
    <figure className="candidate" data-state={picture.data ? "ready" : "open"}>
      <button
        type="button"
        className="candidate-picture"
        aria-label={`Variation ${number}: ${ready ? "choose it" : words}`}
        onClick={() => onSelect(node.name)}
      >
        {url ? <img src={url} alt="" draggable={false} /> : <span className="picture-wait" />}
        {progress && progress.steps > 0 && (
          <progress
            aria-label={`Progress of variation ${number}`}
            max={progress.steps}
            value={progress.step}
          />
        )}
      </button>
      <figcaption>
        <span className="small">
          <b>{number}</b> <span className="soft">{words}</span>
        </span>
        {ready && <Favourite node={node} />}
      </figcaption>
    </figure>
  );
}

function candidateWords(node: Node, progress: EditProgress | undefined): string {
  switch (node.state) {
    case NodeState.FAILED:
      return "failed: open it to see why";
    case NodeState.CANCELLED:
      return "stopped";
    case NodeState.READY: {
      const report = node.edit?.result?.report && editReport(node.edit.result.report);
      return report?.kept ? "Nothing else changed" : (report?.headline ?? "");
    }
    default:
      return progressWords(progress);
  }
}

function Favourite({ node }: { node: Node }) {
  const update = useUpdateNode();
  return (
    <IconButton
      label={node.favourite ? "No longer a favourite" : "Favourite"}
      icon={<Heart fill={node.favourite ? "currentColor" : "none"} />}
      aria-pressed={node.favourite}
      onClick={() =>
        update.mutate(
          { node, change: { favourite: !node.favourite }, key: newKey() },
          { onError: toastProblem },
        )
      }
    />
  );
}
