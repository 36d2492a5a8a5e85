import { useEffect, useState } from "react";

function fileOf(data: DataTransfer | null): File | undefined {
  return data?.files[0];
}

/** Takes files that are dropped anywhere on the page or pasted; tells whether one is over the page now. */
export function useDropAndPaste(onFile: (file: File) => void): boolean {
  const [over, setOver] = useState(false);
  useEffect(() => {
    const hasFile = (event: DragEvent) => event.dataTransfer?.types.includes("Files") ?? false;
    const dragOver = (event: DragEvent) => {
      if (!hasFile(event)) return;
      event.preventDefault();
      setOver(true);
    };
    const leave = (event: DragEvent) => {
      if (!event.relatedTarget) setOver(false);
    };
    const drop = (event: DragEvent) => {
      if (!hasFile(event)) return;
      event.preventDefault();
      setOver(false);
      const file = fileOf(event.dataTransfer);
      if (file) onFile(file);
    };
    const paste = (event: ClipboardEvent) => {
      const file = fileOf(event.clipboardData);
      if (file) onFile(file);
    };
    window.addEventListener("dragover", dragOver);
    window.addEventListener("dragleave", leave);
    window.addEventListener("drop", drop);
    window.addEventListener("paste", paste);
    return () => {
      window.removeEventListener("dragover", dragOver);
      window.removeEventListener("dragleave", leave);
      window.removeEventListener("drop", drop);
      window.removeEventListener("paste", paste);
    };
  }, [onFile]);
  return over;
}
