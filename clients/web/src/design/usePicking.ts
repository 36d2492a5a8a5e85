import { useCallback, useState } from "react";

import { newKey, type Node, problemOf, useMergeNodes } from "../api";
import { toast, toastProblem } from "../ui";
import type { Picking } from "./NodePanel";

/** "Compare with which?", "Join with which?": the next choice in the tree is the answer. */
export function usePicking(node: Node | undefined, onSelect: (node: string) => void) {
  const [picking, setPicking] = useState<Picking>();
  const [compared, setCompared] = useState<{ base: string; other: string }>();
  const { mutate } = useMergeNodes();

  const answer = useCallback(
    (other: string) => {
      if (!node || other === node.name) return;
      setPicking(undefined);
      if (picking === "compare") return setCompared({ base: node.name, other });
      mutate(
        { base: node.name, other, key: newKey() },
        {
          onSuccess: (made) => {
            if (made) onSelect(made.name);
          },
          onError: (error) => {
            if (problemOf(error).kind === "refused") toast(problemOf(error).hint);
            else toastProblem(error);
          },
        },
      );
    },
    [node, picking, mutate, onSelect],
  );

  return {
    picking,
    begin: setPicking,
    cancel: () => setPicking(undefined),
    answer,
    compared,
    closeCompare: () => setCompared(undefined),
  };
}
