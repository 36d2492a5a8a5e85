import { clone, create } from "@bufbuild/protobuf";
import { useEffect, useRef, useState } from "react";

import { modelNamed, type Node, type Problem, problemOf, readPlan, useCreateNodes, useModels } from "../api";
import type { NodeEdit } from "../gen/langdesign/design/v1/design_pb";
import { EditOptionsSchema, type Region } from "../gen/langdesign/editing/v1/editing_pb";
import type { Plan } from "../gen/langdesign/reference/v1/reference_pb";
import { type Draft, draftOfEdit, nextSeed, regionOf } from "./draft";
import { changeDraft, draftOf, dropDraft } from "./draftStore";
import type { Size } from "./view/transform";
import { optionsOf } from "./words/knobs";

/** Beginning edits, and how the last one that was begun here stands. */
export interface Editing {
  /** Asks for what the draft says; a wish whose plan nobody has seen is not done, but handed to `onWish`. */
  readonly edit: (parent: string, draft: Draft, picture: Size, onWish: () => void) => void;
  /** Asks for a plan that was seen, and nothing else. */
  readonly carryOut: (parent: string, draft: Draft, plan: Plan) => void;
  /** Asks for an edit that was made again: with its own seed, or (`another`) with one that it has not had. */
  readonly again: (parent: string, edit: NodeEdit, another: boolean) => void;
  /** Puts an edit's request back where it was asked for, to be changed there. */
  readonly reopen: (parent: string, edit: NodeEdit) => void;
  /** Whether a request is on its way and no node has begun. */
  readonly starting: boolean;
  /** Whether the line is lost and is being joined again. */
  readonly rejoining: boolean;
  /** Why the last request began no node. */
  readonly problem: Problem | undefined;
  readonly retry: () => void;
  /** Nodes that were begun here last. */
  readonly made: readonly Node[];
}

/** Begin edits of a design's nodes; the first node of each is selected as it begins. */
export function useEditing(nodes: readonly Node[], shown: string, onSelect: (node: string) => void): Editing {
  const creating = useCreateNodes();
  const models = useModels();
  const [asking, setAsking] = useState<{ parent: string; draft: Draft | undefined; run: () => void }>();
  const [failure, setFailure] = useState<Problem>();
  const [packing, setPacking] = useState(false);
  const followed = useRef("");
  const first = creating.nodes[0]?.name;

  useEffect(() => {
    if (!first || followed.current === first || !asking) return;
    followed.current = first;
    // What was written since stays.
    if (asking.draft && draftOf(asking.parent) === asking.draft) dropDraft(asking.parent);
    // One who has walked on meanwhile is not pulled back.
    if (
      shown === asking.parent ||
      nodes.some((node) => node.name === shown && node.parent === asking.parent)
    ) {
      onSelect(first);
    }
  }, [first, asking, shown, nodes, onSelect]);

  const begin = (parent: string, draft: Draft | undefined, run: () => Promise<unknown>) => {
    const attempt = () => {
      setFailure(undefined);
      setPacking(true);
      run()
        .catch((error: unknown) => setFailure(problemOf(error)))
        .finally(() => setPacking(false));
    };
    setAsking({ parent, draft, run: attempt });
    attempt();
  };

  const start = (parent: string, draft: Draft, where: { region?: Region; plan?: Plan }) => {
    const instruction = draft.instruction.trim();
    const seed = draft.knobs.seed ?? nextSeed(nodes, parent, instruction);
    const options = optionsOf({ ...draft.knobs, seed }, modelNamed(models, draft.model)?.family);
    const { candidates, model } = draft;
    void creating.start({ parent, instruction, ...where, options, candidates, model });
  };

  const edit: Editing["edit"] = (parent, draft, { width, height }, onWish) =>
    begin(parent, draft, async () => {
      const region = await regionOf(draft, width, height);
      const answer = region ? undefined : await readPlan(parent, draft.instruction);
      if (answer?.plan?.plan?.wish) onWish();
      else start(parent, draft, { region });
    });

  const carryOut: Editing["carryOut"] = (parent, draft, plan) =>
    begin(parent, draft, () => Promise.resolve(start(parent, draft, { plan })));

  const again: Editing["again"] = (
    parent,
    { instruction, region, options, model, plan, planGiven },
    another,
  ) =>
    begin(parent, undefined, () => {
      const same = options ? clone(EditOptionsSchema, options) : create(EditOptionsSchema);
      if (another) same.seed = nextSeed(nodes, parent, instruction);
      const given = planGiven ? plan?.plan : undefined;
      void creating.start({ parent, instruction, region, plan: given, options: same, model });
      return Promise.resolve();
    });

  const reopen: Editing["reopen"] = (parent, made) => {
    draftOfEdit(made)
      // A mask that cannot be read leaves the words; the place is found out again.
      .catch(() => ({ instruction: made.instruction, model: made.model }))
      .then((draft) => {
        changeDraft(parent, { ...draftOf(parent), ...draft });
        onSelect(parent);
      })
      .catch((error: unknown) => setFailure(problemOf(error)));
  };

  return {
    edit,
    carryOut,
    again,
    reopen,
    starting: packing || (creating.busy && !creating.nodes.length),
    rejoining: creating.rejoining,
    problem: failure ?? (creating.nodes.length ? undefined : creating.problem),
    retry: () => asking?.run(),
    made: creating.nodes,
  };
}
