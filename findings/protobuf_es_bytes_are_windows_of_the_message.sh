#!/usr/bin/env bash
# @bufbuild/protobuf 2.12.1 (npm): bytes of a message that was read by fromBinary(), such as an answer's picture and mask.
#
# Expected: each field of bytes is its own: protobuf for Python and for Go copies it out of what was received.
# Seen: it is a window of the buffer that the whole answer came in. `mask.buffer` is not the mask but everything, so that
# new Float32Array(mask.buffer) and new Blob([mask.buffer]) hold the picture as well; a mask of 100 bytes in a cache keeps the 12 MB of
# its answer alive; and whoever hands the picture's buffer to a worker, postMessage(picture, [picture.buffer]), empties the mask, the
# thumbnail and all other bytes of the message: their length is 0 afterwards, nothing raises. In the worker the mask is there again,
# uninvited. create() keeps the caller's array likewise: changed later, it changes the message.
#
# So what is kept or handed on is a copy: mask.slice().
set -euo pipefail
folder=$(mktemp -d); trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm install --silent --no-audit --no-fund --no-save --prefix "$folder" @bufbuild/protobuf@2.12.1 >"$folder/log" 2>&1 ||
  { cat "$folder/log"; exit 1; }
cat >read.mjs <<'JAVASCRIPT'
import assert from "node:assert/strict";
import { create, createFileRegistry, fromBinary, fromJson, toBinary } from "@bufbuild/protobuf";
import { FileDescriptorProtoSchema } from "@bufbuild/protobuf/wkt";

const bytes = (name, number) => ({ name, number, type: "TYPE_BYTES", label: "LABEL_OPTIONAL" });
const file = fromJson(FileDescriptorProtoSchema, {
  name: "edits.proto",
  package: "edits",
  syntax: "proto3",
  messageType: [{ name: "Edit", field: [bytes("picture", 1), bytes("mask", 2)] }],
});
const Edit = createFileRegistry(file, () => undefined).getMessage("edits.Edit");
const sent = toBinary(Edit, create(Edit, { picture: new Uint8Array(1_000_000).fill(7), mask: new Uint8Array(100).fill(1) }));

const { picture, mask } = fromBinary(Edit, sent);
const copy = mask.slice();
console.log(`a mask of ${mask.length} bytes, its buffer ${mask.buffer.byteLength}`);
assert(mask.length === 100 && mask.buffer === picture.buffer && mask.buffer.byteLength > 1_000_000, "bytes are copied now");

const arrived = structuredClone(picture, { transfer: [picture.buffer] }); // what postMessage does
console.log(`after the picture was handed on: ${mask.length} bytes of the mask, its copy ${copy.length}`);
assert.deepEqual([mask.length, copy.length], [0, 100]);
assert.equal(new Uint8Array(arrived.buffer).at(-1), 1); // the mask went with it

const pixels = new Uint8Array([1]);
const made = create(Edit, { picture: pixels });
pixels[0] = 2;
assert.equal(made.picture[0], 2);
JAVASCRIPT
node read.mjs
echo "seen: as described"
