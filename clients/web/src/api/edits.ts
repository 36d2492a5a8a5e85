import { create, toBinary } from "@bufbuild/protobuf";
import type { MessageInitShape } from "@bufbuild/protobuf";
import { hashKey, queryOptions, useQuery } from "@tanstack/react-query";
import { useCallback, useEffect, useRef, useState } from "react";

import type { CreateNodesRequestSchema, Node } from "../gen/langdesign/design/v1/design_pb";
import { NodeState } from "../gen/langdesign/design/v1/design_pb";
import { type PlanEditResponse, RegionSchema } from "../gen/langdesign/editing/v1/editing_pb";
import { useSettled } from "../hooks/useSettled";
import { cache, keys } from "./cache";
import { newKey, service } from "./client";
import { designOf } from "./names";
import { keepNodes } from "./nodes";
import { takePlace } from "./places";
import { type Problem, problemOf } from "./problem";
import { noteEnd, noteEvent } from "./progress";
import { currentToken, newToken } from "./token";

export type RegionInit = MessageInitShape<typeof RegionSchema>;

/** What is asked for: `parent` and `instruction` at least. */
export type EditAsked = Omit<
  MessageInitShape<typeof CreateNodesRequestSchema>,
  "idempotencyKey" | "$typeName"
> & {
  parent: string;
  instruction: string;
};

/** FNV-1a over a region's bytes: a short word for the cache, since a mask is too long for a key. */
function fingerprint(region: RegionInit | undefined): string {
  if (!region) return "";
  let hash = 0x811c9dc5;
  const bytes = toBinary(RegionSchema, create(RegionSchema, region));
  for (const byte of bytes) hash = Math.imul(hash ^ byte, 0x01000193) >>> 0;
  return `${bytes.length}-${hash.toString(16)}`;
}

function planQuery(parent: string, words: string, region?: RegionInit) {
  return queryOptions({
    queryKey: keys.plan(parent, words, fingerprint(region)),
    queryFn: async ({ signal }) =>
      (await service.planNode({ parent, instruction: words, region }, { signal })).plan ?? null,
    staleTime: 5 * 60_000,
  });
}

/**
 * How an instruction would be read for a node's picture, asked once the words stay for a moment; `words` are those
 * that the answer is of.
 */
export function usePlan(parent: string | undefined, instruction: string, region?: RegionInit) {
  const words = useSettled(instruction.trim(), 400);
  const query = { ...planQuery(parent ?? "", words, region), enabled: Boolean(parent) && words !== "" };
  return { ...useQuery(query), words };
}

/** How an instruction would be read for a node's picture; undefined where nobody says, which its edit then tells. */
export async function readPlan(parent: string, instruction: string): Promise<PlanEditResponse | undefined> {
  const query = { ...planQuery(parent, instruction.trim()), retry: false };
  return (await cache.query(query).catch(() => undefined)) ?? undefined;
}

/** What one `start` has come to. */
export interface Creating {
  /** Whether an edit of this call is under way. */
  busy: boolean;
  /** Whether the line is lost and the edit goes on without this page, which tries to join it again. */
  rejoining: boolean;
  /** The nodes that were begun, as they are now, in order; `useProgress(node.name)` tells how far each is. */
  nodes: Node[];
  /** Why the call ended early; an edit that failed tells it in its node. */
  problem?: Problem;
}

const IDLE: Creating = { busy: false, rejoining: false, nodes: [] };
const LONGEST_WAIT_MS = 8000;

function sleep(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, ms);
    signal.addEventListener("abort", () => (clearTimeout(timer), resolve()));
  });
}

type Tell = (change: (before: Creating) => Creating) => void;

function withNode(nodes: Node[], node: Node): Node[] {
  const known = nodes.some((one) => one.name === node.name);
  return known ? nodes.map((one) => (one.name === node.name ? node : one)) : [...nodes, node];
}

/** Reads one stream to its end, or (`briefly`) until every node has begun; returns the nodes as it told them last. */
async function read(
  asked: EditAsked,
  key: string,
  tell: Tell,
  signal: AbortSignal,
  briefly: boolean,
): Promise<Node[]> {
  const mine = new AbortController();
  const all = AbortSignal.any([signal, mine.signal]);
  let nodes: Node[] = [];
  const stream = service.createNodes({ ...asked, idempotencyKey: key }, { signal: all });
  try {
    for await (const { event } of stream) {
      if (event.case === "node") {
        const node = event.value;
        keepNodes(designOf(node.name), [node]);
        if (node.state !== NodeState.RUNNING) noteEnd(node.name);
        nodes = withNode(nodes, node);
        tell((before) => ({ ...before, rejoining: false, nodes: withNode(before.nodes, node) }));
        if (briefly && nodes.length >= (asked.candidates ?? 1)) mine.abort();
      } else if (event.case === "edit" && event.value.event) {
        noteEvent(event.value.node, event.value.event);
      }
    }
  } catch (error) {
    if (!mine.signal.aborted) throw error;
  }
  return nodes;
}

