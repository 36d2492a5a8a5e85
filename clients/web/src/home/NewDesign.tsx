import { Camera, FileArchive, ImagePlus } from "lucide-react";
import { useRef, useState } from "react";

import {
  type Design,
  MAX_ARCHIVE_BYTES,
  newKey,
  type Sample,
  useConfig,
  useImportDesign,
  useMaxBytes,
} from "../api";
import { Button, Dialog, Notice, ProblemNotice, toast, toastProblem } from "../ui";

interface FileButtonProps {
  label: string;
  accept: string;
  kind?: "plain" | "primary" | "quiet";
  capture?: boolean;
  className?: string;
  icon: React.ReactNode;
  onFile: (file: File) => void;
}

function FileButton({ label, accept, kind, capture, className, icon, onFile }: FileButtonProps) {
  const input = useRef<HTMLInputElement>(null);
  return (
    <>
      <Button kind={kind} className={className} onClick={() => input.current?.click()}>
        {icon} {label}
      </Button>
      <input
        ref={input}
        type="file"
        hidden
        aria-label={label}
        accept={accept}
        capture={capture ? "environment" : undefined}
        onChange={(event) => {
          const file = event.target.files?.[0];
          event.target.value = "";
          if (file) onFile(file);
        }}
      />
    </>
  );
}

async function sampleFile({ url, title }: Sample): Promise<File> {
  const response = await fetch(url);
  if (!response.ok) throw new Error(`the sample could not be read: HTTP ${response.status}`);
  return new File([await response.blob()], title);
}

interface Importing {
  file: File;
  key: string;
  error?: unknown;
  tooLarge?: boolean;
}

/** Imports an archive; a damaged or foreign one is told here, and nothing is made of it. */
function useArchive(onDone: (design: Design) => void) {
  const [importing, setImporting] = useState<Importing>();
  const { mutateAsync } = useImportDesign();
  const most = useMaxBytes(MAX_ARCHIVE_BYTES);
  const run = async (file: File, key: string): Promise<void> => {
    if (file.size > most) return setImporting({ file, key, tooLarge: true });
    setImporting({ file, key });
    try {
      const design = await mutateAsync({ archive: new Uint8Array(await file.arrayBuffer()), key });
      setImporting(undefined);
      toast("Imported");
      onDone(design);
    } catch (error) {
      setImporting({ file, key, error });
    }
  };
  return { importing, most, run, close: () => setImporting(undefined) };
}

interface NewDesignProps {
  onFile: (file: File, title?: string) => void;
  onDone: (design: Design) => void;
}

/** All ways to begin: a file, a photo, a sample, an archive. */
export function NewDesign({ onFile, onDone }: NewDesignProps) {
  const samples = useConfig().data?.samples ?? [];
  const archive = useArchive(onDone);
  const { importing, most } = archive;
  return (
    <section className="new" aria-labelledby="new-heading">
      <div className="new-drop">
        <div className="new-words">
          <h1 id="new-heading">Begin with a picture of a room</h1>
          <p className="soft">
            Drop it here, paste it, or choose it. Then say what to change; the rest stays, to the pixel.
          </p>
        </div>
        <div className="new-buttons">
          <FileButton
            label="Choose a picture"
            accept="image/*"
            kind="primary"
            icon={<ImagePlus aria-hidden />}
            onFile={onFile}
          />
          <FileButton
            label="Take a photo"
            accept="image/*"
            capture
            className="only-touch"
            icon={<Camera aria-hidden />}
            onFile={onFile}
          />
          <FileButton
            label="Import a design"
            accept=".zip,application/zip"
            icon={<FileArchive aria-hidden />}
            onFile={(file) => void archive.run(file, newKey())}
          />
        </div>
      </div>
      {samples.length > 0 && (
        <div className="samples">
          <h2 className="samples-title">Or take a sample</h2>
          <ul className="samples-list">
            {samples.map((sample) => (
              <li key={sample.url}>
                <button
                  type="button"
                  className="sample"
                  onClick={() =>
                    void sampleFile(sample).then((file) => onFile(file, sample.title), toastProblem)
                  }
                >
                  <img src={sample.url} alt="" loading="lazy" />
                  <span>{sample.title}</span>
                </button>
              </li>
            ))}
          </ul>
        </div>
      )}
      {importing && (
        <Dialog
          title="Import a design"
          onClose={archive.close}
          closable={Boolean(importing.error) || importing.tooLarge}
        >
          {importing.tooLarge ? (
            <Notice tone="bad" title="This archive is too large">
              {`It has ${Math.round(importing.file.size / 2 ** 20)} MiB; at most ${Math.floor(most / 2 ** 20)} can be sent. Export the design again with “Only what is needed”: its pictures are made anew when it is imported.`}
            </Notice>
          ) : importing.error ? (
            <ProblemNotice
              error={importing.error}
              onRetry={() => void archive.run(importing.file, importing.key)}
            />
          ) : (
            <p className="upload-busy" role="status">
              <span className="spinner" aria-hidden /> Reading “{importing.file.name}”…
            </p>
          )}
        </Dialog>
      )}
    </section>
  );
}
