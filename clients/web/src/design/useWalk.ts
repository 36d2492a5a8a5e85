import { useCallback, useEffect, useState } from "react";
import { useLocation } from "wouter";

import { type Node, pathOf } from "../api";
import { writes } from "../ui";

export interface Walk {
  /** Which child each node's branch was left by: where redo goes, and "down". */
  left: ReadonlyMap<string, string>;
  /** Where undo and redo go; undefined where they cannot. */
  undoTo: string | undefined;
  redoTo: string | undefined;
  /** Selects a node; a walk by keys leaves no step in the browser's history. */
  select: (node: string, walked?: boolean) => void;
  undo: () => void;
  redo: () => void;
}

function noteWay(left: Map<string, string>, byName: ReadonlyMap<string, Node>, to: string): void {
  for (let at = byName.get(to); at?.parent; at = byName.get(at.parent)) left.set(at.parent, at.name);
}

/** Steps through a design's tree. Undo goes to the parent, redo back the way one came; nothing is taken away. */
export function useWalk(byName: ReadonlyMap<string, Node>, selected: string): Walk {
  const [, navigate] = useLocation();
  const [left, setLeft] = useState<ReadonlyMap<string, string>>(new Map());
  const select = useCallback(
    (to: string, walked = false) => {
      setLeft((before) => {
        const after = new Map(before);
        noteWay(after, byName, selected);
        // Going up keeps the way back down; going elsewhere makes a new one.
        if (byName.get(selected)?.parent !== to) noteWay(after, byName, to);
        return after;
      });
      navigate(pathOf(to), { replace: walked });
    },
    [byName, selected, navigate],
  );
  const undoTo = byName.get(selected)?.parent || undefined;
  const last = left.get(selected);
  const redoTo = last && byName.has(last) ? last : undefined;
  const undo = useCallback(() => {
    if (undoTo) select(undoTo, true);
  }, [undoTo, select]);
  const redo = useCallback(() => {
    if (redoTo) select(redoTo, true);
  }, [redoTo, select]);
  useUndoKeys(undo, redo);
  return { left, undoTo, redoTo, select, undo, redo };
}

function useUndoKeys(undo: () => void, redo: () => void): void {
  useEffect(() => {
    const keys = (event: KeyboardEvent) => {
      if (!(event.ctrlKey || event.metaKey) || event.altKey || event.defaultPrevented || writes(event.target))
        return;
      const key = event.key.toLowerCase();
      if (key !== "z" && key !== "y") return;
      event.preventDefault();
      if (key === "y" || event.shiftKey) redo();
      else undo();
    };
    window.addEventListener("keydown", keys);
    return () => window.removeEventListener("keydown", keys);
  }, [undo, redo]);
}
