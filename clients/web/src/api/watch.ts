import { useEffect, useState } from "react";

import type { Design, Node, WatchDesignResponse } from "../gen/langdesign/design/v1/design_pb";
import { NodeState } from "../gen/langdesign/design/v1/design_pb";
import { cache, keys, retryFailed } from "./cache";
import { service } from "./client";
import { keepNodes } from "./nodes";
import { takePlace } from "./places";
import { type Problem, problemOf } from "./problem";
import { noteEnd, noteEvent } from "./progress";
import { currentToken, newToken } from "./token";

/** How a page hears of changes: `live`, not yet, or the line is lost and tried again. */
export interface Connection {
  state: "connecting" | "live" | "lost" | "stopped";
  problem?: Problem;
}

const FIRST_WAIT_MS = 500;
const LONGEST_WAIT_MS = 10_000;
// The service says every 20 s that all is told; silence for this long means that the line is broken.
const SILENCE_MS = 65_000;
// A page in the background gives its place back (see `places.ts`).
const BACKGROUND_MS = 20_000;
// A page without a place asks what is new so often.
const ASK_MS = 3000;

/** Sleeps, but wakes when the browser says that it is online again, or the page is looked at. */
function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      clearTimeout(timer);
      window.removeEventListener("online", done);
      document.removeEventListener("visibilitychange", done);
      signal.removeEventListener("abort", done);
      resolve();
    };
    const timer = setTimeout(done, ms);
    window.addEventListener("online", done);
    document.addEventListener("visibilitychange", done);
    signal.addEventListener("abort", done);
  });
}

function visible(signal: AbortSignal): Promise<void> {
  if (!document.hidden) return Promise.resolve();
  return pause(24 * 3600_000, signal).then(() => (signal.aborted ? undefined : visible(signal)));
}

/** Changes that came together are taken together: one new list of nodes, one render. */
class Changes {
  private nodes: Node[] = [];
  private timer: ReturnType<typeof setTimeout> | undefined;

  constructor(private readonly design: string) {}

  add(node: Node): void {
    this.nodes.push(node);
    this.timer ??= setTimeout(() => this.flush(), 16);
  }

  flush(): void {
    clearTimeout(this.timer);
    this.timer = undefined;
    const nodes = this.nodes;
    this.nodes = [];
    if (nodes.length > 0) keepNodes(this.design, nodes);
    for (const node of nodes) if (node.state !== NodeState.RUNNING) noteEnd(node.name);
  }
}

function take({ change }: WatchDesignResponse, design: string, changes: Changes): void {
  if (change.case === "node") changes.add(change.value);
  else if (change.case === "design") cache.setQueryData(keys.design(design), change.value);
  else if (change.case === "event" && change.value.event) noteEvent(change.value.node, change.value.event);
}

/** Ends a stream that says nothing for too long, or whose page is out of sight. */
function guard(stream: AbortController): { heard: () => void; end: () => void } {
  let silence = setTimeout(() => stream.abort(), SILENCE_MS);
  let background: ReturnType<typeof setTimeout> | undefined;
  const look = () => {
    clearTimeout(background);
    if (document.hidden) background = setTimeout(() => stream.abort(), BACKGROUND_MS);
  };
  document.addEventListener("visibilitychange", look);
  look();
  return {
    heard: () => {
      clearTimeout(silence);
      silence = setTimeout(() => stream.abort(), SILENCE_MS);
    },
    end: () => {
      clearTimeout(silence);
      clearTimeout(background);
      document.removeEventListener("visibilitychange", look);
    },
  };
}

/** Follows a design until it is aborted; after a lost line it goes on from the last revision it has. */
async function follow(
  design: string,
  tell: (connection: Connection) => void,
  signal: AbortSignal,
): Promise<void> {
  const changes = new Changes(design);
  let revision = cache.getQueryData<Design>(keys.design(design))?.revision ?? 0n;
  let wait = FIRST_WAIT_MS;
  while (!signal.aborted) {
    await visible(signal);
    const place = await takePlace();
    const stream = new AbortController();
    const stop = () => stream.abort();
    signal.addEventListener("abort", stop);
    const line = guard(stream);
    const used = currentToken();
    try {
      const watch = service.watchDesign({ name: design, afterRevision: revision }, { signal: stream.signal });
      for await (const response of watch) {
        line.heard();
        take(response, design, changes);
        if (response.revision > revision) revision = response.revision;
        if (wait !== FIRST_WAIT_MS) retryFailed();
        wait = FIRST_WAIT_MS;
        if (response.change.case !== "current") continue;
        tell({ state: "live" });
        if (!place) stream.abort();
      }
    } catch (error) {
      const problem = problemOf(error);
      if (problem.kind === "missing" || problem.kind === "forbidden" || problem.kind === "wrong-address")
        return tell({ state: "stopped", problem });
      if (problem.kind === "expired") await newToken(used);
      else if (problem.kind !== "cancelled") tell({ state: "lost", problem });
    } finally {
      stream.abort(); // an error while a change is taken leaves the loop, which does not end the request
      place?.();
      line.end();
      signal.removeEventListener("abort", stop);
      changes.flush();
    }
    const calm = !place && wait === FIRST_WAIT_MS ? ASK_MS : wait;
    if (!document.hidden) await pause(calm * (0.75 + Math.random() / 2), signal);
    wait = Math.min(LONGEST_WAIT_MS, wait * 2);
  }
}

/** Keeps a design and its nodes current while the page shows them (`ready`: once they were read). */
export function useWatch(design: string, ready: boolean): Connection {
  const [connection, setConnection] = useState<Connection>({ state: "connecting" });
  useEffect(() => {
    if (!ready) return;
    const controller = new AbortController();
    void follow(design, setConnection, controller.signal);
    return () => controller.abort();
  }, [design, ready]);
  return connection;
}
