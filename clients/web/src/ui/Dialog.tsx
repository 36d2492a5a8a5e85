import { X } from "lucide-react";
import { type ReactNode, useId, useLayoutEffect, useRef } from "react";

import { IconButton } from "./Button";

interface DialogProps {
  title: string;
  onClose: () => void;
  wide?: boolean;
  /** Whether a person may close it without an answer. */
  closable?: boolean;
  children: ReactNode;
}

/** A modal dialog: the browser's own, which keeps the focus within and gives it back. */
export function Dialog({ title, onClose, wide, closable = true, children }: DialogProps) {
  const element = useRef<HTMLDialogElement>(null);
  const id = useId();
  // Closed before it leaves the page, so that the browser gives the focus back.
  useLayoutEffect(() => {
    const dialog = element.current;
    if (dialog && !dialog.open) {
      dialog.showModal();
      // What is asked for comes before the way out.
      dialog.querySelector<HTMLInputElement>("input.input")?.focus();
    }
    return () => dialog?.close();
  }, []);
  return (
    <dialog
      ref={element}
      className="dialog"
      data-wide={wide ? "" : undefined}
      aria-labelledby={id}
      onCancel={(event) => {
        event.preventDefault();
        if (closable) onClose();
      }}
      onKeyDown={(event) => event.stopPropagation()}
    >
      <div className="dialog-head">
        <h2 id={id}>{title}</h2>
        {closable && <IconButton label="Close" icon={<X />} onClick={onClose} />}
      </div>
      <div className="dialog-body">{children}</div>
    </dialog>
  );
}
