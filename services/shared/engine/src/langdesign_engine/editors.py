"""From a checkpoint folder to a running engine, by the editor that is installed for it."""

from __future__ import annotations

import json
from collections.abc import Callable
from importlib.metadata import entry_points
from pathlib import Path
from typing import Any, Protocol

from langdesign_engine.engine import Engine
from langdesign_engine.errors import UnknownEditor
from langdesign_engine.options import EngineOptions
from langdesign_engine.stepper import Stepper

GROUP = "langdesign.editors"
"""Entry points of editors: the pipeline class that `model_index.json` names, and a `Loader`."""

AnyEngine = Engine[Any, Any]  # which request and state they take is known once the folder is read


class Loader(Protocol):
    """Loads an editor, ready to serve."""

    def __call__(self, folder: Path, *, device: str, name: str, options: EngineOptions) -> Stepper[Any, Any]:
        """Load a folder onto a device and make it warm for the options' shapes.

        Results call the checkpoint `name`, or by its folder's name where that is empty.
        """


def find_loader(folder: Path) -> Loader:
    """Return the loader of the editor that a folder's `model_index.json` asks for by `_class_name`.

    Raises:
        UnknownEditor: there is no such index, or no installed editor takes its class.

    """
    index = folder / "model_index.json"
    try:
        kind = json.loads(index.read_text("utf-8"))["_class_name"]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise UnknownEditor(
            f"{folder.name}/{index.name} names no pipeline class; use a diffusers folder"
        ) from error
    known = {point.name: point for point in entry_points(group=GROUP)}
    if kind not in known:
        raise UnknownEditor(
            f"no editor is installed for {kind}; the known ones are {', '.join(sorted(known)) or 'none'}"
        )
    loader: Loader = known[kind].load()
    return loader


def start_engine(
    folder: str | Path,
    device: str = "cpu",
    options: EngineOptions | None = None,
    *,
    name: str = "",
    on_death: Callable[[], None] = lambda: None,
) -> AnyEngine:
    """Load a diffusers folder by the editor that is installed for it, and start an engine; it is warm then.

    Results call the checkpoint `name`, or by its folder's name where that is empty. `on_death` is called if
    the engine's worker ends by an error, see `Engine`.

    Raises:
        UnknownEditor: see `find_loader`.
        ReportedError: the editor cannot use the folder, or the device.

    """
    folder, options = Path(folder), options or EngineOptions()
    editor = find_loader(folder)(folder, device=device, name=name, options=options)
    return Engine(editor, options, on_death=on_death)
