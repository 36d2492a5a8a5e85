/** The design service of the tests, in memory: the contract's answers, quickly. */
import { clone, create, fromJsonString, type MessageInitShape, toJsonString } from "@bufbuild/protobuf";
import { timestampNow } from "@bufbuild/protobuf/wkt";
import { Code, ConnectError, type ConnectRouter, type ServiceImpl } from "@connectrpc/connect";

import {
  type CreateNodesResponse,
  CreateNodesResponseSchema,
  DesignSchema,
  DesignService,
  type Node,
  NodeSchema,
  NodeState,
  type WatchDesignResponse,
  WatchDesignResponseSchema,
} from "../../src/gen/langdesign/design/v1/design_pb";
import { type EditModelSchema, EditingService } from "../../src/gen/langdesign/editing/v1/editing_pb";
import { ImageFormat } from "../../src/gen/langdesign/media/v1/media_pb";
import { type Pace, plan, runEdit } from "./editing";
import { compare, decode, encodeJpeg, encodeMask, encodePng, type Picture, scaled } from "./pictures";
import { type KeptDesign, Store } from "./store";

/** A queue between those who tell and one who reads. */
class Channel<T> {
  private readonly items: T[] = [];
  private wake: (() => void) | undefined;
  private closed = false;

  push(item: T): void {
    this.items.push(item);
    this.wake?.();
  }

  close(): void {
    this.closed = true;
    this.wake?.();
  }

  async *read(signal: AbortSignal): AsyncGenerator<T> {
    signal.addEventListener("abort", () => this.close());
    for (;;) {
      while (this.items.length > 0) yield this.items.shift() as T;
      if (this.closed) return;
      await new Promise<void>((resolve) => (this.wake = resolve));
    }
  }
}

function decoded(bytes: Uint8Array): Picture {
  const picture = decode(bytes);
  if (!picture)
    throw new ConnectError("the picture is no PNG, JPEG or WebP, or it is damaged", Code.InvalidArgument);
  return picture;
}

function matches(node: Node, words: string[]): boolean {
  const text = `${node.edit?.instruction ?? ""} ${node.title} ${node.note}`.toLowerCase().split(/\W+/);
  return words.every((word) => text.some((one) => one.startsWith(word)));
}

function withoutMask(node: Node): Node {
  const copy = clone(NodeSchema, node);
  if (copy.edit) copy.edit.mask = undefined;
  return copy;
}

/** One model of each family, the first as the embedded family advises it. */
const MODELS: MessageInitShape<typeof EditModelSchema>[] = [
  {
    name: "edit",
    advised: {
      feather: 2,
      editor: {
        case: "instructPix2pix",
        value: { steps: 12, guidanceScale: 2, imageGuidanceScale: 1 },
      },
    },
  },
  {
    name: "inpaint",
    advised: { feather: 8, editor: { case: "inpainting", value: { steps: 20, guidanceScale: 7.5 } } },
  },
];

export interface Running {
  responses: CreateNodesResponse[];
  channels: Set<Channel<CreateNodesResponse>>;
  ended: boolean;
}

export class TestService {
  readonly store = new Store();
  readonly pace: Pace = { steps: 6, stepMs: 60 };

  routes = (router: ConnectRouter): void => {
    router.service(DesignService, { ...this.designs(), ...this.nodes(), ...this.edits() });
    router.service(EditingService, { getServedModels: () => ({ models: MODELS }) });
  };

