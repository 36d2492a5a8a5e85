import { useEffect, useRef, useState } from "react";

import { newKey, type Node, problemOf, readNode, useUpdateNode } from "../api";
import { forgetText, keptText, keepText } from "./keptTexts";

type Field = "title" | "note";

interface Draft {
  text: string;
  /** The node as it was when writing began. */
  base: Node;
}

const AUTOSAVE_MS = 1500;
// A text that the line's loss kept from being saved is sent again so often.
const AGAIN_MS = 4000;

export interface Said {
  text: string;
  write: (text: string) => void;
  /** Saves what was written, if anything was. */
  save: () => void;
  saving: boolean;
  /** What somebody else wrote meanwhile; what is written here is kept until one of the two is chosen. */
  theirs: string | undefined;
  keepTheirs: () => void;
  saveMine: () => void;
  error: unknown;
}

/** What a page that was left in mid-writing had of a text, with the text that it was begun on. */
function draftLeft(node: Node, field: Field): Draft | undefined {
  const kept = keptText(node.name, field);
  return (
    kept && { text: kept.text, base: kept.base === node[field] ? node : { ...node, [field]: kept.base } }
  );
}

/**
 * A text of a node that several people may write. A draft lives here, and over a reload, until it is saved; when another
 * page saved first, the service answers ABORTED, and both texts are shown to choose from.
 */
export function useSaid(node: Node, field: Field): Said {
  const [draft, setDraft] = useState<Draft | undefined>(() => draftLeft(node, field));
  const update = useUpdateNode();
  const { mutateAsync, isPending, error } = update;
  const theirs =
    draft && node[field] !== draft.base[field] && node[field] !== draft.text ? node[field] : undefined;

  const drop = (text: string) => {
    forgetText(node.name, field, text);
    setDraft((now) => (now?.text === text ? undefined : now));
  };

  const send = (text: string, base: Node) => {
    mutateAsync({ node: base, change: { [field]: text }, key: newKey() })
      .then(() => drop(text))
      .catch((failed: unknown) => {
        if (problemOf(failed).kind === "changed") void again(text, base);
      });
  };

  /** The node was changed. Where this text was not, there is nothing to choose. */
  const again = async (text: string, base: Node) => {
    const now = await readNode(node.name);
    if (now && now[field] === base[field]) send(text, now);
  };

  const save = () => {
    if (!draft || theirs !== undefined || isPending) return;
    if (draft.text === draft.base[field] || draft.text === node[field]) drop(draft.text);
    else send(draft.text, draft.base);
  };

  const latest = useRef(save);
  useEffect(() => {
    latest.current = save;
  });

  useEffect(() => {
    if (!draft) return;
    const timer = setTimeout(save, AUTOSAVE_MS);
    return () => clearTimeout(timer);
    // Waits for a pause in writing: only a new draft starts it again.
    // eslint-disable-next-line react-hooks/exhaustive-deps
  }, [draft]);

  const lost = error !== null && draft !== undefined && problemOf(error).transient;
  useEffect(() => {
    if (!lost) return;
    const timer = setInterval(() => latest.current(), AGAIN_MS);
    return () => clearInterval(timer);
  }, [lost]);

  // One who walks on by the keys leaves no field, and so blurs none.
  useEffect(() => () => latest.current(), []);

  return {
    text: draft?.text ?? node[field],
    write: (text) => {
      const base = draft?.base ?? node;
      keepText(node.name, field, { text, base: base[field] });
      setDraft({ text, base });
    },
    save,
    saving: isPending,
    theirs,
    keepTheirs: () => draft && drop(draft.text),
    saveMine: () => {
      if (draft) {
        keepText(node.name, field, { text: draft.text, base: node[field] });
        send(draft.text, node);
      }
      setDraft((before) => before && { text: before.text, base: node });
    },
    error: error && problemOf(error).kind !== "changed" && draft ? error : undefined,
  };
}
