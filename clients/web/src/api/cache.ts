import { QueryClient } from "@tanstack/react-query";

import { isTransient } from "./problem";

/** Names of what is cached. Only names and short words: a message with a 64-bit field cannot be a key. */
export const keys = {
  config: ["config"] as const,
  models: ["models"] as const,
  designs: (deleted: boolean) => ["designs", deleted] as const,
  design: (design: string) => ["design", design] as const,
  nodes: (design: string) => ["nodes", design] as const,
  deletedNodes: (design: string) => ["deleted-nodes", design] as const,
  node: (node: string) => ["node", node] as const,
  search: (parent: string, words: string) => ["search", parent, words] as const,
  picture: (node: string, maxSide: number) => ["picture", node, maxSide] as const,
  thumbnail: (node: string) => ["thumbnail", node] as const,
  plan: (parent: string, instruction: string, region: string) =>
    ["plan", parent, instruction, region] as const,
  compare: (base: string, other: string) => ["compare", base, other] as const,
};

const MOST_RETRIES = 3;

export const cache = new QueryClient({
  defaultOptions: {
    queries: {
      // Messages hold bytes and 64-bit numbers, which structural sharing neither shares nor compares.
      structuralSharing: false,
      // The service may run on this very machine: whether the browser is "online" says nothing.
      networkMode: "always",
      refetchOnWindowFocus: false,
      staleTime: 30_000,
      retry: (count, error) => count < MOST_RETRIES && isTransient(error),
      retryDelay: (count) => Math.min(8000, 500 * 2 ** count),
    },
    mutations: {
      networkMode: "always",
      // Each call carries its idempotency key, so doing it again is safe.
      retry: (count, error) => count < 2 && isTransient(error),
      retryDelay: (count) => Math.min(8000, 500 * 2 ** count),
    },
  },
});

/** Does again what failed for a reason that may have passed. */
export function retryFailed(): void {
  void cache.refetchQueries({
    predicate: ({ state }) => state.status === "error" && isTransient(state.error),
  });
}
