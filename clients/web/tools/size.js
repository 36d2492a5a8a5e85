// Prints what a first visit loads, gzipped, and fails above the budget. Chunks that load later are told apart.
import { readFileSync } from "node:fs";
import { gzipSync } from "node:zlib";

const BUDGET = 350_000;
const manifest = JSON.parse(readFileSync("dist/.vite/manifest.json", "utf8"));
const gzipped = (file) => gzipSync(readFileSync(`dist/${file}`)).length;

function filesOf(key, seen = new Set()) {
  const chunk = manifest[key];
  if (!chunk || seen.has(chunk.file)) return seen;
  seen.add(chunk.file);
  for (const css of chunk.css ?? []) seen.add(css);
  for (const other of chunk.imports ?? []) filesOf(other, seen);
  return seen;
}

const sum = (files) => [...files].reduce((total, file) => total + gzipped(file), 0);
const first = filesOf("index.html");
const all = new Set(Object.keys(manifest).flatMap((key) => [...filesOf(key)]));
const kB = (bytes) => `${(bytes / 1000).toFixed(1)} kB`;
console.log(`first view ${kB(sum(first))} gzipped (at most ${kB(BUDGET)}), everything ${kB(sum(all))}`);
if (sum(first) > BUDGET) {
  console.error("the first view is larger than its budget: load what it does not need later");
  process.exit(1);
}
