import "@xyflow/react/dist/base.css";
import "./tree.css";

import { Panel, ReactFlow, type ReactFlowInstance } from "@xyflow/react";
import { Maximize, Minus, Plus } from "lucide-react";
import { type KeyboardEvent, useCallback, useEffect, useMemo, useRef, useState } from "react";

import type { Node } from "../api";
import { IconButton, ownTouches } from "../ui";
import { Card, type CardNode, type Choice, ChoiceContext } from "./Card";
import { cardsOf, linesOf } from "./flow";
import { CARD_HEIGHT, CARD_WIDTH, type Extent, layOut, visibleNodes } from "./layout";
import { directionOf, step } from "./walk";

const NODE_TYPES = { card: Card };
const READABLE = 0.85;
// Of a tree that is shown whole: its pictures can still be told apart.
const LEAST = 0.5;
const MOST = 1.5;
// The zoom buttons lie below.
const BELOW = 64;
const [ABOVE, ASIDE] = [20, 16];
const MARGINS = {
  top: `${ABOVE}px`,
  left: `${ASIDE}px`,
  right: `${ASIDE}px`,
  bottom: `${BELOW}px`,
} as const;

type Flow = ReactFlowInstance<CardNode>;

interface TreeProps {
  nodes: readonly Node[];
  selected: string;
  showHidden: boolean;
  picking: boolean;
  /** Nodes that a search found. */
  found: ReadonlySet<string>;
  /** Which child a walk left each node's branch by. */
  left: ReadonlyMap<string, string>;
  /** `walked`: by the keys, so that the browser's history does not fill with every step. */
  onSelect: (node: string, walked: boolean) => void;
  onShowHidden: () => void;
}

function motion(): number {
  return window.matchMedia("(prefers-reduced-motion: reduce)").matches ? 0 : 220;
}

/** The size of a box, as text, so that a new size is a new value; empty while it is out of sight, as at first on a phone. */
function useSize(box: React.RefObject<HTMLDivElement | null>): string {
  const [size, setSize] = useState("");
  useEffect(() => {
    if (!box.current) return;
    const observer = new ResizeObserver(([entry]) => {
      const { width = 0, height = 0 } = entry?.contentRect ?? {};
      setSize(width > 0 ? `${Math.round(width)}x${Math.round(height)}` : "");
    });
    observer.observe(box.current);
    return () => observer.disconnect();
  }, [box]);
  return size;
}

/** Moves the view so that a node's card is in it; at first, to a size that can be read. */
function useInView(
  flow: Flow | undefined,
  box: React.RefObject<HTMLDivElement | null>,
  place: { x: number; y: number } | undefined,
  extent: Extent,
) {
  const placed = useRef(false);
  const drawn = useSize(box);
  useEffect(() => {
    const size = box.current?.getBoundingClientRect();
    if (!flow || !place || !size || !drawn) return;
    const first = !placed.current;
    placed.current = true;
    const { x, y, zoom } = flow.getViewport();
    const left = place.x * zoom + x;
    const top = place.y * zoom + y;
    const seen =
      left > 8 &&
      top > 8 &&
      left + CARD_WIDTH * zoom < size.width - 8 &&
      top + CARD_HEIGHT * zoom < size.height - BELOW;
    if (seen && !first) return;
    const whole = Math.min(
      (size.width - 2 * ASIDE) / extent.width,
      (size.height - ABOVE - BELOW) / extent.height,
    );
    if (whole >= LEAST)
      return void flow.fitView({ maxZoom: 1, padding: MARGINS, duration: first ? 0 : motion() });
    const to = first ? READABLE : Math.max(zoom, 0.5);
    void flow.setCenter(place.x + CARD_WIDTH / 2, place.y + CARD_HEIGHT / 2, {
      zoom: to,
      duration: first ? 0 : motion(),
    });
  }, [flow, box, place, extent, drawn]);
}

