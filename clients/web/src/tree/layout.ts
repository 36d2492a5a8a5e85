import { stratify, tree } from "d3-hierarchy";

import type { Node } from "../api";

export const CARD_WIDTH = 132;
export const CARD_HEIGHT = 128;
const GAP_X = 20;
const GAP_Y = 44;

export interface Place {
  node: Node;
  /** Left and top edge of its card. */
  x: number;
  y: number;
  /** How many nodes are not shown in the branches that end here: children out of sight, and all below those. */
  folded: number;
}

/** How large a tree is at a zoom of 1, pixels. */
export interface Extent {
  width: number;
  height: number;
}

export interface Layout extends Extent {
  places: Place[];
  byName: ReadonlyMap<string, Place>;
}

export interface Shown {
  /** Show hidden nodes, and what is below them. */
  hidden: boolean;
  /** Nodes whose branches are folded. */
  folded: ReadonlySet<string>;
}

/** Children of every node, in order of their creation. */
export function childrenOf(nodes: readonly Node[]): Map<string, Node[]> {
  const children = new Map<string, Node[]>();
  for (const node of nodes) {
    const siblings = children.get(node.parent);
    if (siblings) siblings.push(node);
    else children.set(node.parent, [node]);
  }
  return children;
}

/** Counts what is below each node, itself not counted. */
function countBelow(nodes: readonly Node[]): Map<string, number> {
  const below = new Map<string, number>();
  // Parents come before children: from the end, every node's count is complete when it is added to its parent's.
  for (const node of [...nodes].reverse()) {
    below.set(node.parent, (below.get(node.parent) ?? 0) + 1 + (below.get(node.name) ?? 0));
  }
  return below;
}

/** Counts, for each shown node, its children that are not shown and all that is below those. */
function countOut(nodes: readonly Node[], visible: readonly Node[]): Map<string, number> {
  const below = countBelow(nodes);
  const seen = new Set(visible.map((node) => node.name));
  const out = new Map<string, number>();
  for (const node of nodes) {
    if (seen.has(node.name) || !seen.has(node.parent)) continue;
    out.set(node.parent, (out.get(node.parent) ?? 0) + 1 + (below.get(node.name) ?? 0));
  }
  return out;
}

/** The nodes that are shown: neither hidden nor below a hidden or folded one. The root always is. */
export function visibleNodes(nodes: readonly Node[], shown: Shown): Node[] {
  const open = new Set<string>();
  return nodes.filter((node) => {
    const root = node.parent === "";
    const seen = root || (open.has(node.parent) && (shown.hidden || !node.hidden));
    if (seen && !shown.folded.has(node.name)) open.add(node.name);
    return seen;
  });
}

/** Places a design's nodes (parents before children) as a tidy tree that grows downwards. */
export function layOut(nodes: readonly Node[], shown: Shown): Layout {
  const visible = visibleNodes(nodes, shown);
  if (visible.length === 0) return { places: [], byName: new Map(), width: 0, height: 0 };
  const root = stratify<Node>()
    .id((node) => node.name)
    .parentId((node) => node.parent)(visible);
  const placed = tree<Node>()
    .nodeSize([CARD_WIDTH + GAP_X, CARD_HEIGHT + GAP_Y])
    .separation(() => 1)(root);
  const out = countOut(nodes, visible);
  const places = placed.descendants().map(({ data, x, y }) => ({
    node: data,
    x: x - CARD_WIDTH / 2,
    y,
    folded: out.get(data.name) ?? 0,
  }));
  const [left, right] = extremes(places.map(({ x }) => x));
  const [top, bottom] = extremes(places.map(({ y }) => y));
  return {
    places,
    byName: new Map(places.map((place) => [place.node.name, place])),
    width: right - left + CARD_WIDTH,
    height: bottom - top + CARD_HEIGHT,
  };
}

// Spread into Math.min, a tree of many thousand nodes would be too many arguments.
function extremes(values: readonly number[]): [number, number] {
  return values.reduce<[number, number]>(
    ([least, most], value) => [Math.min(least, value), Math.max(most, value)],
    [Infinity, -Infinity],
  );
}
