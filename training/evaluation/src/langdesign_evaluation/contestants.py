"""The editors of a run, made from its options."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TypeVar

import langdesign_diffusion as diffusion
import langdesign_rela as rela
from langdesign_client import Client, Connection
from langdesign_instruct_pix2pix.editor import Editor
from langdesign_rela import Predictor

from .editors import EditorUnderTest, EngineEditor, Identity, RoundTrip, Truth
from .errors import ModelError
from .finders import ExactRegions, Finder, RelaRegions
from .focusing import FocusedEditor
from .folders import FolderEditor
from .names import ROUND_TRIP_OF_TRUTH, SOURCES, engine_name, service_name
from .options import Options
from .provenance import identity
from .services import ServiceEditor

Model = TypeVar("Model")


def contestants(options: Options) -> list[EditorUnderTest]:
    """Return the editors in the order of the tables: what costs nothing first, then what edits.

    Raises:
        ModelError: a model cannot be loaded.
        LangDesignError: an address is none.

    """
    editors: list[EditorUnderTest] = [Identity(), Truth()]
    finders = _finders(options)
    if options.levels and finders:
        for name, folder in options.checkpoints.items():
            editor = loaded(folder, lambda path: Editor.load(path, device=options.device))
            editors += _engines(options, name, editor, finders)
    if options.levels and "pipeline" in options.regions:
        client = Client(Connection(addresses=options.addresses))
        editors += [
            ServiceEditor(service_name(level), client, level, options.sampling) for level in options.levels
        ]
    return [*editors, *(FolderEditor(name, folder) for name, folder in options.pictures.items())]


def loaded(folder: Path, load: Callable[[Path], Model]) -> Model:
    """Load a model; the libraries' own errors name the part at fault, and not the folder."""
    try:
        return load(folder)
    except (diffusion.CheckpointError, rela.CheckpointError) as error:
        hint = "make the mini family with `make mini`, or name another folder"
        raise ModelError(f"{folder} cannot be loaded: {error}; {hint}") from error


def _finders(options: Options) -> dict[str, Finder]:
    finders: dict[str, Finder] = {}
    if "truth" in options.regions:
        finders[SOURCES["truth"]] = ExactRegions()
    if "rela" in options.regions:
        predictor = loaded(options.segment, lambda path: Predictor.from_folder(path, options.device))
        finders[SOURCES["rela"]] = RelaRegions.advised(predictor, options.segment)
    return finders


def _engines(
    options: Options, name: str, editor: Editor, finders: dict[str, Finder]
) -> Iterator[EditorUnderTest]:
    """Yield the round trips, then each level with each finder; plain editing needs no region, so once."""
    yield RoundTrip(editor, engine_name(name, RoundTrip.name))
    yield RoundTrip(
        editor, engine_name(name, ROUND_TRIP_OF_TRUTH), truth=True, detail=options.sampling.detail
    )
    for level in options.levels:
        for source, finder in [("", None)] if level == "plain" else finders.items():
            for view in options.views:
                called = engine_name(name, level, source if len(finders) > 1 else "", view)
                engine = EngineEditor(called, editor, level, finder, options.sampling, options.batch)
                yield engine if view == "native" else FocusedEditor(called, engine, view, options.working)


def models(options: Options) -> dict[str, str]:
    """Return the identity of the model that finds regions, where one does."""
    return {"segment": identity(options.segment)} if "rela" in options.regions else {}
