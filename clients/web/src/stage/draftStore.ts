import { useSyncExternalStore } from "react";

import { type Draft, EMPTY_DRAFT } from "./draft";
import { storedDrafts, storeDrafts } from "./draftKeep";

// By node, so that walking the tree and coming back finds the words and marks where they were.
const drafts = storedDrafts();
const listeners = new Set<() => void>();

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

/** Return what is about to be asked for on a node. */
export function draftOf(node: string): Draft {
  return drafts.get(node) ?? EMPTY_DRAFT;
}

/** Change what is about to be asked for on a node. */
export function changeDraft(node: string, change: Partial<Draft>): void {
  drafts.set(node, { ...draftOf(node), ...change });
  for (const listener of listeners) listener();
}

/** Forget what was about to be asked for, once it was. */
export function dropDraft(node: string): void {
  drafts.delete(node);
  for (const listener of listeners) listener();
}

/** What is about to be asked for on a node, kept current. */
export function useDraft(node: string): Draft {
  return useSyncExternalStore(subscribe, () => draftOf(node));
}

// A page that is left, or put away on a phone, may not come back.
window.addEventListener("pagehide", () => storeDrafts(drafts));
document.addEventListener("visibilitychange", () => {
  if (document.hidden) storeDrafts(drafts);
});
