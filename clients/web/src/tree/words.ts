import type { Node } from "../api";

/** What a node is called: its title, else what was asked for. */
export function nodeText(node: Node): string {
  if (node.title) return node.title;
  if (node.edit?.instruction) return node.edit.instruction;
  return node.merged ? "Two changes joined" : "The first picture";
}
