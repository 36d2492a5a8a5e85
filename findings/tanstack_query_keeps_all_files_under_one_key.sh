#!/usr/bin/env bash
# @tanstack/query-core 5.108.4 (npm): a query whose key holds what it depends on, {queryKey: ["masks", file]}, as the documentation asks.
#
# Expected: a key tells pictures apart that are different objects; or a key that cannot be compared is refused.
# Seen: a key is compared by what JSON.stringify makes of it, and a File, a Blob, an ArrayBuffer, a Map, a Set and a URLSearchParams are
# all {}: the second picture's query does not ask at all and gets the first one's masks, and so does an edit with another Map of
# settings. NaN and infinity are null. A typed array of 12 megapixels does count, number for number, as a JSON text at each
# look. A bigint, as protobuf's int64 is one, is the only thing of these that raises.
#
# So keys hold strings and numbers: a picture's name or digest, and a query has a queryKeyHashFn where it cannot.
set -euo pipefail
folder=$(mktemp -d); trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm install --silent --no-audit --no-fund --no-save --prefix "$folder" @tanstack/query-core@5.108.4 >"$folder/log" 2>&1 ||
  { cat "$folder/log"; exit 1; }
cat >ask.mjs <<'JAVASCRIPT'
import assert from "node:assert/strict";
import { QueryClient } from "@tanstack/query-core";

const cases = {
  blobs: [new Blob(["oak"]), new Blob(["a lamp"])],
  buffers: [new Uint8Array([1]).buffer, new Uint8Array([2, 3]).buffer],
  maps: [new Map([["steps", 10]]), new Map([["steps", 50]])],
  sets: [new Set(["chair"]), new Set(["sofa"])],
  searches: [new URLSearchParams("seed=1"), new URLSearchParams("seed=2")],
  "no numbers": [NaN, Infinity],
  objects: [{ steps: 10 }, { steps: 50 }],
  bytes: [new Uint8Array([1]), new Uint8Array([2])],
};
const answers = {};
for (const [name, pictures] of Object.entries(cases)) {
  const client = new QueryClient();
  let asked = 0;
  const ask = (picture) =>
    client.fetchQuery({ queryKey: ["masks", picture], staleTime: Infinity, queryFn: async () => ++asked });
  answers[name] = [await ask(pictures[0]), await ask(pictures[1])];
  client.clear();
  console.log(`${name}: the second is ${answers[name][1] === 1 ? "given the first one's answer" : "asked for"}`);
}
const same = Object.keys(answers).filter((name) => answers[name][1] === 1);
assert.deepEqual(same, ["blobs", "buffers", "maps", "sets", "searches", "no numbers"], "keys are compared otherwise now");
assert.throws(() => new QueryClient().fetchQuery({ queryKey: ["masks", 1n], queryFn: async () => 1 }), TypeError);
JAVASCRIPT
node ask.mjs
echo "seen: as described"
