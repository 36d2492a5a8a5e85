import type { Node } from "../api";

const SHORT = 60;

/** What a node is called: its title, else what was asked for. */
export function nodeText(node: Node): string {
  if (node.title) return node.title;
  if (node.edit?.instruction) return node.edit.instruction;
  return node.merged ? "Two changes joined" : "The first picture";
}

/** What a node is called within a sentence: a long instruction by its beginning. */
export function shortText(node: Node): string {
  const text = nodeText(node);
  return text.length > SHORT ? `${text.slice(0, SHORT - 1).trimEnd()}…` : text;
}
