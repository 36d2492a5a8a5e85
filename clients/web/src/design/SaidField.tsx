import { useId } from "react";

import { type Node, MAX_NOTE, MAX_TITLE } from "../api";
import { Button, Notice, ProblemNotice } from "../ui";
import { useSaid } from "./useSaid";

interface SaidFieldProps {
  node: Node;
  field: "title" | "note";
  label: string;
  placeholder: string;
}

/** A title or a note, saved when one stops writing. */
export function SaidField({ node, field, label, placeholder }: SaidFieldProps) {
  const said = useSaid(node, field);
  const id = useId();
  const common = {
    id,
    className: "input",
    value: said.text,
    placeholder,
    onBlur: said.save,
  };
  return (
    <div className="field">
      <label htmlFor={id}>
        {label} {said.saving && <span role="status">· saving</span>}
      </label>
      {field === "title" ? (
        <input
          {...common}
          maxLength={MAX_TITLE}
          onChange={(event) => said.write(event.target.value)}
          onKeyDown={(event) => {
            if (event.key === "Enter") said.save();
          }}
        />
      ) : (
        <textarea
          {...common}
          rows={2}
          maxLength={MAX_NOTE}
          onChange={(event) => said.write(event.target.value)}
        />
      )}
      {said.theirs !== undefined && (
        <Notice
          tone="warn"
          title="Somebody else changed this meanwhile"
          actions={
            <>
              <Button onClick={said.keepTheirs}>Keep theirs</Button>
              <Button kind="primary" onClick={said.saveMine}>
                Save mine
              </Button>
            </>
          }
        >
          Theirs: {said.theirs ? `“${said.theirs}”` : "nothing"}
        </Notice>
      )}
      {said.error !== undefined && <ProblemNotice error={said.error} onRetry={said.save} />}
    </div>
  );
}