/** Moves the keyboard's focus with the selection, while it is in the tree, and into the tree once a choice is asked for. */
function useFocusFollows(box: React.RefObject<HTMLDivElement | null>, selected: string, picking: boolean) {
  const asked = useRef(false);
  useEffect(() => {
    const begun = picking && !asked.current;
    asked.current = picking;
    const inside = box.current?.contains(document.activeElement);
    if (!begun && !(inside && (document.activeElement as HTMLElement).dataset.node)) return;
    let tries = 0;
    const focus = () => {
      const card = box.current?.querySelector<HTMLElement>(`[data-node="${CSS.escape(selected)}"]`);
      if (card) card.focus({ preventScroll: true });
      // A card out of sight is drawn once the view has come to it.
      else if ((tries += 1) < 30) frame = requestAnimationFrame(focus);
    };
    let frame = requestAnimationFrame(focus);
    return () => cancelAnimationFrame(frame);
  }, [box, selected, picking]);
}

/** A design's tree: the root above, what came of it below. */
export function Tree({
  nodes,
  selected,
  showHidden,
  picking,
  found,
  left,
  onSelect,
  onShowHidden,
}: TreeProps) {
  const [closed, setClosed] = useState<ReadonlySet<string>>(new Set());
  const [hovered, setHovered] = useState("");
  const [flow, setFlow] = useState<Flow>();
  const box = useRef<HTMLDivElement>(null);

  const shown = useMemo(() => ({ hidden: showHidden, folded: closed }), [showHidden, closed]);
  const layout = useMemo(() => layOut(nodes, shown), [nodes, shown]);
  const cards = useMemo(() => cardsOf(layout, closed), [layout, closed]);
  const lines = useMemo(() => linesOf(layout, selected), [layout, selected]);
  const place = layout.byName.get(selected);
  useInView(flow, box, place, layout);
  useFocusFollows(box, selected, picking);
  // The flow takes none of a finger that begins on a card.
  useEffect(() => ownTouches(box.current), []);

  const fold = useCallback(
    (node: string) => {
      if (!closed.has(node)) return onShowHidden();
      setClosed(new Set([...closed].filter((one) => one !== node)));
    },
    [closed, onShowHidden],
  );
  const choice: Choice = useMemo(
    () => ({
      selected,
      hovered,
      picking,
      found,
      onSelect: (node) => onSelect(node, false),
      onHover: setHovered,
      onFold: fold,
    }),
    [selected, hovered, picking, found, onSelect, fold],
  );

  const keys = (event: KeyboardEvent) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key === " " && event.shiftKey) {
      event.preventDefault();
      return setClosed(
        new Set(closed.has(selected) ? [...closed].filter((one) => one !== selected) : [...closed, selected]),
      );
    }
    const direction = directionOf(event.key);
    if (!direction) return;
    event.preventDefault();
    const next = step(visibleNodes(nodes, shown), selected, direction, left);
    if (next) onSelect(next, true);
  };

  return (
    <ChoiceContext.Provider value={choice}>
      {/* The keys walk from card to card; each card is a button of its own. */}
      {/* eslint-disable-next-line jsx-a11y/no-static-element-interactions */}
      <div className="tree" ref={box} onKeyDown={keys}>
        <ReactFlow<CardNode>
          nodes={cards}
          edges={lines}
          nodeTypes={NODE_TYPES}
          onInit={setFlow}
          aria-label="Tree of pictures. Arrow keys walk: up to the parent, down to a child, left and right to siblings. Shift and space fold a branch."
          onlyRenderVisibleElements
          nodesDraggable={false}
          nodesConnectable={false}
          nodesFocusable={false}
          edgesFocusable={false}
          elementsSelectable={false}
          disableKeyboardA11y
          deleteKeyCode={null}
          selectionKeyCode={null}
          multiSelectionKeyCode={null}
          panActivationKeyCode={null}
          zoomOnDoubleClick={false}
          minZoom={0.05}
          maxZoom={MOST}
        >
          <Panel position="bottom-left" className="tree-zoom">
            <IconButton
              label="Smaller"
              icon={<Minus />}
              onClick={() => void flow?.zoomOut({ duration: motion() })}
            />
            <IconButton
              label="Larger"
              icon={<Plus />}
              onClick={() => void flow?.zoomIn({ duration: motion() })}
            />
            <IconButton
              label="Show the whole tree"
              icon={<Maximize />}
              onClick={() => void flow?.fitView({ duration: motion(), padding: MARGINS, maxZoom: 1 })}
            />
          </Panel>
        </ReactFlow>
      </div>
    </ChoiceContext.Provider>
  );
}
