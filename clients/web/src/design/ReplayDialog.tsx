import { ImagePlus } from "lucide-react";
import { useId, useRef, useState } from "react";
import { useLocation } from "wouter";

import { MAX_PICTURE_BYTES, type Node, pathOf, useConfig, useMaxBytes, useReplay } from "../api";
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

/** Does the edits that led to a node again, on another photo or by another model. */
export function ReplayDialog({ node, onClose, onSelect }: ReplayDialogProps) {
  const models = useConfig().data?.models ?? [];
  const most = useMaxBytes(MAX_PICTURE_BYTES);
  const [, navigate] = useLocation();
  const [model, setModel] = useState("");
  const [unreadable, setUnreadable] = useState(false);
  const input = useRef<HTMLInputElement>(null);
  const { start, busy, steps, problem } = useReplay();
  const id = useId();

  const onPhoto = async (file: File) => {
    const picture = await pictureOf(file, most).catch(() => undefined);
    setUnreadable(!picture);
    if (!picture) return;
    const made = await start({ name: node.name, picture, model });
    if (made) navigate(pathOf(made.name));
  };
  const again = async () => {
    const made = await start({ name: node.name, model });
    if (!made) return;
    onClose();
    onSelect(made.name);
  };

  return (
    <Dialog title="Replay" onClose={onClose}>
      <p>
        {node.depth === 1 ? "The edit that led here is" : `The ${node.depth} edits that led here are`} done
        again: on another photo, which makes a new design, or here once more.
      </p>
      {models.length > 1 && (
        <div className="field">
          <label htmlFor={id}>Model</label>
          <select id={id} className="input" value={model} onChange={(event) => setModel(event.target.value)}>
            <option value="">As each edit was done</option>
            {models.map((name) => (
              <option key={name}>{name}</option>
            ))}
          </select>
        </div>
      )}
      {busy && (
        <div role="status">
          <p>
            {steps.length} of {node.depth} done
          </p>
          <progress
            className="progress"
            max={node.depth}
            value={steps.length}
            aria-label="Edits done again"
          />
        </div>
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
        <Button disabled={busy} onClick={() => void again()}>
          Once more here
        </Button>
        <Button kind="primary" disabled={busy} onClick={() => input.current?.click()}>
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
