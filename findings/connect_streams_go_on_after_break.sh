#!/usr/bin/env bash
# @connectrpc/connect and connect-web 2.1.1 (npm): `for await (const change of client.watch({})) { ...; break; }`, on a server's stream.
#
# Expected: leaving the loop ends the call, as JavaScript's iterators provide for (return()), as the body of fetch() does it, generators,
# and gRPC's clients in other languages when the call is dropped.
# Seen: the iterator has no return(). After break, return or an error in the loop's body nobody reads any more and the request stays
# open: the server goes on with the edit or with the watching, until the page is closed. Browsers allow six connections to a host in
# HTTP/1.1, so that after six such loops the page's calls wait for ever; over HTTP/2 it is streams and the server's limit of calls. Only
# the call's signal ends it.
#
# So each streaming call has an AbortController of its own, which a `finally` aborts.
set -euo pipefail
folder=$(mktemp -d); trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm install --silent --no-audit --no-fund --no-save --prefix "$folder" @connectrpc/connect@2.1.1 @connectrpc/connect-web@2.1.1 \
  @bufbuild/protobuf@2.12.1 >"$folder/log" 2>&1 || { cat "$folder/log"; exit 1; }
cat >watch.mjs <<'JAVASCRIPT'
import assert from "node:assert/strict";
import { once } from "node:events";
import http from "node:http";
import { setTimeout as wait } from "node:timers/promises";
import { createFileRegistry, fromJson } from "@bufbuild/protobuf";
import { FileDescriptorProtoSchema, file_google_protobuf_empty } from "@bufbuild/protobuf/wkt";
import { createClient } from "@connectrpc/connect";
import { createGrpcWebTransport } from "@connectrpc/connect-web";

const EMPTY = ".google.protobuf.Empty";
const method = { name: "Watch", inputType: EMPTY, outputType: EMPTY, serverStreaming: true };
const file = fromJson(FileDescriptorProtoSchema, {
  name: "rooms.proto",
  package: "rooms",
  syntax: "proto3",
  dependency: ["google/protobuf/empty.proto"],
  service: [{ name: "Rooms", method: [method] }],
});
const service = createFileRegistry(file, () => file_google_protobuf_empty.proto).getService("rooms.Rooms");

let open = 0;
const server = http.createServer((_, response) => {
  open += 1;
  response.writeHead(200, { "content-type": "application/grpc-web+proto" });
  const sending = setInterval(() => response.write(Buffer.alloc(5)), 10); // an empty message
  response.on("close", () => {
    open -= 1;
    clearInterval(sending);
  });
});
await once(server.listen(0, "127.0.0.1"), "listening");
const baseUrl = `http://127.0.0.1:${server.address().port}`;
const client = createClient(service, createGrpcWebTransport({ baseUrl }));

const ways = {
  async break() {
    for await (const _ of client.watch({})) break;
  },
  async error() {
    for await (const _ of client.watch({})) throw new Error("mine");
  },
  async signal() {
    const ending = new AbortController();
    for await (const _ of client.watch({}, { signal: ending.signal })) ending.abort();
  },
  async fetch() {
    for await (const _ of (await fetch(baseUrl)).body) break;
  },
};
const left = {};
for (const [way, go] of Object.entries(ways)) {
  const before = open;
  await go().catch(() => {});
  await wait(1000);
  left[way] = open - before;
  console.log(`left by ${way}: ${left[way] ? "still open" : "closed"} a second later`);
}
assert.deepEqual(left, { break: 1, error: 1, signal: 0, fetch: 0 }, "the loop's end is the call's now");
process.exit();
JAVASCRIPT
node watch.mjs
echo "seen: as described"
