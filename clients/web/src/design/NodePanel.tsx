import { timestampDate } from "@bufbuild/protobuf/wkt";
import { Columns2, Combine, Eye, EyeOff, Heart, ImageDown, Repeat, Trash2 } from "lucide-react";
import { useState } from "react";

import { newKey, type Node, NodeState, useDeleteNode, useRestoreNode, useUpdateNode } from "../api";
import { nodeText, shortText } from "../tree/words";
import { Button, IconButton, toast, toastProblem } from "../ui";
import { ReplayDialog } from "./ReplayDialog";
import { SaidField } from "./SaidField";
import { savePicture } from "./saving";

/** What the next choice in the tree answers. */
export type Picking = "compare" | "merge";

interface NodePanelProps {
  node: Node;
  /** Title of its design. */
  design: string;
  onSelect: (node: string) => void;
  onPick: (picking: Picking) => void;
}

const LONG = 90;
const when = new Intl.DateTimeFormat("en", { dateStyle: "medium", timeStyle: "short" });

function Facts({ node }: { node: Node }) {
  const { edit } = node;
  const facts: [string, string][] = [];
  const asked = edit?.instruction ?? "";
  // A title stands in their place above, and long ones are cut there.
  if (asked && (node.title || asked.length > LONG)) facts.push(["Asked for", asked]);
  if (node.createTime) facts.push(["Made", when.format(timestampDate(node.createTime))]);
  if (node.width) facts.push(["Size", `${node.width} × ${node.height}`]);
  if (edit?.result) facts.push(["Seed", String(edit.result.seed)]);
  if (edit?.model) facts.push(["Model", edit.model]);
  const outside = node.pathReport?.outside;
  if (outside) {
    const changed = Math.round(Number(outside.pixels) * outside.changedShare);
    facts.push(["Changed outside", `${changed.toLocaleString("en")} pixels`]);
  }
  return (
    <dl className="facts">
      {facts.map(([name, value]) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  );
}

function useMarks(node: Node) {
  const update = useUpdateNode();
  // A mark is a switch: the last one who turns it wins, so no etag is sent.
  return (change: Partial<Pick<Node, "favourite" | "hidden">>) =>
    update.mutate({ node, change, force: true, key: newKey() }, { onError: toastProblem });
}

function useRemove(node: Node, onSelect: (node: string) => void) {
  const remove = useDeleteNode();
  const restore = useRestoreNode();
  return () => {
    const back = () =>
      restore.mutate(
        { name: node.name, key: newKey() },
        { onSuccess: () => onSelect(node.name), onError: toastProblem },
      );
    remove.mutate(
      { name: node.name, key: newKey() },
      {
        onSuccess: (gone) => {
          onSelect(node.parent);
          const more = gone.length - 1;
          toast(`“${shortText(node)}” ${more ? `and ${more} below it are` : "is"} in the bin`, {
            label: "Undo",
            run: back,
          });
        },
        onError: toastProblem,
      },
    );
  };
}

/** What is known and said about a node, and what can be done with it. */
export function NodePanel({ node, design, onSelect, onPick }: NodePanelProps) {
  const [replaying, setReplaying] = useState(false);
  const mark = useMarks(node);
  const remove = useRemove(node, onSelect);
  const root = node.parent === "";
  const ready = node.state === NodeState.READY;
  const text = nodeText(node);
  return (
    <section className="panel" aria-label="Details">
      <div className="panel-head">
        <h2 title={text}>{text}</h2>
        {ready && (
          <IconButton
            label="Save this picture"
            icon={<ImageDown />}
            onClick={() => void savePicture(node, design)}
          />
        )}
        <IconButton
          label={node.favourite ? "No longer a favourite" : "Favourite"}
          icon={<Heart fill={node.favourite ? "currentColor" : "none"} />}
          aria-pressed={node.favourite}
          onClick={() => mark({ favourite: !node.favourite })}
        />
        {!root && (
          <IconButton
            label={node.hidden ? "Show it again" : "Hide it and its branch"}
            icon={node.hidden ? <Eye /> : <EyeOff />}
            aria-pressed={node.hidden}
            onClick={() => mark({ hidden: !node.hidden })}
          />
        )}
        {!root && <IconButton label="Move to the bin" icon={<Trash2 />} onClick={remove} />}
      </div>
      <div className="panel-actions">
        <Button disabled={!ready} onClick={() => onPick("compare")}>
          <Columns2 aria-hidden /> Compare…
        </Button>
        <Button disabled={!ready} onClick={() => onPick("merge")}>
          <Combine aria-hidden /> Join…
        </Button>
        <Button disabled={root} onClick={() => setReplaying(true)}>
          <Repeat aria-hidden /> Replay…
        </Button>
      </div>
      <SaidField
        node={node}
        field="title"
        label="Title"
        placeholder={node.edit?.instruction ?? "A name for it"}
      />
      <SaidField node={node} field="note" label="Note" placeholder="What to remember about it" />
      <Facts node={node} />
      {replaying && <ReplayDialog node={node} onClose={() => setReplaying(false)} onSelect={onSelect} />}
    </section>
  );
}
