import { cache } from "./cache";

/** A picture that the browser can show. */
export interface ShownPicture {
  url: string;
  width: number;
  height: number;
}

const owners = new Set(["picture", "thumbnail"]);

// Object URLs hold their bytes until they are revoked: they go with their cache entry.
cache.getQueryCache().subscribe((event) => {
  if (event.type !== "removed" || !owners.has(String((event.query.queryKey as readonly unknown[])[0])))
    return;
  const picture = event.query.state.data as ShownPicture | null | undefined;
  if (picture) URL.revokeObjectURL(picture.url);
});

export function objectUrl(bytes: Uint8Array, type: string): string {
  return URL.createObjectURL(new Blob([bytes as Uint8Array<ArrayBuffer>], { type }));
}

/** The media type of encoded picture bytes, by their first ones. */
export function mediaType(bytes: Uint8Array): string {
  if (bytes[0] === 0x89) return "image/png";
  if (bytes[0] === 0xff) return "image/jpeg";
  return "image/webp";
}
