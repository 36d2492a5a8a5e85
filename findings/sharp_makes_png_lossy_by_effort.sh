#!/usr/bin/env bash
# sharp 0.35.5 (npm): png({effort: 10}), or png({quality: 100}), of a picture in full colour.
#
# Expected: PNG is lossless: effort is time for a smaller file, as `compressionLevel` here and `effort` of lossless WebP and AVIF are;
# quality says nothing, or 100 means that nothing is lost.
# Seen: each of them turns the picture into one of a palette: of 65,536 colours 256 are left at most, and levels are off by 45 and more.
# The file is a tenth of the size, which looks like what effort was for. Masks and drawings of few colours pass all tests; what is bit
# by bit the input outside of an edit is no longer so. The options say "sets palette to true" in their description; {effort: 10,
# palette: false} keeps the picture, and so does compressionLevel: 9.
#
# So PNG is given compressionLevel alone, and a test reads the pixels of a picture of many colours again.
set -euo pipefail
folder=$(mktemp -d); trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm install --silent --no-audit --no-fund --no-save --prefix "$folder" sharp@0.35.5 >"$folder/log" 2>&1 ||
  { cat "$folder/log"; exit 1; }
cat >save.mjs <<'JAVASCRIPT'
import assert from "node:assert/strict";
import sharp from "sharp";

const SIDE = 256;
const room = Buffer.alloc(SIDE * SIDE * 3);
for (let pixel = 0; pixel < SIDE * SIDE; pixel++) room.set([pixel % SIDE, pixel >> 8, (pixel * 7) % 256], 3 * pixel);

async function saved(options) {
  const file = await sharp(room, { raw: { width: SIDE, height: SIDE, channels: 3 } }).png(options).toBuffer();
  const again = await sharp(file).raw().toBuffer();
  let worst = 0;
  const colours = new Set();
  for (let byte = 0; byte < room.length; byte++) worst = Math.max(worst, Math.abs(room[byte] - again[byte]));
  for (let byte = 0; byte < room.length; byte += 3) colours.add(again.readUIntBE(byte, 3));
  console.log(`${JSON.stringify(options)}: ${file.length} bytes, ${colours.size} colours, levels off by ${worst} at most`);
  return { colours: colours.size, worst };
}

const exact = { colours: SIDE * SIDE, worst: 0 };
for (const options of [{}, { compressionLevel: 9 }, { adaptiveFiltering: true }, { effort: 10, palette: false }])
  assert.deepEqual(await saved(options), exact);
for (const options of [{ effort: 10 }, { quality: 100 }]) {
  const { colours, worst } = await saved(options);
  assert(colours <= 256 && worst > 20, "PNG stays lossless now");
}
JAVASCRIPT
node save.mjs
echo "seen: as described"
