import { useMemo } from "react";

import type { Size } from "../view/transform";
import { type BitMask, scaleMask } from "./bitmask";
import { previewScale, renderMask, type Step } from "./history";
import { PREVIEW_SIDE } from "./painter";

/** The mask to look at: the one that was marked by steps, else the one that was found. */
export function useShownMask(
  { width, height }: Size,
  steps: readonly Step[] | undefined,
  found: BitMask | undefined,
): BitMask | undefined {
  return useMemo(() => {
    const scale = previewScale(width, height, PREVIEW_SIDE);
    if (steps?.length) return renderMask({ width, height, done: steps, undone: [] }, scale);
    if (!found) return undefined;
    // Something small is shown too: any pixel of it counts.
    return scaleMask(found, Math.round(width * scale) || 1, Math.round(height * scale) || 1, 1e-9);
  }, [width, height, steps, found]);
}
