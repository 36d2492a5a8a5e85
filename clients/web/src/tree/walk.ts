import type { Node } from "../api";
import { childrenOf } from "./layout";

export type Direction = "up" | "down" | "left" | "right" | "first" | "last";

const DIRECTIONS: Record<string, Direction> = {
  ArrowUp: "up",
  ArrowDown: "down",
  ArrowLeft: "left",
  ArrowRight: "right",
  Home: "first",
  End: "last",
};

export function directionOf(key: string): Direction | undefined {
  return DIRECTIONS[key];
}

function beside(siblings: readonly Node[], name: string, by: number): string | undefined {
  return siblings[siblings.findIndex((node) => node.name === name) + by]?.name;
}

/**
 * The next node of a walk: up to the parent, down to the child that was left last (else the newest), left and right to
 * siblings and, past them, to cousins of the same depth. Undefined where there is none.
 *
 * @param nodes the nodes that are shown, parents before children
 * @param left which child a walk left a node's branch by, if any
 */
export function step(
  nodes: readonly Node[],
  from: string,
  direction: Direction,
  left: ReadonlyMap<string, string>,
): string | undefined {
  const node = nodes.find((one) => one.name === from);
  if (!node) return undefined;
  const children = childrenOf(nodes);
  switch (direction) {
    case "up":
      return node.parent || undefined;
    case "down": {
      const own = children.get(from) ?? [];
      const last = left.get(from);
      return own.some((child) => child.name === last) ? last : own.at(-1)?.name;
    }
    case "left":
    case "right": {
      const by = direction === "left" ? -1 : 1;
      const siblings = children.get(node.parent) ?? [];
      return beside(siblings, from, by) ?? beside(levelOf(nodes, children, node.depth), from, by);
    }
    case "first":
      return nodes[0]?.name;
    case "last":
      return children.get(node.parent)?.at(-1)?.name;
  }
}

/** Nodes of one depth, from left to right as they are drawn. */
function levelOf(nodes: readonly Node[], children: ReadonlyMap<string, Node[]>, depth: number): Node[] {
  let level = nodes.filter((node) => node.parent === "");
  for (let at = 0; at < depth; at += 1) level = level.flatMap((node) => children.get(node.name) ?? []);
  return level;
}
