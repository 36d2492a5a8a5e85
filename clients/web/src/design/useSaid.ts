import { useEffect, useState } from "react";

import { newKey, type Node, problemOf, readNode, useUpdateNode } from "../api";

type Field = "title" | "note";

interface Draft {
  text: string;
  /** The node as it was when writing began. */
  base: Node;
}

const AUTOSAVE_MS = 1500;

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

/**
 * A text of a node that several people may write. A draft lives here until it is saved; when another page saved first,
 * the service answers ABORTED, and both texts are shown to choose from.
 */
export function useSaid(node: Node, field: Field): Said {
  const [draft, setDraft] = useState<Draft>();
  const update = useUpdateNode();
  const { mutate, isPending, error } = update;
  const theirs =
    draft && node[field] !== draft.base[field] && node[field] !== draft.text ? node[field] : undefined;

  const send = (text: string, base: Node) => {
    mutate(
      { node: base, change: { [field]: text }, key: newKey() },
      {
        onSuccess: () => setDraft((now) => (now?.text === text ? undefined : now)),
        onError: (failed) => {
          if (problemOf(failed).kind === "changed") void again(text, base);
        },
      },
    );
  };

  /** The node was changed. Where this text was not, there is nothing to choose. */
  const again = async (text: string, base: Node) => {
    const now = await readNode(node.name);
    if (now && now[field] === base[field]) send(text, now);
  };

  const save = () => {
    if (!draft || theirs !== undefined || isPending) return;
    if (draft.text === draft.base[field]) setDraft(undefined);
    else send(draft.text, draft.base);
  };

  useEffect(() => {
    if (!draft) return;
    const timer = setTimeout(save, AUTOSAVE_MS);
    return () => clearTimeout(timer);
    // Waits for a pause in writing: only a new draft starts it again.
    // eslint-disable-next-line react-hooks/exhaustive-deps
  }, [draft]);

  return {
    text: draft?.text ?? node[field],
    write: (text) => setDraft((before) => ({ text, base: before?.base ?? node })),
    save,
    saving: isPending,
    theirs,
    keepTheirs: () => setDraft(undefined),
    saveMine: () => {
      if (draft) send(draft.text, node);
      setDraft((before) => before && { text: before.text, base: node });
    },
    error: error && problemOf(error).kind !== "changed" && draft ? error : undefined,
  };
}
