import { MAX_PICTURE_BYTES, MAX_PICTURE_PIXELS, MAX_PICTURE_SIDE } from "../api/limits";
import { type PictureHeader, readHeader } from "./header";

/** What a chosen file is, as far as it matters before it is sent. */
export type Checked =
  | { kind: "good"; header: PictureHeader }
  /** A picture that the service does not take as it is; the browser can make it smaller. */
  | { kind: "large"; header: PictureHeader; why: string; target: { width: number; height: number } }
  /** A picture in a format that the service does not read, but this browser does. */
  | { kind: "foreign"; width: number; height: number }
  | { kind: "unreadable"; why: string };

// EXIF data with an embedded preview comes before a JPEG's size.
const HEADER_BYTES = 512 * 1024;
const JPEG_QUALITY = 0.95;

/** The largest size of the same shape that the contract takes. */
export function allowedSize(width: number, height: number): { width: number; height: number } {
  const factor = Math.min(
    1,
    MAX_PICTURE_SIDE / Math.max(width, height),
    Math.sqrt(MAX_PICTURE_PIXELS / (width * height)),
  );
  return { width: Math.max(1, Math.floor(width * factor)), height: Math.max(1, Math.floor(height * factor)) };
}

export function megapixels(width: number, height: number): string {
  const millions = (width * height) / 1e6;
  return `${millions < 10 ? millions.toFixed(1) : Math.round(millions)} megapixels`;
}

function tooLarge({ width, height }: PictureHeader, bytes: number, most: number): string | undefined {
  if (width * height > MAX_PICTURE_PIXELS) {
    return `It has ${megapixels(width, height)}; LangDesign takes ${MAX_PICTURE_PIXELS / 1e6} at most.`;
  }
  if (Math.max(width, height) > MAX_PICTURE_SIDE) {
    return `It is ${width} × ${height} pixels; LangDesign takes ${MAX_PICTURE_SIDE} a side at most.`;
  }
  if (bytes > most) {
    return `The file has ${Math.round(bytes / 2 ** 20)} MiB; ${Math.floor(most / 2 ** 20)} can be sent at most.`;
  }
  return undefined;
}

async function foreign(file: Blob): Promise<Checked> {
  try {
    const bitmap = await createImageBitmap(file);
    const { width, height } = bitmap;
    bitmap.close();
    return { kind: "foreign", width, height };
  } catch {
    return {
      kind: "unreadable",
      why: "It is no PNG, JPEG or WebP picture, or it is damaged. Choose another file.",
    };
  }
}

/** Looks at a file before it is sent; `most`: bytes that can be sent. */
export async function checkPicture(file: Blob, most = MAX_PICTURE_BYTES): Promise<Checked> {
  if (file.size === 0) return { kind: "unreadable", why: "The file is empty. Choose another." };
  const header = readHeader(new Uint8Array(await file.slice(0, HEADER_BYTES).arrayBuffer()));
  if (!header || header.width === 0 || header.height === 0) return foreign(file);
  const why = tooLarge(header, file.size, most);
  return why
    ? { kind: "large", header, why, target: allowedSize(header.width, header.height) }
    : { kind: "good", header };
}

/** Draws a picture anew in this browser, at most of the given size: a JPEG in sRGB, upright. */
export async function redraw(file: Blob, width: number, height: number): Promise<Uint8Array> {
  // Decoded once for its upright shape: the sizes of a header come before EXIF orientation.
  const bitmap = await createImageBitmap(file, { imageOrientation: "from-image" });
  const turned = bitmap.width > bitmap.height !== width > height;
  const canvas = document.createElement("canvas");
  canvas.width = turned ? height : width;
  canvas.height = turned ? width : height;
  const context = canvas.getContext("2d");
  if (!context) throw new Error("this browser cannot draw");
  context.imageSmoothingQuality = "high";
  context.drawImage(bitmap, 0, 0, canvas.width, canvas.height);
  bitmap.close();
  const blob = await new Promise<Blob | null>((resolve) =>
    canvas.toBlob(resolve, "image/jpeg", JPEG_QUALITY),
  );
  if (!blob) throw new Error("this browser cannot write so large a picture");
  return new Uint8Array(await blob.arrayBuffer());
}

/** A title for a design, from its file's name. */
export function titleOf(fileName: string): string {
  const bare = fileName
    .replace(/\.[a-z0-9]{2,5}$/i, "")
    .replace(/[_-]+/g, " ")
    .trim();
  const generic = /^(image|img|dsc|photo|pxl|screenshot)?[\s\d()]*$/i.test(bare);
  return generic ? "" : bare.charAt(0).toUpperCase() + bare.slice(1, 200);
}
