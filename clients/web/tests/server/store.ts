/** What the test server keeps: designs, nodes, pictures, and the changes that watchers are told. */
import { create } from "@bufbuild/protobuf";
import { timestampNow } from "@bufbuild/protobuf/wkt";
import { Code, ConnectError } from "@connectrpc/connect";

import {
  type Design,
  DesignSchema,
  type Node,
  NodeSchema,
  NodeState,
  type NodeEvent,
  type WatchDesignResponse,
  WatchDesignResponseSchema,
} from "../../src/gen/langdesign/design/v1/design_pb";
import { compare, digest, type MaskPixels, type Picture } from "./pictures";

export interface KeptDesign {
  design: Design;
  nodes: Map<string, Node>;
  changes: { revision: bigint; node?: string }[];
  watchers: Set<(response: WatchDesignResponse) => void>;
  /** Bin entries that went there together. */
  deletions: string[][];
}

let counter = 0;

function id(prefix: string): string {
  counter += 1;
  return `${prefix}${counter.toString(36)}`;
}

export class Store {
  readonly designs = new Map<string, KeptDesign>();
  readonly pictures = new Map<string, Picture>();
  /** By digest: of equal pictures one is kept, and with it what was made of it. */
  private readonly distinct = new Map<string, Picture>();
  readonly masks = new Map<string, MaskPixels>();
  /** Answers by idempotency key: doing a call again changes nothing. */
  readonly answers = new Map<string, unknown>();

  kept(name: string): KeptDesign {
    const kept = this.designs.get(name.split("/").slice(0, 2).join("/"));
    if (!kept) throw new ConnectError("there is no such design", Code.NotFound);
    return kept;
  }

  node(name: string): Node {
    const node = this.kept(name).nodes.get(name);
    if (!node) throw new ConnectError("there is no such node", Code.NotFound);
    return node;
  }

  picture(name: string): Picture {
    this.node(name);
    const picture = this.pictures.get(name);
    if (!picture) throw new ConnectError("the stored picture of this node is missing", Code.DataLoss);
    return picture;
  }

  /** The one that is kept of all pictures with these pixels. */
  one(picture: Picture): Picture {
    const pixels = `${picture.width} x ${picture.height} ${digest(picture)}`;
    const kept = this.distinct.get(pixels) ?? picture;
    this.distinct.set(pixels, kept);
    return kept;
  }

  path(name: string): Node[] {
    const path: Node[] = [];
    for (let at = name; at; at = path[0]?.parent ?? "") path.unshift(this.node(at));
    return path;
  }

  create(title: string, picture: Picture): KeptDesign {
    const name = `designs/${id("d")}`;
    const now = timestampNow();
    const design = create(DesignSchema, {
      name,
      title,
      nodeCount: 0,
      createTime: now,
      updateTime: now,
      revision: 0n,
    });
    const kept: KeptDesign = { design, nodes: new Map(), changes: [], watchers: new Set(), deletions: [] };
    this.designs.set(name, kept);
    const root = this.newNode(kept, { state: NodeState.READY });
    design.root = root.name;
    this.finish(root, picture);
    return kept;
  }

  newNode(kept: KeptDesign, init: Partial<Omit<Node, "$typeName" | "$unknown">>): Node {
    const now = timestampNow();
    const parent = init.parent ? this.node(init.parent) : undefined;
    const node = create(NodeSchema, {
      name: `${kept.design.name}/nodes/${id("n")}`,
      depth: parent ? parent.depth + 1 : 0,
      createTime: now,
      updateTime: now,
      ...init,
    });
    kept.nodes.set(node.name, node);
    this.changed(kept, node);
    return node;
  }

  /** Gives a node its picture. */
  finish(node: Node, made: Picture): void {
    const kept = this.kept(node.name);
    const picture = this.one(made);
    this.pictures.set(node.name, picture);
    node.state = NodeState.READY;
    node.width = picture.width;
    node.height = picture.height;
    node.pixels = digest(picture);
    const root = this.pictures.get(kept.design.root);
    if (root && node.parent && root.data.length === picture.data.length) {
      const statistics = this.difference(root, picture);
      const inside = BigInt(Math.round(Number(statistics.pixels) * statistics.changedShare));
      node.pathReport = {
        $typeName: "langdesign.design.v1.PathReport",
        inside: {
          $typeName: "langdesign.editing.v1.ChangeStatistics",
          ...statistics,
          pixels: inside,
          changedShare: inside > 0n ? 1 : 0,
        },
        outside: {
          $typeName: "langdesign.editing.v1.ChangeStatistics",
          pixels: statistics.pixels - inside,
          changedShare: 0,
          meanDifference: 0,
        },
      };
    }
    kept.design.cover = node.name;
    this.changed(kept, node);
  }

  private readonly known = new Map<Buffer, WeakMap<Buffer, ReturnType<typeof compare>["statistics"]>>();

  /** Statistics of two pictures; a seeded tree asks for the same ones many times. */
  private difference(root: Picture, picture: Picture) {
    const ofRoot =
      this.known.get(root.data) ?? new WeakMap<Buffer, ReturnType<typeof compare>["statistics"]>();
    this.known.set(root.data, ofRoot);
    const statistics = ofRoot.get(picture.data) ?? compare(root, picture).statistics;
    ofRoot.set(picture.data, statistics);
    return statistics;
  }

  /** Notes that a node (or the design) changed, and tells all who watch. */
  changed(kept: KeptDesign, node?: Node): void {
    const { design } = kept;
    design.revision += 1n;
    design.updateTime = timestampNow();
    design.nodeCount = [...kept.nodes.values()].filter((one) => !one.deleteTime).length;
    if (node) {
      node.updateTime = design.updateTime;
      node.etag = `${node.name}@${design.revision}`;
    }
    kept.changes.push({ revision: design.revision, node: node?.name });
    const change = node ? { case: "node" as const, value: node } : { case: "design" as const, value: design };
    const response = create(WatchDesignResponseSchema, { revision: design.revision, change });
    for (const watcher of kept.watchers) watcher(response);
  }

  event(kept: KeptDesign, event: NodeEvent): void {
    const response = create(WatchDesignResponseSchema, {
      revision: kept.design.revision,
      change: { case: "event", value: event },
    });
    for (const watcher of kept.watchers) watcher(response);
  }

  descendants(kept: KeptDesign, name: string): Node[] {
    const inside = new Set([name]);
    for (const node of kept.nodes.values()) if (inside.has(node.parent)) inside.add(node.name);
    return [...kept.nodes.values()].filter((node) => inside.has(node.name));
  }

  /** Does a call once for each idempotency key. */
  once<T>(key: string, call: () => T): T {
    if (!this.answers.has(key)) this.answers.set(key, call());
    return this.answers.get(key) as T;
  }
}
