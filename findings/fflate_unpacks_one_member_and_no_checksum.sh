#!/usr/bin/env bash
# fflate 0.8.3 (npm): gunzipSync() of what was downloaded or read back, such as an exported archive's parts or logs.
#
# Expected: what gunzip, Node's zlib and DecompressionStream, and pako do: all members of a file are unpacked (a log that was appended
# to, parts that were joined have several), and the checksum and the length at the end are compared.
# Seen: the first member is unpacked and the others are left out, without a word: of two parts the first alone. Nothing is compared:
# a flipped bit in the data is a wrong level in the picture, and what follows the first member may be anything at all. unzlibSync
# and unzipSync compare no checksum either. Only a file that ends too early is refused.
#
# So DecompressionStream unpacks, or the sum is compared by whoever calls; joined files go through `Gunzip` and its onmember.
set -euo pipefail
folder=$(mktemp -d); trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm install --silent --no-audit --no-fund --no-save --prefix "$folder" fflate@0.8.3 pako@3.0.3 >"$folder/log" 2>&1 ||
  { cat "$folder/log"; exit 1; }
cat >unpack.mjs <<'JAVASCRIPT'
import assert from "node:assert/strict";
import zlib from "node:zlib";
import * as fflate from "fflate";
import * as pako from "pako";

const room = Buffer.alloc(1000, "oak ");
const packed = zlib.gzipSync(room, { level: 0 });
const flip = (bytes, place) => {
  const flipped = Buffer.from(bytes);
  flipped[place] ^= 1;
  return flipped;
};
const streamed = async (bytes) =>
  new Uint8Array(await new Response(new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"))).arrayBuffer());
const files = {
  whole: packed,
  "two members": Buffer.concat([packed, packed]),
  "a flipped bit": flip(packed, 200),
  "cut short": packed.subarray(0, 500),
};
const unpackers = { fflate: fflate.gunzipSync, pako: pako.ungzip, "Node's zlib": zlib.gunzipSync, DecompressionStream: streamed };

async function outcome(unpack, file) {
  try {
    const bytes = Buffer.from(await unpack(file));
    return bytes.subarray(0, 1000).equals(room) ? bytes.length : "wrong bytes";
  } catch {
    return "error";
  }
}

const seen = {};
for (const [name, unpack] of Object.entries(unpackers)) {
  seen[name] = {};
  for (const [what, file] of Object.entries(files)) seen[name][what] = await outcome(unpack, file);
  console.log(name, seen[name]);
}
const right = { whole: 1000, "two members": 2000, "a flipped bit": "error", "cut short": "error" };
for (const name of ["pako", "Node's zlib", "DecompressionStream"]) assert.deepEqual(seen[name], right);
const wrong = { whole: 1000, "two members": 1000, "a flipped bit": "wrong bytes", "cut short": "error" };
assert.deepEqual(seen.fflate, wrong, "members and checksums count now");

const zip = fflate.zipSync({ "room.raw": [room, { level: 0 }] });
assert(!Buffer.from(fflate.unzipSync(flip(zip, 300))["room.raw"]).equals(room));
assert(!Buffer.from(fflate.unzlibSync(flip(zlib.deflateSync(room, { level: 0 }), 300))).equals(room));
JAVASCRIPT
node unpack.mjs 2>"$folder/log" || { cat "$folder/log"; exit 1; }
echo "seen: as described"
