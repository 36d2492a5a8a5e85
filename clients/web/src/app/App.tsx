import { Toasts } from "../ui";
import { TokenGate } from "./TokenGate";

export function App() {
  return (
    <>
      <TokenGate />
      <Toasts />
    </>
  );
}
