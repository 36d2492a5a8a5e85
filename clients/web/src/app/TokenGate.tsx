import { useEffect, useId, useState } from "react";

import { giveToken, needToken, useConfig, useToken } from "../api";
import { Button, Dialog } from "../ui";

/** Asks for a token where the deployment wants one: at first, and when one has ended. What waits for it goes on. */
export function TokenGate() {
  const auth = useConfig().data?.auth;
  const { wanted, refused } = useToken();
  const [value, setValue] = useState("");
  const id = useId();
  useEffect(() => {
    if (auth === "token") needToken();
  }, [auth]);
  if (!wanted) return null;
  return (
    <Dialog
      title={refused ? "Your access has ended" : "Your token, please"}
      closable={false}
      onClose={() => undefined}
    >
      <p>
        {refused
          ? "The token is no longer valid. Enter a new one: you go on where you are, and nothing is lost."
          : "This deployment lets in those who have a token. Ask its operator for yours."}
      </p>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          if (value.trim()) giveToken(value.trim());
          setValue("");
        }}
      >
        <div className="field">
          <label htmlFor={id}>Token</label>
          <input
            id={id}
            className="input"
            type="password"
            autoComplete="off"
            required
            value={value}
            onChange={(event) => setValue(event.target.value)}
          />
        </div>
        <div className="dialog-actions">
          <Button type="submit" kind="primary">
            Go on
          </Button>
        </div>
      </form>
    </Dialog>
  );
}
