import { useSyncExternalStore } from "react";

import type {
  EditEvent,
  FailedEvent,
  MaskEvent,
  PlanEvent,
  ResultEvent,
} from "../gen/langdesign/editing/v1/editing_pb";
import { mediaType, objectUrl } from "./objecturls";

/** How far a node's edit is, as its events have told. */
export interface EditProgress {
  plan?: PlanEvent;
  mask?: MaskEvent;
  /** Denoising steps done, and in all; 0 of 0 before the first. */
  step: number;
  steps: number;
  /** The last rough picture. */
  preview?: string;
  result?: ResultEvent;
  failed?: FailedEvent;
  /** Sequence of the last event, so that what is told twice counts once. */
  sequence: number;
}

const NOTHING: EditProgress = { step: 0, steps: 0, sequence: 0 };
const progress = new Map<string, EditProgress>();
const listeners = new Set<() => void>();

function tell(): void {
  for (const listener of listeners) listener();
}

function next(before: EditProgress, { event, sequence }: EditEvent): EditProgress {
  const now = { ...before, sequence };
  switch (event.case) {
    case "plan":
      return { ...now, plan: event.value };
    case "mask":
      return { ...now, mask: event.value };
    case "preview": {
      const { step, steps, image } = event.value;
      if (image?.source.case !== "data") return { ...now, step, steps };
      if (before.preview) URL.revokeObjectURL(before.preview);
      const bytes = image.source.value;
      return { ...now, step, steps, preview: objectUrl(bytes, mediaType(bytes)) };
    }
    case "result":
      return { ...now, result: event.value };
    case "failed":
      return { ...now, failed: event.value };
    case undefined:
      return now;
  }
}

/** Takes an event of a node's edit, from whichever stream it came. */
export function noteEvent(node: string, event: EditEvent): void {
  const before = progress.get(node) ?? NOTHING;
  if (event.sequence <= before.sequence) return;
  progress.set(node, next(before, event));
  tell();
}

/** Forgets the previews of a node that has ended. */
export function noteEnd(node: string): void {
  const before = progress.get(node);
  if (!before) return;
  if (before.preview) URL.revokeObjectURL(before.preview);
  progress.delete(node);
  tell();
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

/** How far the edit of a node is; undefined where nothing was told of it, and once it has ended. */
export function useProgress(node: string | undefined): EditProgress | undefined {
  return useSyncExternalStore(subscribe, () => (node ? progress.get(node) : undefined));
}
