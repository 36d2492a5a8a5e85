import { useId, useState } from "react";

import { type Design, MAX_TITLE, newKey, useRenameDesign } from "../api";
import { Button, Dialog, ProblemNotice } from "../ui";

export function RenameDialog({ design, onClose }: { design: Design; onClose: () => void }) {
  const [title, setTitle] = useState(design.title);
  const rename = useRenameDesign();
  const id = useId();
  return (
    <Dialog title="Rename the design" onClose={onClose}>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          rename.mutate({ name: design.name, title: title.trim(), key: newKey() }, { onSuccess: onClose });
        }}
      >
        <div className="field">
          <label htmlFor={id}>Title</label>
          <input
            id={id}
            className="input"
            maxLength={MAX_TITLE}
            value={title}
            onChange={(event) => setTitle(event.target.value)}
          />
        </div>
        {rename.error && <ProblemNotice error={rename.error} />}
        <div className="dialog-actions">
          <Button onClick={onClose}>Cancel</Button>
          <Button kind="primary" type="submit" disabled={rename.isPending}>
            Rename
          </Button>
        </div>
      </form>
    </Dialog>
  );
}
