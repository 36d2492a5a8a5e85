import { useEffect, useLayoutEffect, useMemo, useRef, useState } from "react";

import type { Hand } from "../view/gestures";
import type { Point, Size } from "../view/transform";
import { BitMask, type Rect } from "./bitmask";
import { previewScale, type Step } from "./history";
import { type Paint, paintMask, PREVIEW_SIDE } from "./painter";
import { drawStroke, thinned } from "./shapes";

/** A tool of the hand: the first moves the picture, the others draw. */
export type Tool = "move" | "brush" | "eraser" | "box" | "box-eraser";

/** A mask over the picture. */
export function MaskLayer({ mask, label, paint }: { mask: BitMask; label: string; paint?: Paint }) {
  const canvas = useRef<HTMLCanvasElement>(null);
  useLayoutEffect(() => {
    if (canvas.current) paintMask(canvas.current, mask, undefined, paint);
  }, [mask, paint]);
  return <canvas ref={canvas} className="mask" role="img" aria-label={label} />;
}

interface DrawingProps {
  picture: Size;
  /** The mask that is shown before this stroke. */
  mask: BitMask | undefined;
  tool: Tool;
  /** Radius of brush and eraser, pixels of the picture. */
  radius: number;
  onStep: (step: Step) => void;
}

interface Pending {
  readonly live: BitMask;
  readonly points: number[];
}

/** Return the hand of a tool, and the layer that shows what it draws. */
export function useDrawing({ picture, mask, tool, radius, onStep }: DrawingProps) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const pending = useRef<Pending>(undefined);
  const [box, setBox] = useState<Rect>();
  const [cursor, setCursor] = useState<Point>();
  const scale = previewScale(picture.width, picture.height, PREVIEW_SIDE);
  const base = useMemo(
    () =>
      mask ?? new BitMask(Math.round(picture.width * scale) || 1, Math.round(picture.height * scale) || 1),
    [mask, picture.width, picture.height, scale],
  );
  const inside = tool === "brush" || tool === "box";
  const boxes = tool === "box" || tool === "box-eraser";

  useEffect(() => {
    if (canvas.current) paintMask(canvas.current, base);
  }, [base]);

  const drawFrom = (point: number) => {
    const { live, points } = pending.current ?? {};
    if (!live || !points || !canvas.current) return;
    drawStroke(live, { radius, points }, inside, scale, point);
    paintMask(canvas.current, live, boundsOf(points.slice(Math.max(0, 2 * point)), radius, scale));
  };

  const hand: Hand = {
    begin: (at) => {
      pending.current = { live: base.copy(), points: [at.x, at.y] };
      if (boxes) setBox({ x: at.x, y: at.y, width: 0, height: 0 });
      else drawFrom(0);
    },
    move: (through) => {
      const points = pending.current?.points;
      if (!points) return;
      const last = points.length / 2 - 1;
      for (const { x, y } of through) points.push(x, y);
      if (boxes) setBox(boxBetween(points, picture));
      else drawFrom(last);
      setCursor(through.at(-1));
    },
    end: () => {
      const points = pending.current?.points;
      pending.current = undefined;
      setBox(undefined);
      if (!points) return;
      if (!boxes) {
        onStep({ kind: "stroke", inside, stroke: thinned({ radius, points }) });
        return;
      }
      const drawn = boxBetween(points, picture);
      if (drawn.width >= 1 && drawn.height >= 1) onStep({ kind: "box", inside, box: drawn });
    },
    cancel: () => {
      pending.current = undefined;
      setBox(undefined);
      if (canvas.current) paintMask(canvas.current, base);
    },
    hover: setCursor,
  };

  const layer = (
    <>
      <canvas ref={canvas} className="mask" role="img" aria-label="The marked area" />
      {box && <div className="box-draft" data-cuts={inside ? undefined : ""} style={placed(box, picture)} />}
      {cursor && !boxes && tool !== "move" && (
        <div
          className="brush-cursor"
          style={placed(
            { x: cursor.x - radius, y: cursor.y - radius, width: 2 * radius, height: 2 * radius },
            picture,
          )}
        />
      )}
    </>
  );
  return { hand: tool === "move" ? undefined : hand, layer };
}

/** The box between the first and the last point, within the picture, in whole pixels. */
function boxBetween(points: readonly number[], picture: Size): Rect {
  const [x0 = 0, y0 = 0] = points;
  const [x1 = 0, y1 = 0] = points.slice(-2);
  const clip = (value: number, most: number) => Math.round(Math.min(most, Math.max(0, value)));
  const x = clip(Math.min(x0, x1), picture.width);
  const y = clip(Math.min(y0, y1), picture.height);
  return {
    x,
    y,
    width: clip(Math.max(x0, x1), picture.width) - x,
    height: clip(Math.max(y0, y1), picture.height) - y,
  };
}

function boundsOf(points: readonly number[], radius: number, scale: number): Rect {
  let [left, top, right, bottom] = [Infinity, Infinity, -Infinity, -Infinity];
  for (let i = 0; i < points.length; i += 2) {
    const [x = 0, y = 0] = [points[i], points[i + 1]];
    [left, right] = [Math.min(left, x), Math.max(right, x)];
    [top, bottom] = [Math.min(top, y), Math.max(bottom, y)];
  }
  return {
    x: (left - radius) * scale,
    y: (top - radius) * scale,
    width: (right - left + 2 * radius) * scale,
    height: (bottom - top + 2 * radius) * scale,
  };
}

function placed({ x, y, width, height }: Rect, picture: Size): React.CSSProperties {
  const share = (value: number, of: number) => `${(100 * value) / of}%`;
  return {
    left: share(x, picture.width),
    top: share(y, picture.height),
    width: share(width, picture.width),
    height: share(height, picture.height),
  };
}
