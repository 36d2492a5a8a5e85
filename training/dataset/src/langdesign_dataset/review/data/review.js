"use strict";
const data = JSON.parse(document.getElementById("data").textContent);
const at = (id) => document.getElementById(id);
const STORE = "langdesign-review:" + data.digest;
const keys = new Set(data.pairs.map((pair) => pair.key));

let labels = {};   // key -> "keep" or "drop"
let history = [];  // [key, the label before or null], latest last
let view = [];     // the pairs that the filters let through
let place = 0;     // in the view; its length where all are seen
let kept = true;   // whether this browser keeps the progress

function load() {
  try {
    const stored = JSON.parse(localStorage.getItem(STORE) || "{}");
    labels = stored.labels || {};
    history = stored.history || [];
  } catch { kept = false; }
}

function save() {
  try { localStorage.setItem(STORE, JSON.stringify({ labels, history })); } catch { kept = false; }
}

const passes = {
  gate: (pair, value) => pair.verdict === value,
  operation: (pair, value) => pair.operation === value,
  source: (pair, value) => pair.source === value,
  label: (pair, value) => (labels[pair.key] || "open") === value,
};

function choose() {
  const order = at("by-order").value;
  view = data.pairs.filter((pair) => Object.entries(passes).every(([name, test]) => {
    const value = at("by-" + name).value;
    return value === "" || test(pair, value);
  }));
  if (order) {
    const score = (pair) => pair.scores[order] ?? Infinity;
    view.sort((a, b) => (score(a) < score(b) ? -1 : score(a) > score(b) ? 1 : 0));
  }
  place = view.findIndex((pair) => !(pair.key in labels));
  if (place < 0) place = at("by-label").value && view.length ? 0 : view.length;
  show();
}

function list(id, entries) {
  at(id).replaceChildren(...entries.map(([name, value]) => {
    const row = document.createElement("div");
    const term = document.createElement("dt");
    const told = document.createElement("dd");
    term.textContent = name.replaceAll("_", " ");
    told.textContent = value;
    row.append(term, told);
    return row;
  }));
}

function pill(id, text, tone) {
  at(id).textContent = text;
  at(id).className = "pill " + tone;
}

function number(value) {
  return Number.isInteger(value) ? String(value) : value.toFixed(3);
}

function show() {
  const pair = view[place];
  at("pair").hidden = !pair;
  at("empty").hidden = Boolean(pair);
  for (const id of ["keep", "drop", "skip"]) at(id).disabled = !pair;
  at("undo").disabled = !history.length;
  progress();
  if (!pair) {
    at("nothing").textContent = view.length ? "That was the last of these pairs." : "No pair is like this.";
    return;
  }
  at("place").textContent = `${place + 1} of ${view.length}`;
  pill("verdict", pair.verdict === "kept" ? "passed all gates" : "dropped by " + pair.verdict, pair.verdict === "kept" ? "keep" : "drop");
  const label = labels[pair.key];
  pill("label", label ? (label === "keep" ? "you keep it" : "you drop it") : "", label || "");
  for (const id of ["edit", "reason", "input", "output"]) at(id).textContent = pair[id];
  for (const id of ["before", "change"]) at(id).src = pair.pictures[id];
  at("masked").textContent = pair.masked ? "in red; green outlines the region where it may be" : "in red; nobody knows where it may be";
  blink(false);
  list("scores", Object.entries(pair.scores).map(([name, value]) => [name, number(value)]));
  list("origin", Object.entries(pair.origin));
  ahead();
}

function ahead() {
  const next = view[place + 1];
  if (next) for (const source of Object.values(next.pictures)) new Image().src = source;
}

function blink(back) {
  const pair = view[place];
  if (!pair) return;
  at("after").src = back ? pair.pictures.before : pair.pictures.after;
  at("showing").textContent = back ? "before" : "after";
}

function progress() {
  const told = Object.entries(labels).filter(([key]) => keys.has(key)).map(([, label]) => label);
  const keep = told.filter((label) => label === "keep").length;
  const all = data.pairs.length;
  at("progress").textContent = `${told.length} of ${all} seen, ${keep} kept, ${told.length - keep} dropped` +
    (kept ? "" : " (this browser keeps no progress: export before you leave)");
  at("kept").style.width = (100 * keep) / all + "%";
  at("dropped").style.width = (100 * (told.length - keep)) / all + "%";
}

function decide(label) {
  const pair = view[place];
  if (!pair) return;
  history.push([pair.key, labels[pair.key] || null]);
  labels[pair.key] = label;
  save();
  step();
}

function step() {
  if (place < view.length) place += 1;
  show();
  scrollTo(0, 0);
}

function undo() {
  const last = history.pop();
  if (!last) return;
  const [key, label] = last;
  if (label) labels[key] = label; else delete labels[key];
  save();
  const back = view.findIndex((pair) => pair.key === key);
  if (back >= 0) place = back;
  show();
}

function exported() {
  const sorted = Object.fromEntries(Object.entries(labels).sort(([a], [b]) => (a < b ? -1 : 1)));
  const text = JSON.stringify({ format: data.format, digest: data.digest, labels: sorted }, null, 1) + "\n";
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob([text], { type: "application/json" }));
  link.download = "labels.json";
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 1000);
}

async function imported(file) {
  try {
    const read = JSON.parse(await file.text());
    if (read.format !== data.format) throw new Error("it is of another format");
    for (const [key, label] of Object.entries(read.labels)) {
      if (keys.has(key) && (label === "keep" || label === "drop")) labels[key] = label;
    }
    save();
    choose();
  } catch (error) {
    alert(`${file.name} holds no labels (${error.message}); choose a file that a review page exported.`);
  }
}

const KEYS = { k: "keep", ArrowRight: "keep", d: "drop", ArrowLeft: "drop", u: "undo", Backspace: "undo", s: "skip" };

addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || /^(SELECT|INPUT|TEXTAREA)$/.test(event.target.tagName)) return;
  const id = KEYS[event.key.length === 1 ? event.key.toLowerCase() : event.key];
  if (id) {
    event.preventDefault();
    at(id).click();
  } else if (event.key === " " && !/^(BUTTON|SUMMARY)$/.test(event.target.tagName)) {
    event.preventDefault();
    blink(true);
  }
});
addEventListener("keyup", (event) => { if (event.key === " ") blink(false); });
at("after").addEventListener("pointerdown", () => blink(true));
for (const name of ["pointerup", "pointercancel", "pointerleave"]) at("after").addEventListener(name, () => blink(false));
at("after").addEventListener("contextmenu", (event) => event.preventDefault());
at("filters").addEventListener("change", (event) => { event.target.blur(); choose(); });
at("keep").addEventListener("click", () => decide("keep"));
at("drop").addEventListener("click", () => decide("drop"));
at("undo").addEventListener("click", undo);
at("skip").addEventListener("click", step);
at("export").addEventListener("click", exported);
at("import").addEventListener("change", (event) => { if (event.target.files[0]) imported(event.target.files[0]); event.target.value = ""; });
load();
choose();
