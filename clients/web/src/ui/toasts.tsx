import { X } from "lucide-react";
import { useSyncExternalStore } from "react";

import { problemOf } from "../api";
import { Button, IconButton } from "./Button";

interface Toast {
  id: number;
  text: string;
  action?: { label: string; run: () => void };
}

const SHOWN_MS = 7000;
let toasts: readonly Toast[] = [];
let last = 0;
const listeners = new Set<() => void>();

function update(next: readonly Toast[]): void {
  toasts = next;
  for (const listener of listeners) listener();
}

function dismiss(id: number): void {
  update(toasts.filter((toast) => toast.id !== id));
}

/** Says in passing what happened, with a way back where there is one. */
export function toast(text: string, action?: Toast["action"]): void {
  const id = (last += 1);
  update([...toasts.slice(-2), { id, text, action }]);
  setTimeout(() => dismiss(id), SHOWN_MS);
}

export function toastProblem(error: unknown): void {
  const { title, hint, kind } = problemOf(error);
  if (kind !== "cancelled") toast(`${title}. ${hint}`);
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

export function Toasts() {
  const shown = useSyncExternalStore(subscribe, () => toasts);
  return (
    <div className="toasts" role="status" aria-live="polite">
      {shown.map(({ id, text, action }) => (
        <div key={id} className="toast">
          <span>{text}</span>
          {action && (
            <Button
              onClick={() => {
                dismiss(id);
                action.run();
              }}
            >
              {action.label}
            </Button>
          )}
          <IconButton label="Dismiss" icon={<X />} onClick={() => dismiss(id)} />
        </div>
      ))}
    </div>
  );
}
