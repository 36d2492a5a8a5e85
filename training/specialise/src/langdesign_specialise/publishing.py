"""Stages that make the tuned editor a version that others can find, check and serve."""

from __future__ import annotations

import json
from dataclasses import asdict
from importlib.metadata import version
from pathlib import Path
from typing import Any

from langdesign_dataset.samples import SampleSet
from langdesign_registry import (
    ArtifactError,
    Provenance,
    Registry,
    RegistryError,
    create_keys,
    key_digest,
    package,
    sign,
)

from .card import card
from .judging import EVALUATION
from .work import Work

ERRORS = (ArtifactError, RegistryError)
REGISTERED = "registered.json"
"""File of the last stage: {"version", "promoted", "checks"}."""


def artifact_inputs(work: Work) -> dict[str, Any]:
    """Return what the artifact depends on."""
    return {
        **work.digests("tune", "evaluation"),
        "segment": work.models["segment"],
        "code": _code(),
        "model": work.recipe.model_name,
        "key": key_digest(create_keys(work.places.keys).public),
    }


def make_artifact(work: Work, folder: Path) -> None:
    """Lay editor, ReLA, evaluation and card out in one folder, and sign it."""
    made = folder / "artifact"
    package(
        work.folder("tune") / "model",
        work.places.model("segment"),
        work.folder("evaluation") / EVALUATION,
        card(work),
        _provenance(work),
        made,
    )
    sign(made, create_keys(work.places.keys).private)


def _provenance(work: Work) -> Provenance:
    return Provenance(
        model=work.recipe.model_name,
        dataset_digest=SampleSet(work.folder(work.pairs)).digest,
        recipe=f"{work.recipe.context}-{work.recipe.tune}@{work.done['tune'].digest}",
        code_version=_code(),
        base=work.models["edit"],
    )


def _code() -> str:
    return f"langdesign-specialise {version('langdesign-specialise')}"


def register_inputs(work: Work) -> dict[str, Any]:
    """Return what the registration depends on."""
    return {**work.digests("artifact"), "registry": work.places.registry, "alias": work.recipe.alias}


def register(work: Work, folder: Path) -> None:
    """Register the artifact (once, however often this is begun), and promote it where the gate holds."""
    registry = Registry(work.places.registry, create_keys(work.places.keys).public)
    registered = registry.register(
        work.folder("artifact") / "artifact", work.recipe.model_name, work.places.run
    )
    work.report.version(registered.name)
    promotion = registry.promote(registered.name, work.recipe.alias)
    record = {
        "version": registered.name,
        "promoted": promotion.promoted,
        "checks": [asdict(one) for one in promotion.checks],
    }
    (folder / REGISTERED).write_text(json.dumps(record, indent=2) + "\n", "utf-8")
