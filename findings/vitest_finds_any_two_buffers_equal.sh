#!/usr/bin/env bash
# vitest 4.1.12 (npm): expect(result).toEqual(expected) where what is compared is an ArrayBuffer, a DataView or a Blob, as bytes of pictures
# come from fetch, crypto and canvas.
#
# Expected: they are compared by their bytes, as typed arrays are, or, where that needs time (a Blob), by identity.
# Seen: toEqual, toMatchObject and toContainEqual look at properties, which an ArrayBuffer and a DataView have none of: any two are equal,
# of whatever bytes and lengths, by themselves and within an object or a message. toStrictEqual compares their bytes, but finds
# equal any two Blobs of one size, any two SharedArrayBuffers and any two promises (so a forgotten await passes). A test that an edit's
# bytes are the expected ones passes for an empty one. node:assert tells the buffers apart.
#
# So bytes are compared as Uint8Array, and a test of an encoder is tried out with another picture.
set -euo pipefail
folder=$(mktemp -d); trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm install --silent --no-audit --no-fund --no-save --prefix "$folder" vitest@4.1.12 vite@8.3.8 >"$folder/log" 2>&1 ||
  { cat "$folder/log"; exit 1; }
echo '{"type": "module"}' >package.json
cat >bytes.test.js <<'JAVASCRIPT'
import assert from "node:assert/strict";
import { expect, test } from "vitest";

const bytes = (...values) => new Uint8Array(values);
const pairs = {
  arrays: [bytes(1, 2), bytes(3, 4)],
  buffers: [bytes(1, 2).buffer, bytes().buffer],
  "buffers in objects": [{ png: bytes(1).buffer }, { png: bytes(2).buffer }],
  views: [new DataView(bytes(1).buffer), new DataView(bytes(2, 3).buffer)],
  "blobs of one size": [new Blob(["oak"]), new Blob(["elm"])],
  shared: [new SharedArrayBuffer(1), new SharedArrayBuffer(2)],
  promises: [Promise.resolve("oak"), Promise.resolve("a lamp")],
};
const anyway = ["toEqual", "toMatchObject", "toContainEqual"];
const expected = {
  arrays: [],
  buffers: anyway,
  "buffers in objects": anyway,
  views: anyway,
  "blobs of one size": ["toEqual", "toStrictEqual", "toMatchObject", "toContainEqual"],
  shared: ["toEqual", "toStrictEqual", "toMatchObject", "toContainEqual"],
  promises: ["toEqual", "toStrictEqual", "toMatchObject", "toContainEqual"],
};

function passes(check) {
  try {
    check();
    return true;
  } catch {
    return false;
  }
}

test("two that differ", () => {
  const equal = {};
  for (const [name, [one, other]] of Object.entries(pairs)) {
    const checks = {
      toEqual: () => expect(one).toEqual(other),
      toStrictEqual: () => expect(one).toStrictEqual(other),
      toMatchObject: () => expect({ one }).toMatchObject({ one: other }),
      toContainEqual: () => expect([one]).toContainEqual(other),
    };
    equal[name] = Object.keys(checks).filter((check) => passes(checks[check]));
    console.log(`${name} that differ pass ${equal[name].join(", ") || "nothing"}`);
  }
  assert.deepEqual(equal, expected, "these are told apart now");
  assert.throws(() => assert.deepEqual(...pairs.buffers));
});
JAVASCRIPT
node_modules/.bin/vitest run --reporter=default --disable-console-intercept 2>"$folder/log" >"$folder/run" ||
  { cat "$folder/run" "$folder/log"; exit 1; }
grep "that differ pass" "$folder/run"
echo "seen: as described"
