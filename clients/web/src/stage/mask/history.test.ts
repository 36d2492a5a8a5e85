import { describe, expect, it } from "vitest";

import { BitMask } from "./bitmask";
import { emptyHistory, previewScale, redo, renderMask, undo, withStep } from "./history";
import { drawStroke, thinned } from "./shapes";

const stroke = (radius: number, ...points: number[]) =>
  ({ kind: "stroke", inside: true, stroke: { radius, points } }) as const;

/** The definition of a stroke: pixels whose centres are within the radius of the line, one by one. */
function byDefinition(width: number, height: number, radius: number, points: number[]): BitMask {
  const mask = new BitMask(width, height);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      for (let i = 0; i < Math.max(1, points.length / 2 - 1); i++) {
        const [ax = 0, ay = 0, bx = ax, by = ay] = points.slice(2 * i, 2 * i + 4);
        const length = (bx - ax) ** 2 + (by - ay) ** 2;
        const along = length ? ((x + 0.5 - ax) * (bx - ax) + (y + 0.5 - ay) * (by - ay)) / length : 0;
        const at = Math.min(1, Math.max(0, along));
        if (Math.hypot(x + 0.5 - ax - at * (bx - ax), y + 0.5 - ay - at * (by - ay)) <= radius) {
          mask.fillSpan(y, x, x + 1, true);
        }
      }
    }
  }
  return mask;
}

describe("a brush stroke", () => {
  it("takes exactly the pixels within its radius, in every direction", () => {
    const lines = [
      [20, 20],
      [5, 8, 33, 8],
      [9, 4, 9, 35],
      [3, 3, 36, 31],
      [34, 5, 2, 28],
      [1, 1, 20, 30, 38, 2],
    ];
    for (const points of lines) {
      for (const radius of [0.7, 3.3, 9.1]) {
        const mask = new BitMask(40, 40);
        drawStroke(mask, { radius, points }, true);
        expect(mask.equals(byDefinition(40, 40, radius, points))).toBe(true);
      }
    }
  });

  it("may go on beyond the picture's edges", () => {
    const mask = new BitMask(16, 16);
    drawStroke(mask, { radius: 4, points: [-10, 8, 30, 8] }, true);
    expect(mask.count()).toBe(16 * 8);
  });

  it("loses points that make no difference, and never its ends", () => {
    const resting = Array.from({ length: 200 }, (_, i) => [
      20 + Math.sin(i) / 10,
      20 + Math.cos(i) / 10,
    ]).flat();
    const points = [...resting, 34, 22, 34.1, 22];
    const thin = thinned({ radius: 6, points });
    expect(thin.points.length).toBeLessThan(10);
    expect(thin.points.slice(-2)).toEqual([34.1, 22]);
    const [whole, less] = [new BitMask(48, 48), new BitMask(48, 48)];
    drawStroke(whole, { radius: 6, points }, true);
    drawStroke(less, thin, true);
    expect(Math.abs(whole.count() - less.count())).toBeLessThan(8);
  });

  it("is the same drawn at once or as it grows", () => {
    const points = [4, 4, 12, 30, 30, 9, 33, 33];
    const whole = new BitMask(40, 40);
    drawStroke(whole, { radius: 3, points }, true);
    const grown = new BitMask(40, 40);
    for (let end = 2; end <= points.length; end += 2) {
      drawStroke(grown, { radius: 3, points: points.slice(0, end) }, true, 1, Math.max(0, end / 2 - 2));
    }
    expect(grown.equals(whole)).toBe(true);
  });
});

describe("correcting a mask", () => {
  const found = new BitMask(40, 30);
  for (let y = 5; y < 15; y++) found.fillSpan(y, 5, 25, true);
  const start = withStep(emptyHistory(40, 30), { kind: "ground", mask: found });

  it("adds by the brush, takes away by the eraser and by boxes, in order", () => {
    let history = withStep(start, stroke(3, 30, 20));
    history = withStep(history, { kind: "box", inside: false, box: { x: 0, y: 0, width: 10, height: 30 } });
    const mask = renderMask(history);
    expect(mask.get(30, 20)).toBe(true);
    expect(mask.get(7, 7)).toBe(false);
    expect(mask.get(12, 7)).toBe(true);
    const dot = renderMask(withStep(emptyHistory(40, 30), stroke(3, 30, 20))).count();
    expect(mask.count()).toBe(10 * 15 + dot);
  });

  it("takes steps back and brings them again, until another is made", () => {
    const two = withStep(withStep(start, stroke(3, 30, 20)), { kind: "clear" });
    expect(renderMask(two).count()).toBe(0);
    expect(renderMask(undo(two)).get(30, 20)).toBe(true);
    expect(undo(undo(two)).done).toEqual([]); // what was found is found out again
    expect(redo(redo(undo(undo(two)))).done).toEqual(two.done);
    expect(renderMask(redo(undo(two))).count()).toBe(0);
    const other = withStep(undo(two), stroke(2, 3, 3));
    expect(redo(other)).toBe(other);
    const untouched = emptyHistory(4, 4);
    expect(undo(untouched)).toBe(untouched);
  });

  it("adds what another expression finds, and takes it away", () => {
    const other = new BitMask(40, 30);
    for (let y = 10; y < 20; y++) other.fillSpan(y, 20, 30, true);
    const joined = withStep(start, { kind: "found", how: "add", mask: other });
    expect(renderMask(joined).count()).toBe(200 + 100 - 25);
    expect(renderMask(withStep(start, { kind: "found", how: "remove", mask: other })).count()).toBe(200 - 25);
    expect(renderMask(withStep(joined, { kind: "invert" })).count()).toBe(1200 - 275);
  });

  it("is drawn small to look at and at the picture's size to send", () => {
    const large = withStep(emptyHistory(8000, 6000), stroke(400, 1000, 1000, 6000, 5000));
    const scale = previewScale(8000, 6000, 1000);
    expect(scale).toBe(0.125);
    const small = renderMask(large, scale);
    const exact = renderMask(large);
    expect([small.width, small.height, exact.width, exact.height]).toEqual([1000, 750, 8000, 6000]);
    expect(exact.count() * scale * scale).toBeCloseTo(small.count(), -3);
    const area = Math.PI * 400 ** 2 + 2 * 400 * Math.hypot(5000, 4000);
    expect(Math.abs(exact.count() - area) / area).toBeLessThan(1e-4);
  });
});
