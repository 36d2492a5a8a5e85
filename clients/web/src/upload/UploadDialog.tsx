import { type ProblemKind, problemOf } from "../api";
import { Button, Dialog, Notice, ProblemNotice } from "../ui";
import { allowedSize, megapixels } from "./picture";
import type { Upload, useUpload } from "./useUpload";

const BUSY = {
  checking: "Looking at the picture…",
  shrinking: "Making it smaller in your browser…",
  sending: "Sending the picture…",
} as const;

const TITLES: Record<Upload["step"], string> = {
  none: "",
  checking: "New design",
  asking: "Before it is sent",
  shrinking: "New design",
  sending: "New design",
  failed: "The picture was not sent",
};

const FINAL: ReadonlySet<ProblemKind> = new Set(["invalid", "refused"]);

type Asking = Extract<Upload, { step: "asking" }>;

function Question({ asking, uploading }: { asking: Asking; uploading: ReturnType<typeof useUpload> }) {
  const { checked, file, preview } = asking;
  const cancel = <Button onClick={uploading.close}>Cancel</Button>;
  if (checked.kind === "unreadable") {
    return (
      <>
        <Notice tone="bad" title="This file cannot be used">
          {checked.why}
        </Notice>
        <div className="dialog-actions">{cancel}</div>
      </>
    );
  }
  const { width, height } =
    checked.kind === "large" ? checked.target : allowedSize(checked.width, checked.height);
  return (
    <>
      <Notice
        tone="warn"
        title={checked.kind === "large" ? "This photo is too large" : "This format is not read"}
      >
        {checked.kind === "large"
          ? checked.why
          : "LangDesign reads PNG, JPEG and WebP. Your browser can convert it."}
        <br />
        {`It can be sent as a JPEG of ${width} × ${height} pixels (${megapixels(width, height)}). Your file stays as it is.`}
      </Notice>
      <div className="dialog-actions">
        {cancel}
        <Button kind="primary" onClick={() => void uploading.shrink(file, width, height, preview)}>
          {checked.kind === "large" ? "Make it smaller and go on" : "Convert it and go on"}
        </Button>
      </div>
    </>
  );
}

/** A picture on its way, and what is to be asked or told about it. */
export function UploadDialog({ uploading }: { uploading: ReturnType<typeof useUpload> }) {
  const { upload, close } = uploading;
  if (upload.step === "none") return null;
  const busy = upload.step === "checking" || upload.step === "shrinking" || upload.step === "sending";
  const unreadable = upload.step === "asking" && upload.checked.kind === "unreadable";
  const title = unreadable ? TITLES.failed : TITLES[upload.step];
  // The same bytes are refused for the same reason.
  const again = upload.step === "failed" && !FINAL.has(problemOf(upload.error).kind);
  return (
    <Dialog title={title} onClose={close} closable={!busy}>
      {!unreadable && (
        <div className="upload-preview">
          <img src={upload.preview} alt="The chosen file" />
        </div>
      )}
      {busy && (
        <p className="upload-busy" role="status">
          <span className="spinner" aria-hidden /> {BUSY[upload.step]}
        </p>
      )}
      {upload.step === "asking" && <Question asking={upload} uploading={uploading} />}
      {upload.step === "failed" && (
        <>
          <ProblemNotice error={upload.error} />
          <div className="dialog-actions">
            <Button onClick={close}>Cancel</Button>
            {again && (
              <Button kind="primary" onClick={uploading.retry}>
                Try again
              </Button>
            )}
          </div>
        </>
      )}
    </Dialog>
  );
}
