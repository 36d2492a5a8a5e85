"""Pages of the site that are files of the repository, read where they are kept, their links turned."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path, PurePosixPath

REPOSITORY = Path(__file__).resolve().parents[2]

_FENCED = re.compile(r"^(```.*?^```)", re.MULTILINE | re.DOTALL)
_LINK = re.compile(r"(?P<image>!?)\[(?P<text>[^\]]*)\]\((?P<target>[^)\s#]*)(?P<anchor>#[^)\s]*)?\)")
_OUTSIDE = re.compile(r"^[a-z]+:")
_PICTURES = {".png", ".jpg", ".jpeg", ".webp", ".svg"}


def pages(places: Mapping[str, str]) -> dict[str, str]:
    """Return the path of the page for each file that is one.

    Args:
        places: page by file; a folder stands for every Markdown file in it, and its README for the index.

    Raises:
        FileNotFoundError: a file or folder is not there.

    """
    found: dict[str, str] = {}
    for source, page in places.items():
        path = REPOSITORY / source
        if not path.exists():
            raise FileNotFoundError(f"{source}, a page of the documentation, is not in the repository")
        if path.is_file():
            found[source] = page
            continue
        for file in sorted(path.glob("*.md")):
            name = "index" if file.stem == "README" else file.stem
            found[f"{source}/{file.name}"] = f"{page}/{name}.md"
    return found


def turned(markdown: str, source: str, page: str, pages: Mapping[str, str]) -> tuple[str, set[str]]:
    """Return a file's text as a page of the site, and the pictures of the repository that it shows.

    Links to files that are pages lead to these; links to other files of the repository, which the site does
    not have, become their paths.

    Args:
        markdown: text of the file.
        source: its path from the repository's root.
        page: path of the page from the site's root, such as "operations/deployment.md".
        pages: path of the page by path of the file, for every such file.

    """
    pictures: set[str] = set()

    def turn(found: re.Match[str]) -> str:
        target = found["target"]
        if not target or _OUTSIDE.match(target):
            return found[0]
        at = os.path.normpath(PurePosixPath(source).parent / target)
        if Path(at).suffix in _PICTURES:
            pictures.add(at)
            return f"{found['image']}[{found['text']}]({_from(page, in_site(at))})"
        # A folder is read by its README.
        for file in (at, f"{at}/README.md"):
            there = file.removeprefix("docs/") if file.startswith("docs/") else pages.get(file)
            if there is not None and there.endswith(".md"):
                return f"[{found['text']}]({_from(page, there)}{found['anchor'] or ''})"
        label = found["text"]
        return label if "`" in label or "/" in label or "." in label else f"{label} (`{at}`)"

    return "".join(_outside_fences(markdown, lambda text: _LINK.sub(turn, text))), pictures


def in_site(picture: str) -> str:
    """Return where the site keeps a picture of the repository."""
    return picture.removeprefix("docs/") if picture.startswith("docs/") else f"repository/{picture}"


def _from(page: str, there: str) -> str:
    return os.path.relpath(there, PurePosixPath(page).parent)


def _outside_fences(markdown: str, change: Callable[[str], str]) -> Iterator[str]:
    for part in _FENCED.split(markdown):
        yield part if part.startswith("```") else change(part)
