"""The LangDesign client: `Client` blocks, `AsyncClient` awaits; both run the calls of the modules here.

    with Client() as client:
        for event in client.edit("room.png", "Paint the chair red"):
            ...
        for design in client.list(designs.list_designs()):
            ...

`designs`, `nodes`, `edits`, `models`, `readings`, `references`, `runs`, `segments` and `triples` hold the
calls of the services, and the types of their answers; those of `nodes` are in `tree`, and what an edit is
asked for is in `edit_requests`. Names load when they are first used, so that a command starts fast.
"""

import importlib
from typing import TYPE_CHECKING, Any

from langdesign_client.errors import (
    CancelledError,
    ConflictError,
    DeadlineError,
    FieldViolation,
    InvalidInputError,
    LangDesignError,
    NotAllowedError,
    NotFoundError,
    OverloadedError,
    UnavailableError,
    UnimplementedError,
)

if TYPE_CHECKING:
    from langdesign_client import (
        designs,
        edit_requests,
        edits,
        media,
        models,
        nodes,
        readings,
        references,
        runs,
        segments,
        tree,
        triples,
    )
    from langdesign_client.async_client import AsyncClient
    from langdesign_client.client import Client
    from langdesign_client.connection import Connection, everywhere
    from langdesign_client.edit_requests import (
        EditOptions,
        Expression,
        InpaintingOptions,
        InstructPix2PixOptions,
        Preserve,
        Sampler,
        Whole,
    )
    from langdesign_client.edits import EditOutcome, EditResult, MaskFound, PlanRead, Preview
    from langdesign_client.media import Box, ImageFormat, Mask, Picture
    from langdesign_client.references import Correction, Plan, PlannedEdit, Reference
    from langdesign_client.resume import ResumePolicy
    from langdesign_client.where import EditRegion

__all__ = [
    "AsyncClient",
    "Box",
    "CancelledError",
    "Client",
    "ConflictError",
    "Connection",
    "Correction",
    "DeadlineError",
    "EditOptions",
    "EditOutcome",
    "EditRegion",
    "EditResult",
    "Expression",
    "FieldViolation",
    "ImageFormat",
    "InpaintingOptions",
    "InstructPix2PixOptions",
    "InvalidInputError",
    "LangDesignError",
    "Mask",
    "MaskFound",
    "NotAllowedError",
    "NotFoundError",
    "OverloadedError",
    "Picture",
    "Plan",
    "PlanRead",
    "PlannedEdit",
    "Preserve",
    "Preview",
    "Reference",
    "ResumePolicy",
    "Sampler",
    "UnavailableError",
    "UnimplementedError",
    "Whole",
    "designs",
    "edit_requests",
    "edits",
    "everywhere",
    "media",
    "models",
    "nodes",
    "readings",
    "references",
    "runs",
    "segments",
    "tree",
    "triples",
]

_MODULES = frozenset(
    ("designs", "edit_requests", "edits", "media", "models", "nodes", "readings", "references", "runs")
) | {"segments", "tree", "triples"}
_HOMES = {
    "AsyncClient": "async_client",
    "Client": "client",
    "Connection": "connection",
    "everywhere": "connection",
    "ResumePolicy": "resume",
    **dict.fromkeys(("Box", "ImageFormat", "Mask", "Picture"), "media"),
    **dict.fromkeys(("EditOutcome", "EditResult", "MaskFound", "PlanRead", "Preview"), "edits"),
    "EditRegion": "where",
    **dict.fromkeys(("Correction", "Plan", "PlannedEdit", "Reference"), "references"),
    **dict.fromkeys(("EditOptions", "Expression", "Preserve", "Sampler", "Whole"), "edit_requests"),
    **dict.fromkeys(("InpaintingOptions", "InstructPix2PixOptions"), "edit_requests"),
}


def __getattr__(name: str) -> Any:
    if name in _MODULES:
        return importlib.import_module(f"{__name__}.{name}")
    if name in _HOMES:
        return getattr(importlib.import_module(f"{__name__}.{_HOMES[name]}"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return __all__
