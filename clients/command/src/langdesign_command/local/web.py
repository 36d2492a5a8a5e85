"""The web page of a local run: the built one with what this deployment tells it, or how to build it."""

import json
import shutil
from importlib.resources import files
from pathlib import Path

from langdesign_command import samples

_BUILT = Path("clients/web/dist")
_SAMPLE = "samples/bedroom.png"


def is_built(root: Path) -> bool:
    """Tell whether the checkout holds a built page."""
    return (root / _BUILT / "index.html").is_file()


def lay_out_page(root: Path, folder: Path) -> None:
    """Fill a folder with the page that the gateway serves; what was there before is replaced.

    Args:
        root: The checkout, with the built page in `clients/web/dist` where there is one.
        folder: Where to put it.

    """
    if folder.exists():
        shutil.rmtree(folder)
    if is_built(root):
        shutil.copytree(root / _BUILT, folder)
    else:
        folder.mkdir(parents=True)
        (folder / "index.html").write_bytes(
            files("langdesign_command.local").joinpath("not_built.html").read_bytes()
        )
    sample = folder / _SAMPLE
    sample.parent.mkdir(exist_ok=True)
    sample.write_bytes(samples.bedroom())
    (folder / "config.json").write_text(json.dumps(_config(), indent=2), encoding="utf-8")


def _config() -> dict[str, object]:
    sample = {"title": "Bedroom", "url": f"/{_SAMPLE}", "suggestions": list(samples.SUGGESTIONS)}
    return {"auth": "none", "models": [], "samples": [sample]}
