import { useCallback, useState } from "react";

import { type Design, MAX_PICTURE_BYTES, newKey, useCreateDesign, useMaxBytes } from "../api";
import { type Checked, checkPicture, redraw, titleOf } from "./picture";

/** What is sent. */
type Sending = Parameters<ReturnType<typeof useCreateDesign>["mutateAsync"]>[0];

/** A picture on its way to become a design's root. */
export type Upload =
  | { step: "none" }
  | { step: "checking"; preview: string }
  | { step: "asking"; preview: string; file: File; checked: Exclude<Checked, { kind: "good" }> }
  | { step: "shrinking"; preview: string }
  | { step: "sending"; preview: string }
  | { step: "failed"; preview: string; error: unknown; sending: Sending };

/** Takes a file to a design: looks at it first, asks where it has to be made smaller, and keeps it when sending fails. */
export function useUpload(onDone: (design: Design) => void) {
  const [upload, setUpload] = useState<Upload>({ step: "none" });
  const create = useCreateDesign();
  const { mutateAsync } = create;
  const most = useMaxBytes(MAX_PICTURE_BYTES);

  const close = useCallback(() => {
    setUpload((before) => {
      if (before.step !== "none") URL.revokeObjectURL(before.preview);
      return { step: "none" };
    });
  }, []);

  const send = useCallback(
    async (preview: string, sending: Sending) => {
      setUpload({ step: "sending", preview });
      try {
        const design = await mutateAsync(sending);
        close();
        onDone(design);
      } catch (error) {
        setUpload({ step: "failed", preview, error, sending });
      }
    },
    [mutateAsync, close, onDone],
  );

  const begin = useCallback(
    async (file: File, title = titleOf(file.name)) => {
      const preview = URL.createObjectURL(file);
      setUpload({ step: "checking", preview });
      const checked = await checkPicture(file, most);
      if (checked.kind !== "good") return setUpload({ step: "asking", preview, file, checked });
      await send(preview, { picture: new Uint8Array(await file.arrayBuffer()), title, key: newKey() });
    },
    [send, most],
  );

  /** Makes the picture as small as it has to be, in this browser, and sends it. */
  const shrink = useCallback(
    async (file: File, width: number, height: number, preview: string) => {
      setUpload({ step: "shrinking", preview });
      let picture: Uint8Array;
      try {
        picture = await redraw(file, width, height);
      } catch {
        const why = "This browser cannot make it smaller: it has too little memory, or the file is damaged.";
        return setUpload({ step: "asking", preview, file, checked: { kind: "unreadable", why } });
      }
      await send(preview, { picture, title: titleOf(file.name), key: newKey() });
    },
    [send],
  );

  /** Sends again what was not sent: under the same key, so that it makes no second design if it did arrive. */
  const retry = useCallback(() => {
    if (upload.step === "failed") void send(upload.preview, upload.sending);
  }, [upload, send]);

  return { upload, begin, shrink, retry, close };
}
