import { type Edge, Position } from "@xyflow/react";

import type { Node } from "../api";
import type { CardNode } from "./Card";
import { CARD_HEIGHT, CARD_WIDTH, type Layout } from "./layout";

const HANDLE = { width: 1, height: 1, x: CARD_WIDTH / 2 };

/** Sizes and handles are told, so that a thousand cards need no measuring. */
const CARD = {
  type: "card",
  width: CARD_WIDTH,
  height: CARD_HEIGHT,
  measured: { width: CARD_WIDTH, height: CARD_HEIGHT },
  handles: [
    { ...HANDLE, type: "target", position: Position.Top, y: 0 },
    { ...HANDLE, type: "source", position: Position.Bottom, y: CARD_HEIGHT },
  ],
} as const;

export function cardsOf(layout: Layout, closed: ReadonlySet<string>): CardNode[] {
  return layout.places.map(({ node, x, y, folded }) => ({
    ...CARD,
    handles: [...CARD.handles],
    id: node.name,
    position: { x, y },
    data: { node, folded, closed: closed.has(node.name) },
  }));
}

/** Names of a node and all its ancestors. */
export function pathTo(layout: Layout, name: string): Set<string> {
  const path = new Set<string>();
  for (let at = layout.byName.get(name); at; at = layout.byName.get(at.node.parent)) path.add(at.node.name);
  return path;
}

function edgeOf(source: string, { name }: Node, kind: "parent" | "merged", onPath: boolean): Edge {
  return {
    id: `${kind} ${name}`,
    source,
    target: name,
    type: "smoothstep",
    className: kind === "merged" ? "tree-joined" : onPath ? "tree-on-path" : undefined,
    zIndex: onPath ? 1 : 0,
    focusable: false,
  };
}

/** Lines from parents to children, those on the way to the selected node marked; dashed where two were joined. */
export function linesOf(layout: Layout, selected: string): Edge[] {
  const path = pathTo(layout, selected);
  return layout.places.flatMap(({ node }) => {
    const lines = node.parent ? [edgeOf(node.parent, node, "parent", path.has(node.name))] : [];
    if (node.merged && layout.byName.has(node.merged)) lines.push(edgeOf(node.merged, node, "merged", false));
    return lines;
  });
}
