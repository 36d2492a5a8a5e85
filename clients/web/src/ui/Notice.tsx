import { CircleAlert, Info, TriangleAlert } from "lucide-react";
import type { ReactNode } from "react";

import { problemOf } from "../api";
import { Button } from "./Button";

interface NoticeProps {
  tone?: "plain" | "warn" | "bad";
  title: string;
  children?: ReactNode;
  actions?: ReactNode;
}

/** A state that stays until it is over, in the place that it concerns. */
export function Notice({ tone = "plain", title, children, actions }: NoticeProps) {
  const Icon = tone === "bad" ? CircleAlert : tone === "warn" ? TriangleAlert : Info;
  return (
    <div className="notice" data-tone={tone} role={tone === "bad" ? "alert" : "status"}>
      <Icon aria-hidden />
      <div className="notice-body">
        <p className="notice-title">{title}</p>
        {children && <div>{children}</div>}
        {actions && <div className="notice-actions">{actions}</div>}
      </div>
    </div>
  );
}

interface ProblemNoticeProps {
  error: unknown;
  onRetry?: () => void;
  actions?: ReactNode;
}

/** What a failed call means, and what to do. */
export function ProblemNotice({ error, onRetry, actions }: ProblemNoticeProps) {
  const { title, hint, transient } = problemOf(error);
  return (
    <Notice
      tone={transient ? "warn" : "bad"}
      title={title}
      actions={
        (onRetry ?? actions) ? (
          <>
            {onRetry && <Button onClick={onRetry}>Try again</Button>}
            {actions}
          </>
        ) : undefined
      }
    >
      {hint}
    </Notice>
  );
}
