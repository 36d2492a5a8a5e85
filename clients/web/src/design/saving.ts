import { type Node, readPicture } from "../api";
import { nodeText } from "../tree/words";
import { toast, toastProblem } from "../ui";

const LONGEST_NAME = 100;
const PATIENCE_MS = 1000;

/** Hands a file to the browser, which keeps it where its user keeps downloads. */
export function save(blob: Blob, name: string): void {
  const url = URL.createObjectURL(blob);
  const link = document.createElement("a");
  link.href = url;
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(url), 60_000);
}

/** Return the name of a file that holds what the words say; `ending` comes with its dot. */
export function fileName(words: string, ending: string): string {
  const plain = words
    .replace(/[^\p{L}\p{N} -]/gu, "")
    .replace(/ +/g, " ")
    .slice(0, LONGEST_NAME)
    .trim();
  return `${plain || "design"}${ending}`;
}

/** Saves a node's picture as a PNG of its full size; `design`: its design's title. */
export async function savePicture(node: Node, design: string): Promise<void> {
  const slow = setTimeout(() => toast("The picture is on its way, at full size."), PATIENCE_MS);
  try {
    save(await readPicture(node.name), fileName(`${design} - ${nodeText(node)}`, ".png"));
  } catch (error) {
    toastProblem(error);
  } finally {
    clearTimeout(slow);
  }
}
