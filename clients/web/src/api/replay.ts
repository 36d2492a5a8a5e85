import { useCallback, useEffect, useRef, useState } from "react";

import type { Node, ReplayNodeResponse } from "../gen/langdesign/design/v1/design_pb";
import { newKey, service } from "./client";
import { type Problem, problemOf } from "./problem";
import { currentToken, newToken } from "./token";

export interface ReplayAsked {
  name: string;
  /** Another picture: a new design is made of it. */
  picture?: Uint8Array;
  /** Another model. */
  model?: string;
  /** Keep nothing: tell how the results would compare. */
  validateOnly?: boolean;
}

export interface Replaying {
  busy: boolean;
  /** Edits done again so far. */
  steps: ReplayNodeResponse[];
  problem?: Problem;
}

/** Does the edits from the root to a node again. `start` resolves to the last node that was made. */
export function useReplay() {
  const [state, setState] = useState<Replaying>({ busy: false, steps: [] });
  const controller = useRef<AbortController | undefined>(undefined);
  useEffect(() => () => controller.current?.abort(), []);

  const start = useCallback(
    async ({ name, picture, model, validateOnly }: ReplayAsked): Promise<Node | undefined> => {
      const mine = new AbortController();
      controller.current = mine;
      const image = picture && ({ source: { case: "data", value: picture } } as const);
      const request = { idempotencyKey: newKey(), name, model: model ?? "", image, validateOnly };
      let made: Node | undefined;
      for (let tries = 0; ; tries += 1) {
        setState({ busy: true, steps: [] });
        const used = currentToken();
        try {
          for await (const step of service.replayNode(request, { signal: mine.signal })) {
            made = step.made ?? made;
            setState((before) => ({ ...before, steps: [...before.steps, step] }));
          }
          setState((before) => ({ ...before, busy: false }));
          return made;
        } catch (error) {
          const problem = problemOf(error);
          if (problem.kind === "expired") await newToken(used);
          else if (!problem.transient || tries >= 5 || mine.signal.aborted) {
            setState((before) => ({ ...before, busy: false, problem }));
            return undefined;
          } else await new Promise((resolve) => setTimeout(resolve, 500 * 2 ** tries));
        }
      }
    },
    [],
  );

  return { ...state, start };
}
