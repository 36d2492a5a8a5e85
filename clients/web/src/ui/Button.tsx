import type { ComponentProps, ReactNode } from "react";

interface ButtonProps extends ComponentProps<"button"> {
  kind?: "plain" | "primary" | "quiet" | "danger";
}

export function Button({ kind = "plain", className = "", ...rest }: ButtonProps) {
  return <button type="button" data-kind={kind} className={`button ${className}`} {...rest} />;
}

interface IconButtonProps extends Omit<ButtonProps, "children"> {
  /** What it does: its accessible name, and its tooltip. */
  label: string;
  icon: ReactNode;
}

export function IconButton({ label, icon, kind = "quiet", className = "", ...rest }: IconButtonProps) {
  return (
    <Button kind={kind} className={`icon-button ${className}`} aria-label={label} title={label} {...rest}>
      {icon}
    </Button>
  );
}
