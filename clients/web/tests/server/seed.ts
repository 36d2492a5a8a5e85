/** Trees to begin with. */
import { create } from "@bufbuild/protobuf";

import { NodeEditSchema, NodeState } from "../../src/gen/langdesign/design/v1/design_pb";
import { runEdit } from "./editing";
import { drawRoom, maskOfRect, type Picture, rectOf, tinted } from "./pictures";
import type { TestService } from "./service";
import type { Store } from "./store";

const THINGS = ["sofa", "wall", "rug", "cushion", "window", "floor"];
const COLOURS = ["green", "white", "navy", "red", "pink", "yellow", "black", "oak"];
const TINTS: [number, number, number][] = [
  [86, 128, 84],
  [226, 222, 214],
  [48, 58, 98],
  [196, 62, 52],
];

/** A small generator of numbers, so that a tree is the same every time. */
function numbers(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
}

/** A tree of so many nodes, whose pictures are of a few kinds; returns its design's name. */
export function seedTree(store: Store, count: number): string {
  const next = numbers(7);
  const root = drawRoom(400, 300);
  const kinds: Picture[] = THINGS.flatMap((thing) => {
    const rect = rectOf(root.width, root.height, thing);
    return rect ? TINTS.map((tint) => tinted(root, maskOfRect(root.width, root.height, rect), tint)) : [];
  });
  const kept = store.create(`A tree of ${count} nodes`, root);
  const names = [kept.design.root];
  while (names.length < count) {
    // Mostly go on from what is new, as people do.
    const back = Math.floor(next() ** 3 * Math.min(names.length, 60));
    const parent = names[names.length - 1 - back] ?? kept.design.root;
    const instruction = `make the ${THINGS[names.length % THINGS.length]} ${COLOURS[names.length % COLOURS.length]}`;
    const node = store.newNode(kept, {
      parent,
      state: NodeState.RUNNING,
      favourite: names.length % 37 === 0,
      hidden: names.length % 53 === 0,
      edit: create(NodeEditSchema, { instruction }),
    });
    store.finish(node, kinds[names.length % kinds.length] ?? root);
    names.push(node.name);
  }
  return kept.design.name;
}

/** A few designs as a designer might have them. */
export async function seedShowcase(service: TestService): Promise<void> {
  const { store } = service;
  const quick = { steps: 1, stepMs: 0 };
  const edit = async (parent: string, instruction: string, said: object = {}) => {
    const kept = store.kept(parent);
    const node = store.newNode(kept, {
      parent,
      state: NodeState.RUNNING,
      edit: create(NodeEditSchema, { instruction }),
      ...said,
    });
    await runEdit(store, kept, node, quick, () => undefined);
    return node.name;
  };
  const plain = store.create("Studio, north wall", drawRoom(900, 1200));
  await edit(plain.design.root, "paint the wall pink");
  const loft = store.create("Loft on Elm Street", drawRoom(1600, 1000));
  await edit(await edit(loft.design.root, "make the sofa red"), "make the rug black");
  const room = store.create("Living room, spring", drawRoom(1200, 900));
  const root = room.design.root;
  const green = await edit(root, "make the sofa green", { favourite: true, title: "The green one" });
  const rug = await edit(green, "make the rug navy");
  await edit(rug, "paint the wall white", { note: "Ask Ana about the paint." });
  await edit(rug, "make the cushion red");
  await edit(green, "make the window black", { hidden: true });
  await edit(root, "make the sofa yellow");
  const pink = await edit(root, "make the sofa pink");
  await edit(pink, "make the floor oak, and fail");
}
