import { useCallback, useEffect, useState } from "react";

import { fit, isFit, type Size, type View } from "./transform";

const UNMEASURED: Size = { width: 1, height: 1 };

/** How a picture is shown in a frame, and how to change that. */
export interface Viewer {
  readonly picture: Size;
  readonly frame: Size;
  readonly view: View;
  /** Whether the frame was measured, so that sizes mean something. */
  readonly measured: boolean;
  readonly move: (change: (view: View, picture: Size, frame: Size) => View) => void;
  readonly fit: () => void;
  /** Goes to the element that is the frame. */
  readonly ref: (element: HTMLElement | null) => void;
}

/** Show a picture whole until it is zoomed, and whole again when the frame or the picture's size changes. */
export function useViewer(picture: Size): Viewer {
  const [element, ref] = useState<HTMLElement | null>(null);
  const [frame, setFrame] = useState(UNMEASURED);
  const [held, setHeld] = useState<{ view: View; picture: Size }>();
  useEffect(() => {
    if (!element) return;
    const observer = new ResizeObserver(() => {
      setFrame({ width: element.clientWidth || 1, height: element.clientHeight || 1 });
    });
    observer.observe(element);
    return () => observer.disconnect();
  }, [element]);

  const { width, height } = picture;
  const holds = held?.picture.width === width && held.picture.height === height;
  const view = holds ? held.view : fit(picture, frame);
  const move = useCallback<Viewer["move"]>(
    (change) =>
      setHeld((before) => {
        const size = { width, height };
        const same = before?.picture.width === width && before.picture.height === height;
        const next = change(same ? before.view : fit(size, frame), size, frame);
        return isFit(next, size, frame) ? undefined : { view: next, picture: size };
      }),
    [width, height, frame],
  );
  return { picture, frame, view, measured: frame !== UNMEASURED, move, fit: () => setHeld(undefined), ref };
}
