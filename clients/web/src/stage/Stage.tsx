import "./stage.css";

import { useMemo, useState } from "react";

import { type Node, NodeState, useConfig, useDesign, useNode, useNodes } from "../api";
import { Notice, ProblemNotice } from "../ui";
import { PendingPicture } from "./PendingPicture";
import { ReadyStage } from "./ReadyStage";
import { RequestProblem } from "./RequestProblem";
import { Announcement } from "./result/Announcement";
import { Ended, Running } from "./result/Running";
import { type Editing, useEditing } from "./useEditing";
import { candidatesOf, Variations } from "./Variations";
import { useViewer } from "./view/useViewer";
import { roomOf, suggestionsFor, unasked } from "./words/suggestions";

interface StageProps {
  /** Resource name of the design. */
  design: string;
  /** Resource name of the node that is shown. */
  node: string;
  onSelect: (node: string) => void;
}

/** The picture of a node, large, and all that is done to it: saying, marking, editing, looking at what changed. */
export function Stage({ design, node: name, onSelect }: StageProps) {
  const { data: nodes, error, refetch } = useNodes(design);
  const node = nodes?.find((one) => one.name === name);
  if (error && !nodes) return <ProblemNotice error={error} onRetry={() => void refetch()} />;
  if (!nodes) return <div className="stage stage-wait" aria-busy="true" aria-label="The picture is coming" />;
  if (!node) {
    return (
      <Notice tone="warn" title="This step is not in the design">
        It may be in the bin. Choose another in the tree.
      </Notice>
    );
  }
  return <NodeStage design={design} node={node} nodes={nodes} onSelect={onSelect} />;
}

interface NodeStageProps {
  readonly design: string;
  readonly node: Node;
  readonly nodes: readonly Node[];
  readonly onSelect: (node: string) => void;
}

function NodeStage({ design, node, nodes, onSelect }: NodeStageProps) {
  const base = nearestReady(node, nodes);
  const viewer = useViewer({ width: base.width || 1, height: base.height || 1 });
  const editing = useEditing(nodes, node.name, onSelect);
  const [gridOf, setGridOf] = useState("");
  const candidates = candidatesOf(nodes, node.group);
  const suggestions = useSuggestions(design, nodes);
  // Several that were asked for at once are first seen side by side, until one is chosen.
  const fresh = editing.made.length > 1 && editing.made.some((one) => one.name === node.name);
  const [chosen, setChosen] = useState("");
  const grid = candidates.length > 1 && (gridOf === node.group || (fresh && chosen !== node.group));
  const choose = (name: string) => {
    setChosen(node.group);
    setGridOf("");
    onSelect(name);
  };
  const running = candidates.length > 1 ? candidates : [node];

  return (
    <section className="stage" aria-label="Picture">
      {grid ? (
        <>
          <Variations group={node.group} nodes={nodes} onSelect={choose} />
          {candidates.some((one) => one.state === NodeState.RUNNING) && (
            <Running nodes={candidates} rejoining={editing.rejoining} />
          )}
        </>
      ) : node.state === NodeState.READY ? (
        <ReadyStage
          key={node.name}
          node={node}
          viewer={viewer}
          editing={editing}
          suggestions={suggestions}
          candidates={candidates.length}
          onCandidates={() => setGridOf(node.group)}
        />
      ) : (
        <>
          <PendingPicture node={node} base={base} viewer={viewer} />
          <div className="stage-foot">
            {node.state === NodeState.RUNNING ? (
              <Running nodes={running} rejoining={editing.rejoining} />
            ) : (
              <EndedNode node={node} editing={editing} />
            )}
          </div>
        </>
      )}
      <Announcement node={node} />
    </section>
  );
}

function EndedNode({ node, editing }: { node: Node; editing: Editing }) {
  // The list leaves masks out; a request that is made again needs its own.
  const edit = useNode(node.name).data?.edit;
  return (
    <>
      <RequestProblem editing={editing} />
      <Ended
        node={node}
        ready={edit !== undefined && !editing.starting}
        onAgain={() => edit && editing.again(node.parent, edit, false)}
        onChange={() => edit && editing.reopen(node.parent, edit)}
      />
    </>
  );
}

/** The nearest node on the path to the root that has a picture: what an edit under way starts from. */
function nearestReady(node: Node, nodes: readonly Node[]): Node {
  let at: Node | undefined = node;
  while (at && at.state !== NodeState.READY) {
    const { parent }: Node = at;
    at = nodes.find((one) => one.name === parent);
  }
  return at ?? node;
}

function useSuggestions(design: string, nodes: readonly Node[]): readonly string[] {
  const title = useDesign(design).data?.title ?? "";
  const samples = useConfig().data?.samples ?? [];
  const own = samples.find((sample) => sample.title === title)?.suggestions;
  return useMemo(() => {
    const asked = nodes.map((node) => node.edit?.instruction ?? "");
    if (own?.length) return unasked(own, asked);
    return suggestionsFor(
      roomOf([title, ...nodes.flatMap((node) => [node.title, node.note]), ...asked]),
      asked,
    );
  }, [title, nodes, own]);
}
