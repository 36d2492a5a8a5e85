"""The list of findings: surprises of libraries of this field, each with a script that shows it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

FOLDER = Path(__file__).resolve().parents[2] / "findings"


def listing() -> str:
    """Return an item for each script, as Markdown: its library and subject, and what was seen."""
    return "\n".join(f"- **{title}**: {seen}  \n  `findings/{path.name}`" for path, title, seen in _told())


def _told() -> Iterator[tuple[Path, str, str]]:
    for path in sorted(FOLDER.glob("*.sh")):
        head = [line[1:].strip() for line in path.read_text("utf-8").splitlines()[1:] if line.startswith("#")]
        title, _, text = "\n".join(head).partition("\n\n")
        title, text = " ".join(title.split()).rstrip("."), " ".join(text.split())
        _, _, seen = text.partition("Seen:")
        yield path, title.replace("<", "&lt;"), _first_sentences(seen or text).replace("<", "&lt;")


def _first_sentences(text: str) -> str:
    """Return so much of a text as tells what it is about."""
    told = ""
    for sentence in text.strip().split(". "):
        told += sentence if sentence.endswith(".") else f"{sentence}. "
        if len(told) > 120:
            break
    return told.strip()
