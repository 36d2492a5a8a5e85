import { useSyncExternalStore } from "react";

/**
 * The token that calls carry. It lives as long as the tab. When a call is refused for want of a valid one, everything
 * that needs it waits here until a person has given another, and then goes on.
 */
interface TokenState {
  value: string;
  /** Whether a person has to give one now. */
  wanted: boolean;
  /** Whether one was refused before. */
  refused: boolean;
}

const KEY = "langdesign.token";
let state: TokenState = { value: read(), wanted: false, refused: false };
let waiting: (() => void)[] = [];
const listeners = new Set<() => void>();

function read(): string {
  try {
    return sessionStorage.getItem(KEY) ?? "";
  } catch {
    return ""; // a browser that keeps nothing: the token lives as long as the page
  }
}

function update(next: TokenState): void {
  state = next;
  for (const listener of listeners) listener();
}

export function currentToken(): string {
  return state.value;
}

/** Takes a token from a person; all that waits goes on with it. */
export function giveToken(value: string): void {
  try {
    sessionStorage.setItem(KEY, value);
  } catch {
    // kept in memory alone
  }
  update({ value, wanted: false, refused: false });
  const resumed = waiting;
  waiting = [];
  for (const resume of resumed) resume();
}

/** Asks a person for a token, unless `used` is not the current one any more. Resolves when there is another. */
export function newToken(used: string): Promise<void> {
  if (used !== state.value) return Promise.resolve();
  update({ ...state, wanted: true, refused: used !== "" });
  return new Promise((resolve) => waiting.push(resolve));
}

/** Asks for a token before the first call, where the deployment needs one. */
export function needToken(): void {
  if (!state.value) update({ ...state, wanted: true });
}

export function useToken(): TokenState {
  return useSyncExternalStore(
    (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    () => state,
  );
}
