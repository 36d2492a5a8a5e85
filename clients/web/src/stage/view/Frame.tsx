import { Maximize, Minus, Plus } from "lucide-react";
import { type ReactNode, useCallback, useState } from "react";

import { IconButton } from "../../ui";
import { type Hand, useGestures } from "./gestures";
import { isFit, zoomAt } from "./transform";
import type { Viewer } from "./useViewer";

interface FrameProps {
  viewer: Viewer;
  /** What is shown, for those who do not see it. */
  label: string;
  hand?: Hand;
  /** Layers that move with the picture. */
  children: ReactNode;
  /** Layers that stay in the frame. */
  over?: ReactNode;
}

/** A frame in which a picture is zoomed and moved by wheel, fingers and keys. */
export function Frame({ viewer, label, hand, children, over }: FrameProps) {
  const [element, setElement] = useState<HTMLElement | null>(null);
  const gestures = useGestures(viewer, element, hand);
  const measure = viewer.ref;
  const attach = useCallback(
    (found: HTMLElement | null) => {
      setElement(found);
      measure(found);
    },
    [measure],
  );
  const { view, picture, frame, measured } = viewer;
  return (
    <div className="frame">
      {/* A picture that is zoomed and moved by keys has no role of its own in ARIA; its label tells the keys. */}
      <div
        className="frame-view"
        role="group"
        aria-label={`${label}. Plus and minus zoom, 0 shows all of it, arrows move it when zoomed.`}
        // eslint-disable-next-line jsx-a11y/no-noninteractive-tabindex
        tabIndex={0}
        data-draws={hand ? "" : undefined}
        data-whole={isFit(view, picture, frame) ? "" : undefined}
        ref={attach}
        {...gestures}
      >
        {measured && <World viewer={viewer}>{children}</World>}
      </div>
      {over}
    </div>
  );
}

/** The picture's own plane: layers within it are placed in shares of the picture. */
export function World({ viewer, children }: { viewer: Viewer; children: ReactNode }) {
  const { view, picture } = viewer;
  return (
    <div
      className="world"
      style={{
        width: picture.width * view.scale,
        height: picture.height * view.scale,
        transform: `translate(${view.x}px, ${view.y}px)`,
      }}
    >
      {children}
    </div>
  );
}

/** Buttons that zoom, for those without a wheel. */
export function ZoomButtons({ viewer }: { viewer: Viewer }) {
  const { view, picture, frame } = viewer;
  const whole = isFit(view, picture, frame);
  const zoom = (factor: number) =>
    viewer.move((now, size, around) =>
      zoomAt(now, factor, { x: around.width / 2, y: around.height / 2 }, size, around),
    );
  return (
    <div className="zoom" role="group" aria-label="Zoom">
      <IconButton label="Zoom out" icon={<Minus />} disabled={whole} onClick={() => zoom(1 / 1.5)} />
      <span className="zoom-share" aria-live="off">
        {Math.round(view.scale * 100)}%
      </span>
      <IconButton label="Zoom in" icon={<Plus />} onClick={() => zoom(1.5)} />
      <IconButton label="Show the whole picture" icon={<Maximize />} disabled={whole} onClick={viewer.fit} />
    </div>
  );
}
