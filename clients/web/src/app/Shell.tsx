import { Monitor, Moon, Sun } from "lucide-react";
import { type ReactNode, useEffect } from "react";
import { Link } from "wouter";

import { IconButton } from "../ui";
import { type Theme, useTheme } from "./theme";

const NEXT: Record<Theme, Theme> = { system: "dark", dark: "light", light: "system" };
const ICONS = { system: <Monitor />, light: <Sun />, dark: <Moon /> };
const NAMES = { system: "as the system", light: "light", dark: "dark" };

function ThemeButton() {
  const [theme, setTheme] = useTheme();
  return (
    <IconButton
      label={`Theme: ${NAMES[theme]}. Change to ${NAMES[NEXT[theme]]}`}
      icon={ICONS[theme]}
      onClick={() => setTheme(NEXT[theme])}
    />
  );
}

interface ShellProps {
  /** The page's title, for the window. */
  title: string;
  /** What the bar shows between the mark and the theme. */
  bar?: ReactNode;
  /** A line below the bar that the whole page is concerned by. */
  banner?: ReactNode;
  /** Whether the page fills the window and scrolls inside. */
  full?: boolean;
  children: ReactNode;
}

/** The frame of every page: bar, banner, main part. */
export function Shell({ title, bar, banner, full, children }: ShellProps) {
  useEffect(() => {
    document.title = title ? `${title} – LangDesign` : "LangDesign";
  }, [title]);
  return (
    <div className="shell" data-full={full ? "" : undefined}>
      <a className="skip-link" href="#main">
        Skip to the content
      </a>
      <header className="bar">
        <Link href="/" className="mark" aria-label="LangDesign, your designs">
          <img src="/icon.svg" alt="" width={26} height={26} />
          <span>LangDesign</span>
        </Link>
        <div className="bar-middle">{bar}</div>
        <ThemeButton />
      </header>
      {banner}
      <main id="main" tabIndex={-1} className="main">
        {children}
      </main>
    </div>
  );
}
