import { create } from "@bufbuild/protobuf";
import { expect, test } from "vitest";

import { NodeSchema, type Node } from "../gen/langdesign/design/v1/design_pb";
import { CARD_WIDTH, layOut, visibleNodes } from "./layout";
import { step } from "./walk";

/** `make("a", "b<a", "c<a")`: nodes with their parents; a `!` marks a hidden one. */
function make(...specs: string[]): Node[] {
  const depths = new Map<string, number>();
  return specs.map((spec) => {
    const hidden = spec.endsWith("!");
    const [name = "", parent = ""] = spec.replace("!", "").split("<");
    const depth = parent ? (depths.get(parent) ?? 0) + 1 : 0;
    depths.set(name, depth);
    return create(NodeSchema, { name, parent, hidden, depth });
  });
}

const ALL = { hidden: true, folded: new Set<string>() };
const NONE = new Map<string, string>();
const names = (nodes: Node[]) => nodes.map((node) => node.name);

test("a hidden node goes with its branch, and its parent tells how many are gone", () => {
  const nodes = make("r", "a<r!", "b<a", "c<r");
  const shown = { hidden: false, folded: new Set<string>() };
  expect(names(visibleNodes(nodes, shown))).toEqual(["r", "c"]);
  expect(layOut(nodes, shown).byName.get("r")?.folded).toBe(2);
  expect(layOut(nodes, ALL).places).toHaveLength(4);
});

test("a folded branch stays as its first node", () => {
  const nodes = make("r", "a<r", "b<a", "c<b");
  const shown = { hidden: true, folded: new Set(["a"]) };
  expect(names(visibleNodes(nodes, shown))).toEqual(["r", "a"]);
  const { byName } = layOut(nodes, shown);
  expect([byName.get("a")?.folded, byName.get("r")?.folded]).toEqual([2, 0]);
});

test("no two cards overlap, and children are below their parents", () => {
  const nodes = make("r", "a<r", "b<r", "c<a", "d<a", "e<a", "f<b", "g<b", "h<c");
  const { places, byName } = layOut(nodes, ALL);
  for (const one of places) {
    const parent = byName.get(one.node.parent);
    if (parent) expect(one.y).toBeGreaterThan(parent.y);
    for (const other of places) {
      if (one !== other && one.y === other.y)
        expect(Math.abs(one.x - other.x)).toBeGreaterThanOrEqual(CARD_WIDTH);
    }
  }
});

test("a tree is as wide as its siblings and as high as its branches, gaps between them included", () => {
  expect(layOut(make("r"), ALL)).toMatchObject({ width: 132, height: 128 });
  expect(layOut(make("r", "a<r", "b<r", "c<r"), ALL)).toMatchObject({ width: 436, height: 300 });
});

test("a walk goes up to the parent and comes back down the way it came", () => {
  const nodes = make("r", "a<r", "b<r", "c<a");
  expect(step(nodes, "c", "up", NONE)).toBe("a");
  expect(step(nodes, "r", "down", NONE)).toBe("b");
  expect(step(nodes, "r", "down", new Map([["r", "a"]]))).toBe("a");
  expect(step(nodes, "r", "up", NONE)).toBeUndefined();
});

test("a walk sideways goes on to cousins at the same depth", () => {
  const nodes = make("r", "a<r", "b<r", "c<a", "d<b");
  expect(step(nodes, "a", "right", NONE)).toBe("b");
  expect(step(nodes, "c", "right", NONE)).toBe("d");
  expect(step(nodes, "d", "left", NONE)).toBe("c");
  expect(step(nodes, "d", "right", NONE)).toBeUndefined();
});

test("a chain of 5,000 nodes is laid out without running out of stack", () => {
  const nodes = make("n0", ...Array.from({ length: 4999 }, (_, i) => `n${i + 1}<n${i}`));
  expect(layOut(nodes, ALL).places).toHaveLength(5000);
});
