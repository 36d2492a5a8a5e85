import { describe, expect, it } from "vitest";

import {
  fit,
  isFit,
  keyView,
  pan,
  pinch,
  toFrame,
  toPicture,
  wantedSide,
  wheelFactor,
  zoomAt,
} from "./transform";

const picture = { width: 4000, height: 3000 };
const frame = { width: 1000, height: 600 };

describe("the view of a picture", () => {
  it("shows all of it in the middle of the frame, and does not blow small ones up", () => {
    expect(fit(picture, frame)).toEqual({ scale: 0.2, x: 100, y: 0 });
    expect(fit({ width: 64, height: 64 }, frame).scale).toBe(4);
  });

  it("zooms about the point under the cursor", () => {
    const at = { x: 700, y: 350 };
    const before = toPicture(fit(picture, frame), at);
    const zoomed = zoomAt(fit(picture, frame), 3, at, picture, frame);
    expect(zoomed.scale).toBeCloseTo(0.6);
    expect(toFrame(zoomed, before).x).toBeCloseTo(at.x);
    expect(toFrame(zoomed, before).y).toBeCloseTo(at.y);
  });

  it("zooms no further out than all of it, and no further in than 16 pixels a pixel", () => {
    const whole = fit(picture, frame);
    expect(isFit(zoomAt(whole, 0.1, { x: 0, y: 0 }, picture, frame), picture, frame)).toBe(true);
    expect(zoomAt(whole, 1e6, { x: 0, y: 0 }, picture, frame).scale).toBe(16);
  });

  it("is not moved out of sight", () => {
    const zoomed = zoomAt(fit(picture, frame), 10, { x: 500, y: 300 }, picture, frame);
    expect(pan(zoomed, 1e5, 1e5, picture, frame)).toEqual({ ...zoomed, x: 48, y: 48 });
    const far = pan(zoomed, -1e5, -1e5, picture, frame);
    expect(far.x).toBeCloseTo(1000 - 8000 - 48);
    expect(pan(fit(picture, frame), 30, 30, picture, frame)).toEqual(fit(picture, frame));
  });

  it("follows two fingers", () => {
    const start = zoomAt(fit(picture, frame), 4, { x: 500, y: 300 }, picture, frame);
    const before = [
      { x: 400, y: 300 },
      { x: 600, y: 300 },
    ] as const;
    const after = [
      { x: 350, y: 340 },
      { x: 650, y: 340 },
    ] as const;
    const view = pinch(start, before, after, picture, frame);
    expect(view.scale / start.scale).toBeCloseTo(1.5);
    const held = toPicture(start, { x: 500, y: 300 });
    expect(toFrame(view, held).y).toBeCloseTo(340);
  });

  it("is led by keys", () => {
    const whole = fit(picture, frame);
    const near = keyView(whole, "+", picture, frame) ?? whole;
    expect(near.scale).toBeCloseTo(0.25);
    const nearer = keyView(near, "+", picture, frame) ?? near;
    expect(keyView(nearer, "ArrowRight", picture, frame)?.x).toBeLessThan(nearer.x);
    expect(keyView(near, "0", picture, frame)).toEqual(whole);
    expect(keyView(near, "1", picture, frame)?.scale).toBeCloseTo(1);
    expect(keyView(near, "q", picture, frame)).toBeUndefined();
  });

  it("zooms by the wheel in small steps, whatever unit it turns in", () => {
    const wheel = (deltaY: number, deltaMode = 0, ctrlKey = false) =>
      wheelFactor({ deltaY, deltaMode, ctrlKey });
    expect(wheel(-100)).toBeGreaterThan(1);
    expect(wheel(100) * wheel(-100)).toBeCloseTo(1);
    expect(wheel(3, 1)).toBeCloseTo(wheel(48));
    expect(wheel(1e9)).toBeGreaterThan(0.5);
  });
});

describe("the side that a picture is asked at", () => {
  const large = { width: 8000, height: 6000 };

  it("is what the screen shows, not what the picture has", () => {
    expect(wantedSide(fit(large, frame), large, 1, 8192)).toBe(1280);
    expect(wantedSide(fit(large, frame), large, 2, 8192)).toBe(2560);
    expect(wantedSide(fit(large, { width: 390, height: 300 }), large, 3, 4096)).toBe(1280);
  });

  it("is the picture's own when zoomed in, or the most that the device can decode", () => {
    const near = { scale: 2, x: 0, y: 0 };
    expect(wantedSide(near, large, 1, 8192)).toBe(0);
    expect(wantedSide(near, large, 1, 5120)).toBe(5120);
    expect(wantedSide(fit(picture, frame), { width: 600, height: 400 }, 1, 8192)).toBe(0);
  });
});