  private designs(): Partial<ServiceImpl<typeof DesignService>> {
    const { store } = this;
    return {
      createDesign: ({ idempotencyKey, title, image }) =>
        store.once(idempotencyKey, () => {
          const bytes = image?.source.case === "data" ? image.source.value : new Uint8Array();
          const { design, nodes } = store.create(title, decoded(bytes));
          return { design, root: nodes.get(design.root) };
        }),
      getDesign: ({ name }) => ({ design: store.kept(name).design }),
      listDesigns: ({ deleted }) => ({
        designs: [...store.designs.values()]
          .map(({ design }) => design)
          .filter((design) => Boolean(design.deleteTime) === deleted)
          .reverse(),
      }),
      updateDesign: ({ design }) => {
        const kept = store.kept(design?.name ?? "");
        kept.design.title = design?.title ?? "";
        store.changed(kept);
        return { design: kept.design };
      },
      deleteDesign: ({ name }) => {
        const kept = store.kept(name);
        kept.design.deleteTime = timestampNow();
        const now = timestampNow();
        kept.design.purgeTime = { ...now, seconds: now.seconds + 30n * 86_400n };
        store.changed(kept);
        return { design: kept.design };
      },
      undeleteDesign: ({ name }) => {
        const kept = store.kept(name);
        kept.design.deleteTime = undefined;
        kept.design.purgeTime = undefined;
        store.changed(kept);
        return { design: kept.design };
      },
      watchDesign: ({ name, afterRevision }, { signal }) =>
        this.watch(store.kept(name), afterRevision, signal),
      exportDesign: async function* ({ name }) {
        const kept = store.kept(name);
        const data = Buffer.from(`PK\u0003\u0004${pack(kept, store)}`);
        for (let at = 0; at < data.length; at += 65_536) yield { data: data.subarray(at, at + 65_536) };
      },
      importDesign: ({ idempotencyKey, archive }) =>
        store.once(idempotencyKey, () => ({ design: unpack(Buffer.from(archive).toString("utf8"), store) })),
    };
  }

  private async *watch(
    kept: KeptDesign,
    after: bigint,
    signal: AbortSignal,
  ): AsyncGenerator<WatchDesignResponse> {
    const channel = new Channel<WatchDesignResponse>();
    const watcher = (response: WatchDesignResponse) => channel.push(response);
    kept.watchers.add(watcher);
    const told = new Set<string>();
    for (const { revision, node } of kept.changes) {
      if (revision <= after || (node && told.has(node))) continue;
      const known = node ? kept.nodes.get(node) : undefined;
      if (known) told.add(known.name);
      const change = known
        ? { case: "node" as const, value: withoutMask(known) }
        : { case: "design" as const, value: kept.design };
      channel.push(create(WatchDesignResponseSchema, { revision, change }));
    }
    const current = () =>
      channel.push(
        create(WatchDesignResponseSchema, {
          revision: kept.design.revision,
          change: { case: "current", value: true },
        }),
      );
    current();
    const beat = setInterval(current, 15_000);
    try {
      yield* channel.read(signal);
    } finally {
      clearInterval(beat);
      kept.watchers.delete(watcher);
    }
  }

