import { Download } from "lucide-react";
import { useEffect, useRef, useState } from "react";

import { type Design, exportDesign, ExportPictures } from "../api";
import { titleText } from "../home/titles";
import { Button, Dialog, ProblemNotice } from "../ui";
import { fileName, save } from "./saving";

const CHOICES: [ExportPictures, string, string][] = [
  [ExportPictures.LEAVES, "Ends and favourites", "Pictures that nothing follows, and favourites."],
  [ExportPictures.ALL, "All pictures", "Every picture of the tree, at full size."],
  [
    ExportPictures.NONE,
    "Only what is needed",
    "The smallest file; pictures are made again when it is imported.",
  ],
];

/** Takes a design out as an archive, with its contact sheet. */
export function ExportDialog({ design, onClose }: { design: Design; onClose: () => void }) {
  const [pictures, setPictures] = useState(ExportPictures.LEAVES);
  const [bytes, setBytes] = useState<number>();
  const [error, setError] = useState<unknown>();
  const controller = useRef<AbortController | undefined>(undefined);
  useEffect(() => () => controller.current?.abort(), []);

  const run = async () => {
    controller.current = new AbortController();
    setError(undefined);
    setBytes(0);
    try {
      const archive = await exportDesign(design.name, pictures, setBytes, controller.current.signal);
      save(archive, fileName(titleText(design), ".zip"));
      onClose();
    } catch (failed) {
      setError(failed);
      setBytes(undefined);
    }
  };

  const busy = bytes !== undefined;
  return (
    <Dialog title="Export the design" onClose={onClose}>
      <p>
        A ZIP file with the tree, the first picture, every change and a contact sheet. It can be imported
        again.
      </p>
      <fieldset className="choices">
        <legend className="visually-hidden">Pictures in the file</legend>
        {CHOICES.map(([value, label, hint]) => (
          <label key={value} className="choice">
            <input
              type="radio"
              name="pictures"
              checked={pictures === value}
              disabled={busy}
              onChange={() => setPictures(value)}
            />
            <span>
              <strong>{label}</strong>
              <span className="soft small">{hint}</span>
            </span>
          </label>
        ))}
      </fieldset>
      {busy && <p role="status">{(bytes / 1e6).toFixed(1)} MB received…</p>}
      {error !== undefined && <ProblemNotice error={error} />}
      <div className="dialog-actions">
        <Button onClick={onClose}>Cancel</Button>
        <Button kind="primary" disabled={busy} onClick={() => void run()}>
          <Download aria-hidden /> Export
        </Button>
      </div>
    </Dialog>
  );
}
