"""What mkdocs does for this site beside its plugins: pages that are made rather than written."""

from __future__ import annotations

import re
from typing import Any

import contracts
import repository
import sizing
from mkdocs.config.defaults import MkDocsConfig
from mkdocs.exceptions import PluginError
from mkdocs.structure.files import File, Files
from mkdocs.structure.pages import Page

import findings

_LOADED = re.compile(
    r"""<(?:script|img|iframe|link\s[^>]*rel="?stylesheet"?)\s[^>]*(?:src|href)="?(https?://[^\s">]+)"""
)
_LOGO = "clients/web/public/icon.svg"
_MADE = re.compile(r"^<!-- made: (?P<name>[a-z ]+) -->$", re.MULTILINE)


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """Add the pages of the contracts, and those whose text is a file of the repository."""
    for made in contracts.pages():
        files.append(File.generated(config, f"reference/api/{made.name}.md", content=made.markdown))
    pages = repository.pages(config.extra["from_repository"])
    shown: set[str] = set()
    for source, page in pages.items():
        text = (repository.REPOSITORY / source).read_text("utf-8")
        turned, pictures = repository.turned(text, source, page, pages)
        shown |= pictures
        files.append(File.generated(config, page, content=turned))
    for picture in sorted(shown - {f"docs/{file.src_uri}" for file in files}):
        path = repository.REPOSITORY / picture
        files.append(File.generated(config, repository.in_site(picture), abs_src_path=str(path)))
    logo = str(repository.REPOSITORY / _LOGO)
    files.append(File.generated(config, "pictures/logo.svg", abs_src_path=logo))
    return files


def on_post_page(output: str, page: Page, **_: Any) -> str:
    """Hold every page to loading nothing from elsewhere."""
    if loaded := _LOADED.findall(output):
        raise PluginError(
            f"{page.file.src_uri} loads {', '.join(loaded)} from elsewhere; keep it in the site"
        )
    return output


def on_page_markdown(markdown: str, page: Page, **_: Any) -> str:
    """Put tables that are computed where a page asks for them."""
    return _MADE.sub(
        lambda found: findings.listing() if found["name"] == "findings" else sizing.table(found["name"]),
        markdown,
    )
