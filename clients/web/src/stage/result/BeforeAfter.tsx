import { useRef } from "react";

import { ownTouches } from "../../ui";
import { World } from "../view/Frame";
import { Picture } from "../view/Picture";
import type { Viewer } from "../view/useViewer";

interface BeforeAfterProps {
  readonly viewer: Viewer;
  /** Node of the picture on the left. */
  readonly before: string;
  readonly names: readonly [string, string];
  /** Where the divider is, 0..1 of what is seen of the picture. */
  readonly share: number;
  readonly onShare: (share: number) => void;
}

/** A divider over a picture: on its left is another picture. Dragged, or moved by arrow keys. */
export function BeforeAfter({ viewer, before, names, share, onShare }: BeforeAfterProps) {
  const element = useRef<HTMLDivElement>(null);
  const { view, picture, frame } = viewer;
  const left = Math.max(0, view.x);
  const right = Math.min(frame.width, view.x + picture.width * view.scale);
  const x = left + share * (right - left);
  const moveTo = (clientX: number) => {
    const origin = element.current?.getBoundingClientRect().left ?? 0;
    onShare(Math.min(1, Math.max(0, (clientX - origin - left) / Math.max(1, right - left))));
  };
  const percent = Math.round(share * 100);
  return (
    <div className="before-after" ref={element}>
      <div className="before" style={{ clipPath: `inset(0 calc(100% - ${x}px) 0 0)` }}>
        <World viewer={viewer}>
          <Picture node={before} viewer={viewer} alt={names[0]} />
        </World>
      </div>
      <span className="side-name" data-side="before" style={{ left: x }} aria-hidden hidden={share < 0.12}>
        {names[0]}
      </span>
      <span className="side-name" data-side="after" style={{ left: x }} aria-hidden hidden={share > 0.88}>
        {names[1]}
      </span>
      <div
        className="divider"
        ref={ownTouches}
        style={{ left: x }}
        role="slider"
        tabIndex={0}
        aria-label={`${names[0]} and ${names[1]}`}
        aria-valuemin={0}
        aria-valuemax={100}
        aria-valuenow={percent}
        aria-valuetext={`${names[0]} on the left ${percent}%, ${names[1]} on the right`}
        onPointerDown={(event) => event.currentTarget.setPointerCapture(event.pointerId)}
        onPointerMove={(event) => {
          if (event.currentTarget.hasPointerCapture(event.pointerId)) moveTo(event.clientX);
        }}
        onKeyDown={(event) => {
          const next = shareOfKey(event.key, share);
          if (next === undefined) return;
          event.preventDefault();
          event.stopPropagation();
          onShare(next);
        }}
      >
        <span className="divider-knob" aria-hidden />
      </div>
    </div>
  );
}

/** Return where a key moves the divider, or undefined for a key that means nothing to it. */
export function shareOfKey(key: string, share: number): number | undefined {
  const step: Record<string, number> = {
    ArrowLeft: -0.02,
    ArrowDown: -0.02,
    ArrowRight: 0.02,
    ArrowUp: 0.02,
    PageDown: -0.1,
    PageUp: 0.1,
    Home: -1,
    End: 1,
  };
  const by = step[key];
  return by === undefined ? undefined : Math.min(1, Math.max(0, share + by));
}
