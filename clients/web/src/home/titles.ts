import type { Design } from "../api";

/** What a design is called. */
export function titleText(design: Design | undefined): string {
  return design?.title.trim() || "Untitled";
}