  private nodes(): Partial<ServiceImpl<typeof DesignService>> {
    const { store } = this;
    return {
      getNode: ({ name }) => ({ node: store.node(name), path: store.path(name).map((node) => node.name) }),
      listNodes: ({ parent, deleted, pageSize, pageToken }) => {
        const all = [...store.kept(parent).nodes.values()].filter(
          (node) => Boolean(node.deleteTime) === deleted,
        );
        const start = Number(pageToken || "0");
        const end = start + (pageSize || 100);
        return {
          nodes: all.slice(start, end).map(withoutMask),
          nextPageToken: end < all.length ? String(end) : "",
        };
      },
      searchNodes: ({ parent, query }) => {
        const words = query.toLowerCase().split(/\s+/).filter(Boolean);
        const all = parent === "designs/-" ? [...store.designs.values()] : [store.kept(parent)];
        const nodes = all
          .filter(({ design }) => !design.deleteTime)
          .flatMap((kept) => [...kept.nodes.values()]);
        return {
          nodes: nodes
            .filter((node) => !node.deleteTime && matches(node, words))
            .reverse()
            .map(withoutMask),
        };
      },
      updateNode: ({ node, updateMask }) => {
        const known = store.node(node?.name ?? "");
        if (node?.etag && node.etag !== known.etag)
          throw new ConnectError("the node was changed meanwhile; read it again", Code.Aborted);
        for (const path of updateMask?.paths ?? []) {
          if (path === "title") known.title = node?.title ?? "";
          if (path === "note") known.note = node?.note ?? "";
          if (path === "favourite") known.favourite = node?.favourite ?? false;
          if (path === "hidden") known.hidden = node?.hidden ?? false;
        }
        store.changed(store.kept(known.name), known);
        return { node: known };
      },
      deleteNode: ({ idempotencyKey, name }) =>
        store.once(idempotencyKey, () => {
          const kept = store.kept(name);
          if (name === kept.design.root)
            throw new ConnectError("the root stays: delete the design", Code.FailedPrecondition);
          const gone = store.descendants(kept, name).filter((node) => !node.deleteTime);
          const now = timestampNow();
          for (const node of gone) node.deleteTime = now;
          for (const node of gone) store.changed(kept, node);
          kept.deletions.push(gone.map((node) => node.name));
          return { nodes: gone.map((node) => node.name) };
        }),
      undeleteNode: ({ name }) => {
        const kept = store.kept(name);
        const together = kept.deletions.find((names) => names.includes(name)) ?? [name];
        const back = new Set([...together, ...store.path(name).map((node) => node.name)]);
        const nodes = [...kept.nodes.values()].filter((node) => back.has(node.name) && node.deleteTime);
        for (const node of nodes) node.deleteTime = undefined;
        for (const node of nodes) store.changed(kept, node);
        return { nodes: nodes.map((node) => node.name) };
      },
      getPicture: ({ name, maxSide, format }) => {
        const picture = scaled(store.picture(name), maxSide || 8192);
        const png = format === ImageFormat.PNG || (format === ImageFormat.UNSPECIFIED && maxSide === 0);
        const value = png ? encodePng(picture) : encodeJpeg(picture);
        return { image: { source: { case: "data", value } }, width: picture.width, height: picture.height };
      },
      batchGetThumbnails: ({ names }) => ({
        thumbnails: names.flatMap((name) => {
          const full = store.pictures.get(name);
          if (!full) return [];
          const { width, height, jpeg } = thumbnail(full);
          return [{ node: name, jpeg, width, height }];
        }),
      }),
      compareNodes: ({ base, other }) => {
        const one = store.path(base);
        const two = store.path(other);
        let shared = 0;
        while (one[shared] && one[shared]?.name === two[shared]?.name) shared += 1;
        const { statistics, mask } = compare(store.picture(base), store.picture(other));
        return {
          ancestor: one[shared - 1]?.name ?? "",
          basePath: one.slice(shared).map((node) => node.name),
          otherPath: two.slice(shared).map((node) => node.name),
          difference: statistics,
          changed:
            statistics.changedShare > 0 ? { encoding: { case: "png", value: encodeMask(mask) } } : undefined,
        };
      },
      mergeNodes: ({ idempotencyKey, base, other }) =>
        store.once(idempotencyKey, () => ({ node: this.merge(base, other) })),
    };
  }

  private merge(base: string, other: string): Node {
    const { store } = this;
    const one = store.path(base);
    const two = store.path(other);
    let shared = 0;
    while (one[shared] && one[shared]?.name === two[shared]?.name) shared += 1;
    const from = store.picture(one[shared - 1]?.name ?? base);
    const mine = compare(from, store.picture(base)).mask.inside;
    const theirs = compare(from, store.picture(other)).mask.inside;
    if (mine.some((inside, at) => inside && theirs[at]))
      throw new ConnectError(
        "the two change the same place; choose nodes that change different ones",
        Code.FailedPrecondition,
      );
    const data = Buffer.from(store.picture(base).data);
    const added = store.picture(other).data;
    theirs.forEach((inside, at) => {
      if (inside) added.copy(data, at * 4, at * 4, at * 4 + 4);
    });
    const node = store.newNode(store.kept(base), { parent: base, merged: other, state: NodeState.READY });
    store.finish(node, { ...store.picture(base), data });
    return node;
  }

  private edits(): Partial<ServiceImpl<typeof DesignService>> {
    const { store } = this;
    // eslint-disable-next-line @typescript-eslint/no-this-alias -- generators have their own
    const self = this;
    return {
      planNode: ({ parent, instruction, region }) => ({
        plan: plan(store.picture(parent), instruction, region),
      }),
      createNodes: async function* (request, { signal }) {
        const running = store.once(request.idempotencyKey, () => self.begin(request));
        const channel = new Channel<CreateNodesResponse>();
        for (const response of running.responses) channel.push(response);
        if (running.ended) channel.close();
        running.channels.add(channel);
        yield* channel.read(signal);
      },
      cancelNode: ({ name }) => {
        const node = store.node(name);
        if (node.state === NodeState.RUNNING) {
          node.state = NodeState.CANCELLED;
          store.changed(store.kept(name), node);
        }
        return { node };
      },
      replayNode: async function* ({ name, image, model, validateOnly }) {
        const edits = store.path(name).slice(1);
        if (validateOnly) {
          for (const step of edits) {
            await new Promise((resolve) => setTimeout(resolve, self.pace.stepMs));
            yield { node: step.name, identical: true };
          }
          return;
        }
        const bytes = image?.source.case === "data" ? image.source.value : undefined;
        const old = store.kept(name);
        const kept = bytes ? store.create(`${old.design.title} (replay)`, decoded(bytes)) : old;
        let parent = kept.design.root;
        for (const step of edits) {
          const edit = step.edit && clone(NodeSchema, step).edit;
          if (edit) edit.model = model || edit.model;
          const made = store.newNode(kept, { parent, state: NodeState.RUNNING, edit });
          await runEdit(store, kept, made, self.pace, () => undefined);
          parent = made.name;
          yield { node: step.name, made };
        }
      },
    };
  }

