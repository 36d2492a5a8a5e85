import { queryOptions, useInfiniteQuery, useMutation, useQuery } from "@tanstack/react-query";

import type { Design } from "../gen/langdesign/design/v1/design_pb";
import { ExportPictures } from "../gen/langdesign/design/v1/design_pb";
import { cache, keys } from "./cache";
import { service } from "./client";
import { problemOf } from "./problem";
import { currentToken, newToken } from "./token";

const PAGE = 60;

function required<T>(message: T | undefined): T {
  if (message === undefined) throw new Error("the service left out what it must send");
  return message;
}

/** The caller's designs, the last changed first, page by page; with `deleted` those in the bin. */
export function useDesigns(deleted = false) {
  return useInfiniteQuery({
    queryKey: keys.designs(deleted),
    queryFn: ({ pageParam, signal }) =>
      service.listDesigns({ pageSize: PAGE, pageToken: pageParam, deleted }, { signal }),
    initialPageParam: "",
    getNextPageParam: (page) => page.nextPageToken || undefined,
    select: ({ pages }) => pages.flatMap((page) => page.designs),
    staleTime: 0,
  });
}

/** How a design is read, by its resource name. */
export function designQuery(design: string) {
  return queryOptions({
    queryKey: keys.design(design),
    queryFn: async ({ signal }) => required((await service.getDesign({ name: design }, { signal })).design),
  });
}

/** A design, by its resource name. */
export function useDesign(design: string) {
  return useQuery(designQuery(design));
}

function listsChanged(): void {
  void cache.invalidateQueries({ queryKey: ["designs"] });
}

function keep(design: Design | undefined): Design {
  const known = required(design);
  cache.setQueryData(keys.design(known.name), known);
  listsChanged();
  return known;
}

export interface NewDesign {
  title: string;
  /** Encoded PNG, JPEG or WebP. */
  picture: Uint8Array;
  /** Names this design for its caller, so that trying again makes no second one. */
  key: string;
}

export function useCreateDesign() {
  return useMutation({
    mutationFn: async ({ title, picture, key }: NewDesign) => {
      const image = { source: { case: "data", value: picture } } as const;
      return keep((await service.createDesign({ idempotencyKey: key, title, image })).design);
    },
  });
}

export function useRenameDesign() {
  return useMutation({
    mutationFn: async ({ name, title, key }: { name: string; title: string; key: string }) =>
      keep(
        (
          await service.updateDesign({
            idempotencyKey: key,
            design: { name, title },
            updateMask: { paths: ["title"] },
          })
        ).design,
      ),
  });
}

export function useDeleteDesign() {
  return useMutation({
    mutationFn: async ({ name, key }: { name: string; key: string }) =>
      keep((await service.deleteDesign({ idempotencyKey: key, name })).design),
  });
}

export function useRestoreDesign() {
  return useMutation({
    mutationFn: async ({ name, key }: { name: string; key: string }) =>
      keep((await service.undeleteDesign({ idempotencyKey: key, name })).design),
  });
}

export function useImportDesign() {
  return useMutation({
    mutationFn: async ({ archive, key }: { archive: Uint8Array; key: string }) =>
      keep((await service.importDesign({ idempotencyKey: key, archive })).design),
  });
}

type Part = Uint8Array<ArrayBuffer>;

async function readParts(
  request: { name: string; pictures: ExportPictures },
  progress: (bytes: number) => void,
  signal: AbortSignal,
): Promise<Part[]> {
  const parts: Part[] = [];
  let bytes = 0;
  for await (const { data } of service.exportDesign(request, { signal })) {
    parts.push(data as Part);
    bytes += data.length;
    progress(bytes);
  }
  return parts;
}

/** Reads a design's archive, part by part; `progress` gets the bytes so far. An ended token is asked for. */
export async function exportDesign(
  name: string,
  pictures: ExportPictures,
  progress: (bytes: number) => void,
  signal: AbortSignal,
): Promise<Blob> {
  for (;;) {
    const used = currentToken();
    try {
      return new Blob(await readParts({ name, pictures }, progress, signal), { type: "application/zip" });
    } catch (error) {
      if (problemOf(error).kind !== "expired") throw error;
      await newToken(used);
    }
  }
}

export { ExportPictures };
