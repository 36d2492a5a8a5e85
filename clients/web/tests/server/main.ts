/**
 * A server for development and tests: the design service in memory over gRPC-Web, the built page, `/config.json`, and
 * `/test/...` to bring about what goes wrong. `npm run server -- --port 8080 [--auth token] [--seed 1000]`.
 */
import { readFile } from "node:fs/promises";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import path from "node:path";
import { parseArgs } from "node:util";

import { Code, ConnectError, type Interceptor } from "@connectrpc/connect";
import { connectNodeAdapter } from "@connectrpc/connect-node";

import { drawRoom, encodePng } from "./pictures";
import { seedShowcase, seedTree } from "./seed";
import { TestService } from "./service";

const { values } = parseArgs({
  options: {
    port: { type: "string", default: "0" },
    auth: { type: "string", default: "none" },
    seed: { type: "string", default: "0" },
    // Width of the sample pictures; small ones make tests quick.
    width: { type: "string", default: "1200" },
    showcase: { type: "boolean", default: false },
  },
});

const DIST = path.resolve(import.meta.dirname, "../../dist");
const TYPES: Record<string, string> = {
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript",
  ".css": "text/css",
  ".svg": "image/svg+xml",
  ".json": "application/json",
  ".png": "image/png",
};

/** What is to go wrong: `method` (the end of an address) or all, so many times. */
interface Fault {
  kind: "html" | "413" | "429" | "drop" | "full" | "data-loss" | "unavailable";
  method?: string;
  times: number;
}

const service = new TestService();
const sockets = new Set<ServerResponse>();
let faults: Fault[] = [];
let down = false;
let token = values.auth === "token" ? "secret" : "";

const CODES: Partial<Record<Fault["kind"], [Code, string]>> = {
  full: [Code.ResourceExhausted, "no space is left where pictures are kept; nothing was stored"],
  "data-loss": [Code.DataLoss, "the stored picture of this node is missing"],
  unavailable: [Code.Unavailable, "the service is starting"],
};

function nextFault(method: string): Fault | undefined {
  const fault = faults.find((one) => one.times > 0 && (!one.method || method.endsWith(one.method)));
  if (fault) fault.times -= 1;
  return fault;
}

const guard: Interceptor = (next) => (request) => {
  if (token && request.header.get("authorization") !== `Bearer ${token}`)
    throw new ConnectError("the token is not valid", Code.Unauthenticated);
  const failing = request.header.get("x-test-fault") as Fault["kind"] | null;
  const [code, message] = (failing && CODES[failing]) ?? [];
  if (code) throw new ConnectError(message ?? "", code);
  return next(request);
};

const rpc = connectNodeAdapter({
  routes: service.routes,
  interceptors: [guard],
  connect: false,
  grpc: false,
  readMaxBytes: 200 * 1024 * 1024,
  writeMaxBytes: 200 * 1024 * 1024,
});

function call(request: IncomingMessage, response: ServerResponse): void {
  const fault = down ? ({ kind: "drop" } as const) : nextFault(request.url ?? "");
  sockets.add(response);
  response.on("close", () => sockets.delete(response));
  if (!fault) rpc(request, response);
  else if (fault.kind === "drop") request.socket.destroy();
  else if (fault.kind === "html")
    response.writeHead(200, { "content-type": "text/html" }).end("<h1>Hello</h1>");
  else if (fault.kind === "413" || fault.kind === "429") response.writeHead(Number(fault.kind)).end();
  else {
    request.headers["x-test-fault"] = fault.kind;
    rpc(request, response);
  }
}

async function body(request: IncomingMessage): Promise<Record<string, unknown>> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return JSON.parse(Buffer.concat(chunks).toString() || "{}") as Record<string, unknown>;
}

function cut(): void {
  for (const response of sockets) response.socket?.destroy();
}

/** Brings about what a test asks for, and says what came of it. */
function control(action: string, asked: Record<string, unknown>): unknown {
  switch (action) {
    case "fault":
      faults.push({ times: 1, ...asked } as Fault);
      return {};
    case "clear":
      faults = [];
      down = false;
      return {};
    case "down":
      down = true;
      cut();
      return {};
    case "cut":
      cut();
      return {};
    case "token":
      token = String(asked.value);
      return {};
    case "pace":
      Object.assign(service.pace, asked);
      return {};
    case "seed":
      return { design: seedTree(service.store, Number(asked.nodes)) };
    case "forget-picture":
      service.store.pictures.delete(String(asked.node));
      return {};
    case "change-node": {
      const node = service.store.node(String(asked.node));
      Object.assign(node, asked.change);
      service.store.changed(service.store.kept(node.name), node);
      return {};
    }
    default:
      return { error: `nothing is called ${action}` };
  }
}

const CONFIG = {
  auth: values.auth,
  models: [],
  maxRequestBytes: 168 * 2 ** 20,
  samples: [
    {
      title: "Living room",
      url: "/samples/living-room.png",
      suggestions: ["make the sofa green", "paint the wall white", "make the rug navy"],
    },
    {
      title: "Bedroom",
      url: "/samples/loft.png",
      suggestions: ["make the bed blue", "make the cabinet white"],
    },
  ],
};
const width = Number(values.width);
const livingRoom = encodePng(drawRoom(width, (width * 3) / 4));
const loft = encodePng(drawRoom(width, width));

async function file(url: string): Promise<{ type: string; data: Uint8Array | string }> {
  if (url === "/config.json") return { type: "application/json", data: JSON.stringify(CONFIG) };
  if (url === "/samples/living-room.png") return { type: "image/png", data: livingRoom };
  if (url === "/samples/loft.png") return { type: "image/png", data: loft };
  const extension = path.extname(url);
  const asset = path.join(DIST, path.normalize(extension ? url : "/index.html"));
  if (!asset.startsWith(DIST)) throw new Error("outside the page's folder");
  return { type: TYPES[path.extname(asset)] ?? "application/octet-stream", data: await readFile(asset) };
}

async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const url = (request.url ?? "/").split("?")[0] ?? "/";
  if (url.startsWith("/langdesign.")) return call(request, response);
  if (url.startsWith("/test/")) {
    const said = control(url.slice("/test/".length), await body(request));
    response.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify(said));
    return;
  }
  try {
    const { type, data } = await file(url);
    response.writeHead(200, { "content-type": type }).end(data);
  } catch {
    response.writeHead(404, { "content-type": "text/plain" }).end("not here");
  }
}

if (Number(values.seed) > 0) seedTree(service.store, Number(values.seed));
if (values.showcase) await seedShowcase(service);

const server = createServer((request, response) => void answer(request, response));
server.listen(Number(values.port), "127.0.0.1", () => {
  const address = server.address();
  const port = typeof address === "object" && address ? address.port : 0;
  console.log(`http://127.0.0.1:${port}`);
});
// Whoever started this holds its standard input: when that ends, so does this.
process.stdin.resume();
process.stdin.on("end", () => process.exit(0));
