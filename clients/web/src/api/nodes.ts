import { queryOptions, useMutation, useQuery } from "@tanstack/react-query";

import type { Node } from "../gen/langdesign/design/v1/design_pb";
import { cache, keys } from "./cache";
import { service } from "./client";
import { designOf } from "./names";

const PAGE = 1000;

async function listNodes(design: string, deleted: boolean, signal: AbortSignal): Promise<Node[]> {
  const nodes: Node[] = [];
  let pageToken = "";
  do {
    const page = await service.listNodes({ parent: design, pageSize: PAGE, pageToken, deleted }, { signal });
    nodes.push(...page.nodes);
    pageToken = page.nextPageToken;
  } while (pageToken);
  return nodes;
}

/** How a design's nodes are read. */
export function nodesQuery(design: string) {
  return queryOptions({
    queryKey: keys.nodes(design),
    queryFn: ({ signal }) => listNodes(design, false, signal),
    staleTime: Infinity,
  });
}

/** All nodes of a design outside the bin, parents before children, without masks. Kept current by `useWatch`. */
export function useNodes(design: string) {
  return useQuery(nodesQuery(design));
}

/** Nodes of a design that are in the bin. */
export function useDeletedNodes(design: string, enabled: boolean) {
  return useQuery({
    queryKey: keys.deletedNodes(design),
    queryFn: ({ signal }) => listNodes(design, true, signal),
    enabled,
    staleTime: 0,
  });
}

/** A node with all that is known of it, its edit's mask too. */
export function useNode(node: string | undefined) {
  return useQuery({
    queryKey: keys.node(node ?? ""),
    queryFn: async ({ signal }) => (await service.getNode({ name: node ?? "" }, { signal })).node ?? null,
    enabled: Boolean(node),
  });
}

/** Nodes that hold all of these words, in one design or (`designs/-`) in all. */
export function useSearch(parent: string, words: string) {
  const query = words.trim().slice(0, 200);
  return useQuery({
    queryKey: keys.search(parent, query),
    queryFn: async ({ signal }) =>
      (await service.searchNodes({ parent, query, pageSize: 200 }, { signal })).nodes,
    enabled: query !== "",
    placeholderData: (before) => (query ? before : undefined),
  });
}

/** Takes nodes as they are now into what is cached. */
export function keepNodes(design: string, changed: Iterable<Node>): void {
  const known = cache.getQueryData<Node[]>(keys.nodes(design));
  const latest = new Map([...changed].map((node) => [node.name, node]));
  for (const node of latest.values()) {
    if (cache.getQueryData(keys.node(node.name)))
      void cache.invalidateQueries({ queryKey: keys.node(node.name) });
  }
  if (!known) return;
  const kept = known.map((node) => latest.get(node.name) ?? node);
  const names = new Set(known.map((node) => node.name));
  const added = [...latest.values()].filter((node) => !names.has(node.name));
  const all = [...kept, ...added].filter((node) => !node.deleteTime);
  cache.setQueryData(keys.nodes(design), parentsFirst(all, added));
}

/** Nodes that come back from the bin may come after their children. */
function parentsFirst(nodes: Node[], added: Node[]): Node[] {
  return added.length === 0 ? nodes : [...nodes].sort((a, b) => a.depth - b.depth);
}

export type Said = Pick<Node, "title" | "note" | "favourite" | "hidden">;

export interface NodeChange {
  node: Node;
  change: Partial<Said>;
  /** Overwrite whatever is there: no etag is sent. */
  force?: boolean;
  key: string;
}

/** Changes what is said about a node. Where somebody else changed it meanwhile, the problem's kind is `changed`. */
export function useUpdateNode() {
  return useMutation({
    mutationFn: async ({ node, change, force, key }: NodeChange) => {
      const response = await service.updateNode({
        idempotencyKey: key,
        node: { name: node.name, ...change, etag: force ? "" : node.etag },
        updateMask: { paths: Object.keys(change) },
      });
      if (response.node) keepNodes(designOf(node.name), [response.node]);
      return response.node;
    },
  });
}

/** What a node is now, past the cache: the other's text, after `changed`. */
export async function readNode(name: string): Promise<Node | undefined> {
  const { node } = await service.getNode({ name });
  if (node) keepNodes(designOf(name), [node]);
  return node;
}

/** Puts a node and all below it into the bin; resolves to the names of what went there. */
export function useDeleteNode() {
  return useMutation({
    mutationFn: async ({ name, key }: { name: string; key: string }) => {
      const { nodes } = await service.deleteNode({ idempotencyKey: key, name });
      const gone = new Set(nodes);
      const design = designOf(name);
      cache.setQueryData<Node[]>(keys.nodes(design), (known) =>
        known?.filter((node) => !gone.has(node.name)),
      );
      void cache.invalidateQueries({ queryKey: keys.deletedNodes(design) });
      return nodes;
    },
  });
}

/** Takes a node back from the bin, with what was put there with it. */
export function useRestoreNode() {
  return useMutation({
    mutationFn: async ({ name, key }: { name: string; key: string }) => {
      const { nodes } = await service.undeleteNode({ idempotencyKey: key, name });
      const design = designOf(name);
      await cache.invalidateQueries({ queryKey: keys.nodes(design) });
      void cache.invalidateQueries({ queryKey: keys.deletedNodes(design) });
      return nodes;
    },
  });
}

/** Joins two nodes that change different places; resolves to the new node. */
export function useMergeNodes() {
  return useMutation({
    mutationFn: async ({ base, other, key }: { base: string; other: string; key: string }) => {
      const { node } = await service.mergeNodes({ idempotencyKey: key, base, other });
      if (node) keepNodes(designOf(base), [node]);
      return node;
    },
  });
}