/** Waits until nodes have ended, as `useWatch` keeps them. */
function ended(nodes: readonly Node[], tell: Tell, signal: AbortSignal): Promise<void> {
  const names = new Set(nodes.map((node) => node.name));
  const key = keys.nodes(designOf(nodes[0]?.name ?? ""));
  return new Promise((resolve) => {
    const done = () => {
      stop();
      signal.removeEventListener("abort", done);
      resolve();
    };
    const look = () => {
      const now = cache.getQueryData<Node[]>(key)?.filter((node) => names.has(node.name)) ?? [];
      tell((before) => ({ ...before, nodes: now.reduce(withNode, before.nodes) }));
      if (now.every((node) => node.state !== NodeState.RUNNING)) done();
    };
    const hash = hashKey(key);
    const stop = cache.getQueryCache().subscribe(({ type, query }) => {
      if (type === "updated" && query.queryHash === hash) look();
    });
    signal.addEventListener("abort", done);
    look();
  });
}

/** Follows an edit: by its own stream where there is a place for one, else as the design's changes tell of it. */
async function attend(asked: EditAsked, key: string, tell: Tell, signal: AbortSignal): Promise<void> {
  const place = await takePlace();
  try {
    const nodes = await read(asked, key, tell, signal, !place);
    if (!place && nodes.length) await ended(nodes, tell, signal);
  } finally {
    place?.();
  }
}

/** Reads until the call has ended; a lost line or an ended token does not end it, since an equal call joins it. */
async function run(
  asked: EditAsked,
  key: string,
  tell: Tell,
  signal: AbortSignal,
): Promise<Problem | undefined> {
  for (let wait = 500; !signal.aborted; wait = Math.min(LONGEST_WAIT_MS, wait * 2)) {
    const used = currentToken();
    try {
      await attend(asked, key, tell, signal);
      return undefined;
    } catch (error) {
      const problem = problemOf(error);
      if (problem.kind === "expired") await newToken(used);
      else if (!problem.transient) return problem;
      else {
        tell((before) => ({ ...before, rejoining: true }));
        await sleep(wait, signal);
      }
    }
  }
  return undefined;
}

/**
 * Edits a node. `start` resolves to the nodes as they ended; `cancel` stops those under way within one denoising step.
 * Leaving the page stops nothing.
 */
export function useCreateNodes() {
  const [state, setState] = useState<Creating>(IDLE);
  const current = useRef<{ controller: AbortController; nodes: Node[] } | undefined>(undefined);

  const start = useCallback(async (asked: EditAsked): Promise<Node[]> => {
    current.current?.controller.abort();
    const mine = { controller: new AbortController(), nodes: [] as Node[] };
    current.current = mine;
    const tell: Tell = (change) => {
      if (current.current !== mine) return;
      setState((before) => {
        const after = change(before);
        mine.nodes = after.nodes;
        return after;
      });
    };
    setState({ ...IDLE, busy: true });
    const problem = await run(asked, newKey(), tell, mine.controller.signal);
    tell((before) => ({ ...before, busy: false, rejoining: false, problem }));
    return mine.nodes;
  }, []);

  const cancel = useCallback(async (): Promise<void> => {
    const running = current.current?.nodes.filter((node) => node.state === NodeState.RUNNING) ?? [];
    await Promise.all(
      running.map((node) => service.cancelNode({ idempotencyKey: newKey(), name: node.name })),
    );
  }, []);

  const reset = useCallback(() => {
    current.current?.controller.abort();
    current.current = undefined;
    setState(IDLE);
  }, []);

  useEffect(() => () => current.current?.controller.abort(), []);
  return { ...state, start, cancel, reset };
}

/** Stops the edit of a node that is under way. */
export async function cancelNode(name: string): Promise<void> {
  const { node } = await service.cancelNode({ idempotencyKey: newKey(), name });
  if (node) keepNodes(designOf(name), [node]);
}
