import { createServer, type RequestListener } from "node:http";
import type { AddressInfo } from "node:net";

import { Code, ConnectError, createClient } from "@connectrpc/connect";
import { connectNodeAdapter } from "@connectrpc/connect-node";
import { expect, test } from "vitest";

import { problemOf } from "../src/api/problem";
import { giveToken } from "../src/api/token";
import { createTransport } from "../src/api/wire";
import { DesignService } from "../src/gen/langdesign/design/v1/design_pb";

type Client = ReturnType<typeof createClient<typeof DesignService>>;

/** Calls a server, and tells what kind of problem came of it. */
async function kindOf(
  listener: RequestListener,
  call: (client: Client) => Promise<unknown>,
): Promise<string> {
  const server = createServer(listener);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  try {
    await call(createClient(DesignService, createTransport(`http://127.0.0.1:${port}`)));
    return "none";
  } catch (error) {
    return problemOf(error).kind;
  } finally {
    server.closeAllConnections();
    server.close();
  }
}

const unary = (client: Client) => client.getDesign({ name: "designs/a" });
const stream = async (client: Client) => {
  for await (const response of client.watchDesign({ name: "designs/a" })) expect(response).toBeDefined();
};

const answering =
  (status: number, type: string): RequestListener =>
  (request, response) => {
    request.resume();
    response.writeHead(status, { "content-type": type }).end("<h1>something</h1>");
  };

function refusing(code: Code, message: string): RequestListener {
  const refuse = () => {
    throw new ConnectError(message, code);
  };
  return connectNodeAdapter({
    routes: (router) => {
      router.service(DesignService, { getDesign: refuse });
    },
  });
}

test.each([
  [200, "text/html", "wrong-address"],
  [404, "text/plain", "wrong-address"],
  [413, "text/plain", "too-large"],
  [429, "text/plain", "too-many"],
  [403, "text/plain", "forbidden"],
  [504, "text/plain", "line-lost"],
])("HTTP %i with %s is %s, for a call and for a stream", async (status, type, kind) => {
  expect(await kindOf(answering(status, type), unary)).toBe(kind);
  expect(await kindOf(answering(status, type), stream)).toBe(kind);
});

test("a refused token ends a stream as expired; a call waits for another token and goes on with it", async () => {
  expect(await kindOf(answering(401, "text/plain"), stream)).toBe("expired");
  const rpc = connectNodeAdapter({
    routes: (router) => {
      router.service(DesignService, { getDesign: () => ({ design: { name: "designs/a" } }) });
    },
  });
  const guarded: RequestListener = (request, response) => {
    if (request.headers.authorization === "Bearer new") rpc(request, response);
    else {
      answering(401, "text/plain")(request, response);
      setImmediate(() => giveToken("new"));
    }
  };
  expect(await kindOf(guarded, unary)).toBe("none");
});

test("a connection that breaks is a lost line, before an answer and in the middle of one", async () => {
  const refused: RequestListener = (request) => request.socket.destroy();
  const broken: RequestListener = (request, response) => {
    request.resume();
    response.writeHead(200, { "content-type": "application/grpc-web+proto" });
    response.write(Buffer.from([0, 0, 0]), () => setImmediate(() => request.socket.destroy()));
  };
  const cut: RequestListener = (request, response) => {
    request.resume();
    response.writeHead(200, { "content-type": "application/grpc-web+proto" }).end();
  };
  for (const listener of [refused, broken, cut]) expect(await kindOf(listener, stream)).toBe("line-lost");
  expect(await kindOf(refused, unary)).toBe("line-lost");
});

test.each([
  [Code.ResourceExhausted, "no space is left on the device", "full"],
  [Code.ResourceExhausted, "too many calls at once", "too-many"],
  [Code.DataLoss, "the stored picture is missing", "lost-picture"],
  [Code.Aborted, "changed meanwhile", "changed"],
  [Code.FailedPrecondition, "they overlap", "refused"],
  [Code.NotFound, "no such design", "missing"],
  [Code.Internal, "", "internal"],
])("code %i (%s) of the service is %s", async (code, message, kind) => {
  expect(await kindOf(refusing(code, message), unary)).toBe(kind);
});

test("what the service says is shown where it knows more", () => {
  const { hint } = problemOf(new ConnectError("the two change the same place", Code.FailedPrecondition));
  expect(hint).toBe("The two change the same place.");
});
