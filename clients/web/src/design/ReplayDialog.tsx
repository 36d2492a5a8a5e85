import { ImagePlus } from "lucide-react";
import { useId, useRef, useState } from "react";
import { useLocation } from "wouter";

import {
  designOf,
  MAX_PICTURE_BYTES,
  type Node,
  pathOf,
  type ReplayNodeResponse,
  useMaxBytes,
  useModels,
  useNodes,
  useReplay,
} from "../api";
import { percent } from "../stage/words/numbers";
import { nodeText } from "../tree/words";
import { Button, Dialog, Notice } from "../ui";
import { checkPicture, redraw } from "../upload/picture";

interface ReplayDialogProps {
  node: Node;
  onClose: () => void;
  onSelect: (node: string) => void;
}

/** The bytes to send: made smaller here, where the photo is larger than the service takes. */
async function pictureOf(file: File, most: number): Promise<Uint8Array | undefined> {
  const checked = await checkPicture(file, most);
  if (checked.kind === "good") return new Uint8Array(await file.arrayBuffer());
  if (checked.kind === "large") return redraw(file, checked.target.width, checked.target.height);
  if (checked.kind === "foreign") return redraw(file, checked.width, checked.height);
  return undefined;
}

/** The nodes from below the root to a node, in order. */
function pathTo(node: Node, nodes: readonly Node[]): Node[] {
  const byName = new Map(nodes.map((one) => [one.name, one]));
  const path: Node[] = [];
  for (let at: Node | undefined = node; at?.parent; at = byName.get(at.parent)) path.unshift(at);
  return path;
}

/** What came of one edit done again, in words. */
function outcome(step: ReplayNodeResponse): string {
  if (step.identical === undefined) return "done";
  if (step.identical) return "the same, pixel for pixel";
  return `${percent(step.difference?.changedShare ?? 0)} of the picture differs`;
}

interface StepsProps {
  path: readonly Node[];
  steps: readonly ReplayNodeResponse[];
  busy: boolean;
}

/** The edits that are done again, in order, and what has come of each so far. */
function Steps({ path, steps, busy }: StepsProps) {
  return (
    <ol className="replay-steps" aria-label="Edits that are done again">
      {path.map((one, index) => {
        const step = steps[index];
        return (
          <li key={one.name}>
            <span>{one.edit?.instruction ?? nodeText(one)}</span>
            {step && <span className="small soft">{outcome(step)}</span>}
            {busy && index === steps.length && <span className="spinner" aria-hidden />}
          </li>
        );
      })}
    </ol>
  );
}

/** Does the edits that led to a node again, on another photo or by another model; first of all tells which. */
export function ReplayDialog({ node, onClose, onSelect }: ReplayDialogProps) {
  const models = useModels();
  const most = useMaxBytes(MAX_PICTURE_BYTES);
  const [, navigate] = useLocation();
  const [model, setModel] = useState("");
  const [unreadable, setUnreadable] = useState(false);
  const [tried, setTried] = useState(false);
  const input = useRef<HTMLInputElement>(null);
  const { start, busy, steps, problem } = useReplay();
  const id = useId();
  const path = pathTo(node, useNodes(designOf(node.name)).data ?? []);
  const joined = path.some((one) => one.merged);

  const onPhoto = async (file: File) => {
    setTried(false);
    const picture = await pictureOf(file, most).catch(() => undefined);
    setUnreadable(!picture);
    if (!picture) return;
    const made = await start({ name: node.name, picture, model });
    if (made) navigate(pathOf(made.name));
  };
  const again = async () => {
    setTried(false);
    const made = await start({ name: node.name, model });
    if (!made) return;
    onClose();
    onSelect(made.name);
  };
  const trial = () => {
    setTried(true);
    void start({ name: node.name, model, validateOnly: true });
  };

  return (
    <Dialog title="Replay" onClose={onClose}>
      <p>
        {path.length === 1 ? "This edit is" : "These edits are"} done again: here, next to what is there, or
        on another photo, which makes a new design. There, places that were marked by hand are found out anew.
      </p>
      <Steps path={path} steps={steps} busy={busy} />
      {models.length > 1 && (
        <div className="field">
          <label htmlFor={id}>Model</label>
          <select id={id} className="input" value={model} onChange={(event) => setModel(event.target.value)}>
            <option value="">As each edit was done</option>
            {models.map(({ name }) => (
              <option key={name}>{name}</option>
            ))}
          </select>
        </div>
      )}
      <p className="visually-hidden" role="status">
        {busy ? `${steps.length} of ${path.length} done` : ""}
      </p>
      {joined && (
        <Notice tone="warn" title="This path joins two branches">
          It cannot be done again as one: replay the two that were joined, then join the results.
        </Notice>
      )}
      {tried && !busy && !problem && (
        <Notice title="Only tried">Nothing was kept; the tree is as it was.</Notice>
      )}
      {unreadable && (
        <Notice tone="bad" title="This file cannot be used">
          It is no picture that this browser or LangDesign reads. Choose another.
        </Notice>
      )}
      {problem && (
        <Notice tone="bad" title={problem.title}>
          {problem.hint}
        </Notice>
      )}
      <div className="dialog-actions">
        <Button
          kind="quiet"
          disabled={busy || joined}
          title="Does the edits and keeps nothing: tells how the results compare with those that are there"
          onClick={trial}
        >
          Only try
        </Button>
        <Button disabled={busy || joined} onClick={() => void again()}>
          Once more here
        </Button>
        <Button kind="primary" disabled={busy || joined} onClick={() => input.current?.click()}>
          <ImagePlus aria-hidden /> On another photo
        </Button>
        <input
          ref={input}
          type="file"
          accept="image/*"
          hidden
          aria-label="Another photo"
          onChange={(event) => {
            const file = event.target.files?.[0];
            event.target.value = "";
            if (file) void onPhoto(file);
          }}
        />
      </div>
    </Dialog>
  );
}
