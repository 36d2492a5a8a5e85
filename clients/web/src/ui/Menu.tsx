import { type ReactNode, useEffect, useId, useRef, useState } from "react";

import { IconButton } from "./Button";

interface MenuProps {
  label: string;
  icon: ReactNode;
  children: ReactNode;
}

/** A button that opens a list of buttons; Escape, a choice or a click elsewhere closes it. */
export function Menu({ label, icon, children }: MenuProps) {
  const [open, setOpen] = useState(false);
  const box = useRef<HTMLDivElement>(null);
  const id = useId();
  useEffect(() => {
    if (!open) return;
    const leave = (event: PointerEvent) => {
      if (!box.current?.contains(event.target as globalThis.Node)) setOpen(false);
    };
    document.addEventListener("pointerdown", leave);
    return () => document.removeEventListener("pointerdown", leave);
  }, [open]);
  // The chosen button goes with the list: a dialog that it opens gives the focus back to the one that stays.
  const close = () => {
    setOpen(false);
    box.current?.querySelector("button")?.focus();
  };
  return (
    // The keys belong to the list: Escape closes it, wherever within it the focus is.
    // eslint-disable-next-line jsx-a11y/no-static-element-interactions
    <div
      className="menu"
      ref={box}
      onKeyDown={(event) => {
        if (event.key !== "Escape" || !open) return;
        event.stopPropagation();
        close();
      }}
      onBlur={(event) => {
        if (event.relatedTarget && !box.current?.contains(event.relatedTarget)) setOpen(false);
      }}
    >
      <IconButton
        label={label}
        icon={icon}
        aria-expanded={open}
        aria-controls={id}
        onClick={() => setOpen(!open)}
      />
      {open && (
        // eslint-disable-next-line jsx-a11y/no-static-element-interactions, jsx-a11y/click-events-have-key-events
        <div className="menu-list" id={id} onClick={close}>
          {children}
        </div>
      )}
    </div>
  );
}
