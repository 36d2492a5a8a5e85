import { Handle, type Node as FlowNode, type NodeProps, NodeToolbar, Position } from "@xyflow/react";
import { ChevronDown, CircleAlert, CircleSlash, EyeOff, Heart, ImageOff } from "lucide-react";
import { createContext, memo, useContext } from "react";

import { type Node, NodeState, useProgress, useThumbnail } from "../api";
import { nodeText } from "./words";

export interface CardData extends Record<string, unknown> {
  node: Node;
  /** How many nodes are not shown in the branches that end here. */
  folded: number;
  /** Whether its branch is folded by hand. */
  closed: boolean;
}

export type CardNode = FlowNode<CardData, "card">;

export interface Choice {
  selected: string;
  /** The node whose words are shown in full. */
  hovered: string;
  /** Whether the next choice is not a step but an answer ("compare with which?"). */
  picking: boolean;
  found: ReadonlySet<string>;
  onSelect: (node: string) => void;
  onHover: (node: string) => void;
  onFold: (node: string) => void;
}

export const ChoiceContext = createContext<Choice | undefined>(undefined);

const STATES: Partial<Record<NodeState, string>> = {
  [NodeState.RUNNING]: "Under way",
  [NodeState.FAILED]: "Failed",
  [NodeState.CANCELLED]: "Stopped",
};

function Picture({ node }: { node: Node }) {
  const ready = node.state === NodeState.READY;
  const { data, isError } = useThumbnail(node.name, ready);
  const progress = useProgress(ready ? undefined : node.name);
  if (node.state === NodeState.FAILED) {
    return (
      <span className="tree-state" data-tone="bad">
        <CircleAlert aria-hidden /> {STATES[node.state]}
      </span>
    );
  }
  if (node.state === NodeState.CANCELLED) {
    return (
      <span className="tree-state">
        <CircleSlash aria-hidden /> {STATES[node.state]}
      </span>
    );
  }
  if (node.state === NodeState.RUNNING) {
    const share = progress && progress.steps > 0 ? progress.step / progress.steps : 0;
    return (
      <>
        {progress?.preview && <img src={progress.preview} alt="" draggable={false} />}
        <span className="tree-progress">
          <span style={{ transform: `scaleX(${share})` }} />
        </span>
      </>
    );
  }
  if (data) return <img src={data.url} alt="" draggable={false} />;
  return (
    <span className="tree-state">{(isError || data === null) && <ImageOff aria-label="No picture" />}</span>
  );
}

/** What a card says to those who do not see it: first what those who do would call it by. */
function labelOf({ node, folded, closed }: CardData): string {
  const facts = [
    STATES[node.state] ?? "",
    nodeText(node),
    node.title && node.edit ? node.edit.instruction : "",
    node.favourite ? "favourite" : "",
    node.hidden ? "hidden" : "",
    closed && folded ? `${folded} below it folded` : "",
  ];
  return facts.filter(Boolean).join(", ");
}

function TreeCard({ data }: NodeProps<CardNode>) {
  const choice = useContext(ChoiceContext);
  const { node, folded, closed } = data;
  if (!choice) return null;
  const selected = choice.selected === node.name;
  return (
    <>
      <Handle type="target" position={Position.Top} isConnectable={false} />
      <button
        type="button"
        className="tree-card nopan"
        data-node={node.name}
        data-hidden={node.hidden ? "" : undefined}
        data-found={choice.found.has(node.name) ? "" : undefined}
        data-picking={choice.picking ? "" : undefined}
        aria-current={selected ? "true" : undefined}
        aria-label={labelOf(data)}
        tabIndex={selected ? 0 : -1}
        onClick={() => choice.onSelect(node.name)}
        onPointerEnter={() => choice.onHover(node.name)}
        onPointerLeave={() => choice.onHover("")}
        onFocus={(event) => {
          if (event.currentTarget.matches(":focus-visible")) choice.onHover(node.name);
        }}
        onBlur={() => choice.onHover("")}
      >
        <span className="tree-picture">
          <Picture node={node} />
          {node.favourite && <Heart className="tree-mark tree-favourite" aria-hidden />}
          {node.hidden && <EyeOff className="tree-mark tree-hidden" aria-hidden />}
        </span>
        {/* Between them, so that what is seen reads as the label does. */}{" "}
        <span className="tree-words">{nodeText(node)}</span>
      </button>
      {folded > 0 && (
        <button
          type="button"
          className="tree-fold nopan"
          tabIndex={-1}
          title={closed ? "Unfold this branch" : "Show hidden pictures"}
          onClick={() => choice.onFold(node.name)}
        >
          {folded} <ChevronDown aria-hidden />
          <span className="visually-hidden">{closed ? "below, unfold" : "hidden, show"}</span>
        </button>
      )}
      <NodeToolbar isVisible={choice.hovered === node.name} position={Position.Bottom} offset={6}>
        <div className="tree-tip" role="tooltip">
          {node.title && <strong>{node.title}</strong>}
          <span>{node.edit?.instruction ?? nodeText(node)}</span>
          {node.failure && <span className="tree-tip-bad">{node.failure.message}</span>}
          {node.note && <em>{node.note}</em>}
        </div>
      </NodeToolbar>
      <Handle type="source" position={Position.Bottom} isConnectable={false} />
    </>
  );
}

export const Card = memo(TreeCard);
