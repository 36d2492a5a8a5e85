/** Texts that are not saved yet, in the browser's storage: a reload or a closed page loses none. */

interface KeptText {
  text: string;
  /** The text that writing began on. */
  base: string;
}

function keyOf(node: string, field: string): string {
  return `langdesign.said/${node}/${field}`;
}

/** Keeps what is being written. */
export function keepText(node: string, field: string, kept: KeptText): void {
  try {
    localStorage.setItem(keyOf(node, field), JSON.stringify(kept));
  } catch {
    // A browser that keeps nothing: the text lives as long as the page.
  }
}

/** Returns what was being written when a page was left. */
export function keptText(node: string, field: string): KeptText | undefined {
  try {
    const kept = JSON.parse(localStorage.getItem(keyOf(node, field)) ?? "null") as Partial<KeptText> | null;
    return typeof kept?.text === "string" && typeof kept.base === "string"
      ? { text: kept.text, base: kept.base }
      : undefined;
  } catch {
    return undefined;
  }
}

/** Forgets a text that is saved, unless another has been written meanwhile. */
export function forgetText(node: string, field: string, text: string): void {
  if (keptText(node, field)?.text === text) localStorage.removeItem(keyOf(node, field));
}
