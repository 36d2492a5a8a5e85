import { useState } from "react";

import { usePicture, useThumbnail } from "../../api";
import { useSettled } from "../../hooks/useSettled";
import { ProblemNotice } from "../../ui";
import { wantedSide } from "./transform";
import type { Viewer } from "./useViewer";

// A phone has not the memory to decode 48 megapixels (192 MB); a zoomed part of it is shown a little softer there.
const SMALL_DEVICE =
  typeof matchMedia === "function" && matchMedia("(pointer: coarse) and (max-width: 1000px)").matches;
const LARGEST_SIDE = SMALL_DEVICE ? 4096 : 8192;

/** A picture at the resolution that its zoom shows, over a coarser one until it has come. */
export function usePictureAt(node: string | undefined, viewer: Viewer) {
  const ratio = typeof devicePixelRatio === "number" ? devicePixelRatio : 1;
  const side = wantedSide(viewer.view, viewer.picture, ratio, LARGEST_SIDE);
  const settled = useSettled(side, 200);
  const picture = usePicture(viewer.measured ? node : undefined, settled);
  const thumbnail = useThumbnail(node);
  return { ...picture, url: picture.data?.url, coarse: thumbnail.data?.url };
}

interface PictureProps {
  node: string;
  viewer: Viewer;
  alt: string;
}

/** The layer that shows a node's picture. What is shown stays until the sharper one is decoded. */
export function Picture({ node, viewer, alt }: PictureProps) {
  const { url, coarse, error, refetch } = usePictureAt(node, viewer);
  const [shown, setShown] = useState<{ node: string; url: string }>();
  const under = shown?.node === node ? shown.url : coarse;
  const layers = [...new Set([under, url])].filter((layer) => layer !== undefined);
  return (
    <>
      {!layers.length && !error && <div className="picture-wait" aria-hidden />}
      {error && (
        <div className="picture-problem">
          <ProblemNotice error={error} onRetry={() => void refetch()} />
        </div>
      )}
      {layers.map((layer, index) => (
        <img
          key={layer}
          className="picture"
          data-sharp={viewer.view.scale >= 4 ? "" : undefined}
          data-coarse={layer === coarse ? "" : undefined}
          src={layer}
          alt={index === 0 ? alt : ""}
          decoding="async"
          draggable={false}
          onLoad={() => layer === url && setShown({ node, url: layer })}
        />
      ))}
    </>
  );
}
