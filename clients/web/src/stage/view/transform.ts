/** Where a picture lies in its frame: a point p of the picture is shown at offset + scale * p. */

/** A size in pixels. */
export interface Size {
  readonly width: number;
  readonly height: number;
}

/** A point in pixels. */
export interface Point {
  readonly x: number;
  readonly y: number;
}

/** How a picture is shown. */
export interface View {
  /** CSS pixels a pixel of the picture. */
  readonly scale: number;
  /** Where the picture's top left corner lies in the frame, CSS pixels. */
  readonly x: number;
  readonly y: number;
}

const LARGEST = 16; // CSS pixels a pixel of the picture
const SLACK = 48; // CSS pixels between the edges of a large picture and of the frame, at most

/** Return the view that shows the whole picture, centred, never larger than `largest` CSS pixels a pixel. */
export function fit(picture: Size, frame: Size, largest = 4): View {
  const scale = Math.min(frame.width / picture.width, frame.height / picture.height, largest);
  return centred(picture, frame, scale);
}

function centred(picture: Size, frame: Size, scale: number): View {
  return {
    scale,
    x: (frame.width - picture.width * scale) / 2,
    y: (frame.height - picture.height * scale) / 2,
  };
}

/** Return the view zoomed by a factor, so that what lies at `at` (in the frame) stays there. */
export function zoomAt(view: View, factor: number, at: Point, picture: Size, frame: Size): View {
  const smallest = fit(picture, frame).scale;
  const scale = Math.min(Math.max(view.scale * factor, smallest), Math.max(LARGEST, smallest));
  const ratio = scale / view.scale;
  return settle(
    { scale, x: at.x - (at.x - view.x) * ratio, y: at.y - (at.y - view.y) * ratio },
    picture,
    frame,
  );
}

/** Return the view moved by CSS pixels. */
export function pan(view: View, dx: number, dy: number, picture: Size, frame: Size): View {
  return settle({ ...view, x: view.x + dx, y: view.y + dy }, picture, frame);
}

/** Return the view after two fingers moved: what lay between them stays between them. */
export function pinch(
  view: View,
  before: readonly [Point, Point],
  after: readonly [Point, Point],
  picture: Size,
  frame: Size,
): View {
  const from = middle(...before);
  const to = middle(...after);
  const factor = distance(...after) / Math.max(1, distance(...before));
  const zoomed = zoomAt(view, factor, from, picture, frame);
  return pan(zoomed, to.x - from.x, to.y - from.y, picture, frame);
}

/** Return the point of the picture that is shown at a point of the frame. */
export function toPicture(view: View, at: Point): Point {
  return { x: (at.x - view.x) / view.scale, y: (at.y - view.y) / view.scale };
}

/** Return where a point of the picture is shown in the frame. */
export function toFrame(view: View, at: Point): Point {
  return { x: view.x + at.x * view.scale, y: view.y + at.y * view.scale };
}

/** Return the factor by which a turn of the wheel zooms; a pinch on a touch pad turns it in small steps. */
export function wheelFactor(event: {
  readonly deltaY: number;
  readonly deltaMode: number;
  readonly ctrlKey: boolean;
}): number {
  const pixels = event.deltaY * (event.deltaMode === 1 ? 16 : event.deltaMode === 2 ? 400 : 1);
  return Math.exp(-Math.max(-240, Math.min(240, pixels)) * (event.ctrlKey ? 0.01 : 0.002));
}

/** Return the view that a key makes, or undefined for a key that means nothing here. */
export function keyView(view: View, key: string, picture: Size, frame: Size): View | undefined {
  const centre = { x: frame.width / 2, y: frame.height / 2 };
  const step = Math.min(frame.width, frame.height) / 8;
  switch (key) {
    case "+":
    case "=":
      return zoomAt(view, 1.25, centre, picture, frame);
    case "-":
      return zoomAt(view, 0.8, centre, picture, frame);
    case "0":
      return fit(picture, frame);
    case "1":
      return zoomAt(view, 1 / view.scale, centre, picture, frame);
    case "ArrowLeft":
      return pan(view, step, 0, picture, frame);
    case "ArrowRight":
      return pan(view, -step, 0, picture, frame);
    case "ArrowUp":
      return pan(view, 0, step, picture, frame);
    case "ArrowDown":
      return pan(view, 0, -step, picture, frame);
    default:
      return undefined;
  }
}

/** Return whether the whole picture is in the frame. */
export function isFit(view: View, picture: Size, frame: Size): boolean {
  return view.scale <= fit(picture, frame).scale * 1.001;
}

// Sides asked for: few, so that zooming fetches seldom and what was fetched is found again.
const SIDES = [640, 1280, 2560, 5120, 8192];

/**
 * Return the longest side to ask the picture at, so that no pixel of the screen lacks one of the picture's: the smallest
 * of a few, at most `limit` (what the device can decode) and the picture's own, then told as 0.
 */
export function wantedSide(view: View, picture: Size, pixelRatio: number, limit: number): number {
  const longest = Math.max(picture.width, picture.height);
  const shown = longest * Math.min(1, view.scale * pixelRatio);
  const side = Math.min(SIDES.find((candidate) => candidate >= shown) ?? longest, limit);
  return side >= longest ? 0 : side;
}

/** Keep a picture that is smaller than the frame in its middle, and a larger one about its edges. */
function settle(view: View, picture: Size, frame: Size): View {
  return {
    scale: view.scale,
    x: settleAxis(view.x, picture.width * view.scale, frame.width),
    y: settleAxis(view.y, picture.height * view.scale, frame.height),
  };
}

function settleAxis(offset: number, shown: number, frame: number): number {
  if (shown <= frame) return (frame - shown) / 2;
  const slack = Math.min(SLACK, frame / 4);
  return Math.min(slack, Math.max(frame - shown - slack, offset));
}

function middle(one: Point, other: Point): Point {
  return { x: (one.x + other.x) / 2, y: (one.y + other.y) / 2 };
}

function distance(one: Point, other: Point): number {
  return Math.hypot(one.x - other.x, one.y - other.y);
}