  private begin(request: Parameters<ServiceImpl<typeof DesignService>["createNodes"]>[0]): Running {
    const { store } = this;
    const kept = store.kept(request.parent);
    const running: Running = { responses: [], channels: new Set(), ended: false };
    const tell = (event: CreateNodesResponse["event"]) => {
      const response = create(CreateNodesResponseSchema, { event });
      running.responses.push(response);
      for (const channel of running.channels) channel.push(response);
    };
    const group = `g${kept.design.revision}`;
    const first = request.options?.seed ?? 0n;
    const edits = Array.from({ length: request.candidates || 1 }, async (_, index) => {
      const options = { ...request.options, seed: first + BigInt(index) };
      const node = store.newNode(kept, {
        parent: request.parent,
        state: NodeState.RUNNING,
        group,
        edit: create(NodeSchema, {
          edit: {
            instruction: request.instruction,
            region: request.region,
            options,
            model: request.model,
            plan: request.plan && { plan: request.plan },
            planGiven: Boolean(request.plan),
          } as never,
        }).edit,
      });
      tell({ case: "node", value: clone(NodeSchema, node) });
      await runEdit(store, kept, node, this.pace, (event) => {
        tell({
          case: "edit",
          value: { $typeName: "langdesign.design.v1.NodeEvent", node: node.name, event },
        });
      });
      tell({ case: "node", value: clone(NodeSchema, node) });
    });
    void Promise.all(edits).finally(() => {
      running.ended = true;
      for (const channel of running.channels) channel.close();
    });
    return running;
  }
}

function thumbnail(full: Picture): { width: number; height: number; jpeg: Uint8Array } {
  const small = scaled(full, 256);
  return { width: small.width, height: small.height, jpeg: encodeJpeg(small, 80) };
}

/** The test server's own archive: its messages as JSON, pictures as PNG. */
function pack(kept: KeptDesign, store: Store): string {
  const nodes = [...kept.nodes.values()].map((node) => {
    const picture = store.pictures.get(node.name);
    const png = picture ? Buffer.from(encodePng(picture)).toString("base64") : "";
    return { node: toJsonString(NodeSchema, node), png };
  });
  return JSON.stringify({ design: toJsonString(DesignSchema, kept.design), nodes });
}

function unpack(text: string, store: Store) {
  const damaged = () =>
    new ConnectError("this is no archive of a design, or it is damaged", Code.InvalidArgument);
  if (!text.startsWith("PK\u0003\u0004")) throw damaged();
  let packed: { design: string; nodes: { node: string; png: string }[] };
  try {
    packed = JSON.parse(text.slice(4)) as typeof packed;
  } catch {
    throw damaged();
  }
  const old = fromJsonString(DesignSchema, packed.design);
  const [rootPacked, ...rest] = packed.nodes;
  const kept = store.create(old.title, decoded(Buffer.from(rootPacked?.png ?? "", "base64")));
  const names = new Map([[old.root, kept.design.root]]);
  for (const { node: json, png } of rest) {
    const node = fromJsonString(NodeSchema, json);
    const { title, note, favourite, hidden, edit, group, state } = node;
    const parent = names.get(node.parent) ?? "";
    const made = store.newNode(kept, { parent, title, note, favourite, hidden, edit, group, state });
    names.set(node.name, made.name);
    if (png) store.finish(made, decoded(Buffer.from(png, "base64")));
  }
  return kept.design;
}
