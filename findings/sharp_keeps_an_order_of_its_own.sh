#!/usr/bin/env bash
# sharp 0.35.5 (npm): calls in a row, sharp(mask).blur(5).threshold(128), as a picture is prepared step by step.
#
# Expected: steps are done in the order in which they are written, as the documentation's word "pipeline" says; what was done twice is
# done twice.
# Seen: each call sets an option, the last one of its kind counts, and all are done in one fixed order. threshold() comes before blur()
# wherever it is written, so that a mask that was to be smoothed and made hard again is grey at its edges; negate() twice is once;
# composite() comes after resize(), so that a mark of 100 pixels on a picture that is halved afterwards is 100 pixels wide; resize(10)
# and then resize(100), which makes a picture coarse, leaves it sharp. stats() of a pipeline is of the picture that went in:
# that of a region by extract() is that of the whole room.
#
# So each step whose place matters is a pipeline of its own: sharp(await one.toBuffer()).
set -euo pipefail
folder=$(mktemp -d); trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm install --silent --no-audit --no-fund --no-save --prefix "$folder" sharp@0.35.5 >"$folder/log" 2>&1 ||
  { cat "$folder/log"; exit 1; }
cat >steps.mjs <<'JAVASCRIPT'
import assert from "node:assert/strict";
import sharp from "sharp";

const SIDE = 200;
const grey = Buffer.from(Uint8Array.from({ length: SIDE * SIDE * 3 }, (_, byte) => (Math.floor(byte / 3) * 37) % 251));
const wrapped = (pixels, side) => sharp(pixels, { raw: { width: side, height: side, channels: 3 } });
const room = () => wrapped(grey, SIDE);
const pixels = (pipeline) => pipeline.raw().toBuffer();
const differ = async (one, other) => {
  const [first, second] = await Promise.all([pixels(one), pixels(other)]);
  return first.length !== second.length || first.some((value, place) => Math.abs(value - second[place]) > 1);
};

const seen = {
  "blur before threshold, and after it": await differ(room().blur(5).threshold(128), room().threshold(128).blur(5)),
  "negate twice, and once": await differ(room().negate().negate(), room().negate()),
  "resize(10) then 100, and 100 alone": await differ(room().resize(10).resize(100), room().resize(100)),
};
const soft = wrapped(await pixels(room().blur(5)), SIDE);
const negative = wrapped(await pixels(room().negate()), SIDE);
const coarse = wrapped(await pixels(room().resize(10)), 10);
const apart = {
  "blur before threshold, and after it": await differ(soft.threshold(128), room().threshold(128).blur(5)),
  "negate twice, and once": await differ(negative.negate(), room().negate()),
  "resize(10) then 100, and 100 alone": await differ(coarse.resize(100), room().resize(100)),
};
for (const step of Object.keys(seen))
  console.log(`${step}: ${seen[step] ? "differ" : "are the same"} as one pipeline, ${apart[step] ? "differ" : "are the same"} as two`);
assert(!Object.values(seen).some(Boolean), "steps are done as written now");
assert(Object.values(apart).every(Boolean));

const mark = { create: { width: 100, height: 100, channels: 3, background: "#f00" } };
const halved = room().composite([{ input: mark, left: 0, top: 0 }]).resize(SIDE / 2);
const { data, info } = await halved.raw().toBuffer({ resolveWithObject: true });
let red = 0;
for (let byte = 0; byte < data.length; byte += info.channels) red += data[byte] === 255 && data[byte + 1] === 0;
console.log(`a mark of 100 x 100, halved afterwards: ${red} pixels`);
assert.equal(red, 10000, "composite() is done before resize() now");

const region = room().extract({ left: 0, top: 0, width: 2, height: 1 });
const inside = Math.max(...(await pixels(region.clone())));
const [{ max }] = (await region.stats()).channels;
console.log(`greatest level of a region: ${inside}, by stats(): ${max}`);
assert.deepEqual([inside, max], [37, 250], "stats() is of the region now");
JAVASCRIPT
node steps.mjs
echo "seen: as described"
