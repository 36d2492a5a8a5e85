import { useCallback, useEffect, useState } from "react";

import { newKey, type Node, problemOf, useMergeNodes } from "../api";
import { toast, toastProblem } from "../ui";
import type { Picking } from "./NodePanel";

/**
 * "Compare with which?", "Join with which?": the next choice in the tree is the answer. What it is compared with is the
 * node that was shown when it was asked, wherever the keys walk until then.
 */
export function usePicking(node: Node | undefined, onSelect: (node: string) => void) {
  const [asked, setAsked] = useState<{ picking: Picking; base: string }>();
  const [compared, setCompared] = useState<{ base: string; other: string }>();
  const { mutate } = useMergeNodes();
  const shown = node?.name ?? "";

  const answer = useCallback(
    (other: string) => {
      if (!asked || other === asked.base) return;
      const { picking, base } = asked;
      setAsked(undefined);
      if (picking === "compare") {
        setCompared({ base, other });
        if (shown !== base) onSelect(base);
        return;
      }
      mutate(
        { base, other, key: newKey() },
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
    [asked, shown, mutate, onSelect],
  );

  const cancel = useCallback(() => setAsked(undefined), []);
  useEffect(() => {
    if (!asked) return;
    const keys = (event: KeyboardEvent) => {
      if (event.key === "Escape" && !event.defaultPrevented) cancel();
    };
    document.addEventListener("keydown", keys);
    return () => document.removeEventListener("keydown", keys);
  }, [asked, cancel]);

  return {
    picking: asked?.picking,
    begin: (picking: Picking) => setAsked({ picking, base: shown }),
    cancel,
    answer,
    compared,
    closeCompare: () => setCompared(undefined),
  };
}
