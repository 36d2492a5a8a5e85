import { WifiOff } from "lucide-react";
import { useEffect, useState } from "react";

import type { Connection } from "../api";

const CALM_MS = 1200;

/** Says that the line is lost, once it has been for a moment. What is shown stays; it goes on by itself. */
export function ConnectionBanner({ connection }: { connection: Connection }) {
  const lost = connection.state === "lost" || connection.state === "stopped";
  const [shown, setShown] = useState(false);
  useEffect(() => {
    const timer = setTimeout(() => setShown(lost), lost ? CALM_MS : 0);
    return () => clearTimeout(timer);
  }, [lost]);
  return (
    <div role="status">
      {lost && shown && connection.problem && (
        <div className="banner">
          <WifiOff aria-hidden />
          <span>
            <strong>{connection.problem.title}.</strong> {connection.problem.hint}
          </span>
        </div>
      )}
    </div>
  );
}
