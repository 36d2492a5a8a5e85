import { Code, ConnectError, type Interceptor } from "@connectrpc/connect";
import { createGrpcWebTransport } from "@connectrpc/connect-web";

import { WireError } from "./problem";
import { currentToken, newToken } from "./token";

/** Statuses that no gRPC service gives, but gateways do. */
function checkStatus(response: Response): void {
  if (response.status === 401) return; // becomes Unauthenticated
  if (response.status === 413) throw new WireError("too-large", "HTTP 413");
  if (response.status === 429) throw new WireError("too-many", "HTTP 429");
  if (response.status === 403) throw new WireError("forbidden", "HTTP 403");
  if (response.status === 404 || response.status === 405)
    throw new WireError("wrong-address", `HTTP ${response.status}`);
  if (response.status >= 502 && response.status <= 504)
    throw new WireError("line-lost", `HTTP ${response.status}`);
  const type = response.headers.get("content-type") ?? "";
  if (response.ok && !type.startsWith("application/grpc"))
    throw new WireError("wrong-address", `got ${type || "no type"}`);
}

function lineLost(error: unknown): unknown {
  if (error instanceof DOMException && error.name === "AbortError") return error;
  return new WireError("line-lost", error instanceof Error ? error.message : String(error));
}

/** The body, with what breaks it on its way named. */
function watched(body: ReadableStream<Uint8Array>): ReadableStream<Uint8Array> {
  const reader = body.getReader();
  return new ReadableStream<Uint8Array>({
    async pull(controller) {
      try {
        const { done, value } = await reader.read();
        if (done) controller.close();
        else controller.enqueue(value);
      } catch (error) {
        controller.error(lineLost(error));
      }
    },
    cancel: (reason) => reader.cancel(reason),
  });
}

/** `fetch` that tells apart what Connect's codes do not (see `problem.ts`). */
export async function tellingFetch(input: RequestInfo | URL, init?: RequestInit): Promise<Response> {
  let response: Response;
  try {
    response = await fetch(input, init);
  } catch (error) {
    throw lineLost(error);
  }
  checkStatus(response);
  if (!response.body) return response;
  const { status, statusText, headers } = response;
  return new Response(watched(response.body), { status, statusText, headers });
}

/** Sends the token; a unary call that is refused for it waits for another, and goes on. */
const authorize: Interceptor = (next) => async (request) => {
  for (;;) {
    const token = currentToken();
    if (token) request.header.set("authorization", `Bearer ${token}`);
    try {
      return await next(request);
    } catch (error) {
      if (ConnectError.from(error).code !== Code.Unauthenticated || request.stream) throw error;
      await newToken(token);
    }
  }
};

export function createTransport(baseUrl: string) {
  return createGrpcWebTransport({ baseUrl, fetch: tellingFetch, interceptors: [authorize] });
}
