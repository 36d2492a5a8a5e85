import { useQuery } from "@tanstack/react-query";

import { cache, keys } from "./cache";
import { service } from "./client";
import { MAX_THUMBNAILS } from "./limits";
import { mediaType, objectUrl, type ShownPicture } from "./objecturls";

/** What made a node never changes, and so neither does its picture. */
const FOREVER = { staleTime: Infinity, gcTime: 5 * 60_000 } as const;

async function fetchPicture(node: string, maxSide: number, signal: AbortSignal): Promise<ShownPicture> {
  const { image, width, height } = await service.getPicture({ name: node, maxSide }, { signal });
  const bytes = image?.source.case === "data" ? image.source.value : new Uint8Array();
  return { url: objectUrl(bytes, mediaType(bytes)), width, height };
}

/** Return a node's picture at full size, losslessly, as a file. */
export async function readPicture(node: string): Promise<Blob> {
  const { image } = await service.getPicture({ name: node });
  const bytes = image?.source.case === "data" ? image.source.value : new Uint8Array();
  return new Blob([bytes as Uint8Array<ArrayBuffer>], { type: mediaType(bytes) });
}

/**
 * A node's picture, at most `maxSide` pixels a side (0: full size). `data` is {url, width, height} of the picture as it
 * came. Without a node nothing is asked for.
 */
export function usePicture(node: string | undefined, maxSide = 0) {
  return useQuery({
    queryKey: keys.picture(node ?? "", maxSide),
    queryFn: ({ signal }) => fetchPicture(node ?? "", maxSide, signal),
    enabled: Boolean(node),
    ...FOREVER,
  });
}

/** Reads a picture ahead, so that a step to it shows it at once. */
export function prefetchPicture(node: string, maxSide: number): void {
  const reading = cache.query({
    queryKey: keys.picture(node, maxSide),
    queryFn: ({ signal }) => fetchPicture(node, maxSide, signal),
    ...FOREVER,
  });
  // Whoever shows it asks again, and tells what failed.
  reading.catch(() => undefined);
}

type Waiter = { resolve: (picture: ShownPicture | null) => void; reject: (error: unknown) => void };
let asked = new Map<string, Waiter[]>();
let timer: ReturnType<typeof setTimeout> | undefined;

/** Thumbnails that are asked for together are fetched in one call, at most a hundred at a time. */
function fetchThumbnail(node: string): Promise<ShownPicture | null> {
  return new Promise((resolve, reject) => {
    asked.set(node, [...(asked.get(node) ?? []), { resolve, reject }]);
    timer ??= setTimeout(sendAsked, 8);
  });
}

function sendAsked(): void {
  const batch = asked;
  asked = new Map();
  timer = undefined;
  const names = [...batch.keys()];
  for (let start = 0; start < names.length; start += MAX_THUMBNAILS) {
    void sendBatch(names.slice(start, start + MAX_THUMBNAILS), batch);
  }
}

async function sendBatch(names: string[], batch: Map<string, Waiter[]>): Promise<void> {
  try {
    const { thumbnails } = await service.batchGetThumbnails({ parent: "designs/-", names });
    const found = new Map(thumbnails.map((one) => [one.node, one]));
    for (const name of names) {
      const one = found.get(name);
      const picture = one && { url: objectUrl(one.jpeg, "image/jpeg"), width: one.width, height: one.height };
      for (const waiter of batch.get(name) ?? []) waiter.resolve(picture ?? null);
    }
  } catch (error) {
    for (const name of names) for (const waiter of batch.get(name) ?? []) waiter.reject(error);
  }
}

/** A node's thumbnail, 256 pixels a side at most; `data` is null where the service has none. */
export function useThumbnail(node: string | undefined, ready = true) {
  return useQuery({
    queryKey: keys.thumbnail(node ?? ""),
    queryFn: () => fetchThumbnail(node ?? ""),
    enabled: Boolean(node) && ready,
    ...FOREVER,
  });
}
