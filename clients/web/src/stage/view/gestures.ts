/** What pointers do to a picture: one finger moves or draws, two zoom, whatever the first was doing. */

import { useEffect, useRef } from "react";

import { ownTouches } from "../../ui";
import { keyView, pan, pinch, type Point, toPicture, wheelFactor, zoomAt } from "./transform";
import type { Viewer } from "./useViewer";

/** A tool that draws. Points are pixels of the picture. */
export interface Hand {
  begin(at: Point): void;
  move(through: readonly Point[]): void;
  end(): void;
  /** A second finger came: what was begun was no drawing. */
  cancel(): void;
  /** The pointer is over the picture and draws nothing, or is gone. */
  hover?(at: Point | undefined): void;
}

interface Fingers {
  readonly points: Map<number, Point>;
  drawing: boolean;
}

type Pointer = React.PointerEvent<HTMLElement>;

/** Return the handlers of a frame's element. */
export function useGestures(viewer: Viewer, element: HTMLElement | null, hand: Hand | undefined) {
  const fingers = useRef<Fingers>({ points: new Map(), drawing: false });
  useWheel(viewer, element);
  useEffect(() => ownTouches(element), [element]);

  const onPointerDown = (event: Pointer) => {
    const { points } = fingers.current;
    const at = within(event);
    if (points.size === 0 && event.button > 1) return;
    event.currentTarget.setPointerCapture(event.pointerId);
    points.set(event.pointerId, at);
    if (points.size === 1 && hand && event.button === 0 && !event.altKey) {
      fingers.current.drawing = true;
      hand.begin(toPicture(viewer.view, at));
    } else if (fingers.current.drawing) {
      fingers.current.drawing = false;
      hand?.cancel();
    }
  };

  const onPointerMove = (event: Pointer) => {
    const { points, drawing } = fingers.current;
    const at = within(event);
    const before = points.get(event.pointerId);
    if (!before) {
      hand?.hover?.(toPicture(viewer.view, at));
      return;
    }
    const two = [...points.values()];
    points.set(event.pointerId, at);
    if (drawing) {
      hand?.move(coalesced(event).map((point) => toPicture(viewer.view, point)));
    } else if (points.size === 1) {
      viewer.move((view, picture, frame) => pan(view, at.x - before.x, at.y - before.y, picture, frame));
    } else if (two[0] && two[1]) {
      const after = [...points.values()];
      const [from, to] = [[two[0], two[1]] as const, [after[0] ?? at, after[1] ?? at] as const];
      viewer.move((view, picture, frame) => pinch(view, from, to, picture, frame));
    }
  };

  const onPointerUp = (event: Pointer) => {
    const state = fingers.current;
    if (!state.points.delete(event.pointerId) || !state.drawing) return;
    state.drawing = false;
    if (event.type === "pointercancel") hand?.cancel();
    else hand?.end();
  };

  const onKeyDown = (event: React.KeyboardEvent) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.target !== event.currentTarget) return;
    const { view, picture, frame } = viewer;
    const next = keyView(view, event.key, picture, frame);
    // A key that changes nothing is left to the page: arrows walk the tree while all of the picture is shown.
    if (!next || (next.x === view.x && next.y === view.y && next.scale === view.scale)) return;
    event.preventDefault();
    event.stopPropagation();
    viewer.move(() => next);
  };

  const onDoubleClick = (event: React.MouseEvent<HTMLElement>) => {
    if (hand) return;
    const at = within(event);
    viewer.move((view, picture, frame) => zoomAt(view, 2.5, at, picture, frame));
  };

  return {
    onPointerDown,
    onPointerMove,
    onPointerUp,
    onPointerCancel: onPointerUp,
    onPointerLeave: () => hand?.hover?.(undefined),
    onKeyDown,
    onDoubleClick,
  };
}

// React listens to wheels passively, which may not keep the page from scrolling.
function useWheel({ move }: Viewer, element: HTMLElement | null): void {
  useEffect(() => {
    if (!element) return;
    const turn = (event: WheelEvent) => {
      event.preventDefault();
      const { left, top } = element.getBoundingClientRect();
      const at = { x: event.clientX - left, y: event.clientY - top };
      const factor = wheelFactor(event);
      move((view, picture, frame) => zoomAt(view, factor, at, picture, frame));
    };
    element.addEventListener("wheel", turn, { passive: false });
    return () => element.removeEventListener("wheel", turn);
  }, [element, move]);
}

function within(event: { currentTarget: Element; clientX: number; clientY: number }): Point {
  const { left, top } = event.currentTarget.getBoundingClientRect();
  return { x: event.clientX - left, y: event.clientY - top };
}

/** Where the pointer was between two frames of the screen too, so that quick strokes stay round. */
function coalesced(event: Pointer): Point[] {
  const { left, top } = event.currentTarget.getBoundingClientRect();
  const all = event.nativeEvent.getCoalescedEvents();
  const points = all.length ? all : [event.nativeEvent];
  return points.map((point) => ({ x: point.clientX - left, y: point.clientY - top }));
}
