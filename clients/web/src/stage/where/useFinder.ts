import { useEffect, useState } from "react";

import { usePlan } from "../../api";
import { NoOpReason } from "../../gen/langdesign/editing/v1/editing_pb";
import type { How, Step } from "../mask/history";
import { expressionRegion, readMask } from "../mask/message";
import { noOpWords } from "../words/plan";

interface Asked {
  readonly expression: string;
  readonly how: How;
}

/** Finding the place by an expression. */
export interface Finder {
  readonly find: (expression: string, how: How) => void;
  readonly busy: boolean;
  readonly error: unknown;
  readonly retry: () => void;
  /** What came of it, in words. */
  readonly words: string;
}

/** Find what an expression names in a node's picture, and hand it over as a step of the mask. */
export function useFinder(node: string, onStep: (step: Step) => void): Finder {
  const [asked, setAsked] = useState<Asked>();
  const [words, setWords] = useState("");
  // Where the place is named, the instruction says nothing about it; the contract wants one.
  const plan = usePlan(asked && node, asked?.expression ?? "", asked && expressionRegion(asked.expression));
  const { data } = plan;

  useEffect(() => {
    if (!asked || !data) return;
    let wanted = true;
    void stepOf(asked, data).then(({ step, text }) => {
      if (!wanted) return;
      if (step) onStep(step);
      setWords(text);
      setAsked(undefined);
    });
    return () => {
      wanted = false;
    };
  }, [asked, data, onStep]);

  const find = (expression: string, how: How) => {
    setWords("");
    setAsked({ expression: expression.trim(), how });
  };
  const { error, refetch } = plan;
  return {
    find,
    busy: Boolean(asked) && !error,
    error: asked ? error : null,
    retry: () => void refetch(),
    words,
  };
}

type Answer = NonNullable<ReturnType<typeof usePlan>["data"]>;

async function stepOf({ expression, how }: Asked, answer: Answer): Promise<{ step?: Step; text: string }> {
  const found = answer.mask?.mask;
  const { noOpReason } = answer;
  if (!found || noOpReason) {
    const said =
      noOpReason === NoOpReason.NO_TARGET
        ? undefined
        : noOpWords(noOpReason, undefined, answer.mask?.regions);
    return { text: said ? `${said.why} ${said.advice}` : `“${expression}” was not found in the picture.` };
  }
  try {
    const mask = await readMask(found);
    // Alone, an expression is sent as one, so that the edit can be done again on another picture.
    const step: Step = { kind: "found", how, mask, ...(how === "replace" && { expression }) };
    return { step, text: `“${expression}” was found.` };
  } catch {
    return { text: "The mask that came is damaged: try again." };
  }
}
