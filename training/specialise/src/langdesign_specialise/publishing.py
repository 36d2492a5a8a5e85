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
    NotFound,
    Provenance,
    Registry,
    RegistryError,
    create_keys,
    key_digest,
    package,
    sign,
)

from .advising import tuned_digests, tuned_model
from .card import card
from .judging import EVALUATION
from .work import Work

ERRORS = (ArtifactError, RegistryError)
REGISTERED = "registered.json"
"""File of the last stage: {"version", "promoted", "checks"}."""


def artifact_inputs(work: Work) -> dict[str, Any]:
    """Return what the artifact depends on."""
    return {
        **tuned_digests(work),
        **work.digests("evaluation"),
        "segment": work.models["segment"],
        "code": _code(),
        "model": work.recipe.model_name,
        "key": key_digest(create_keys(work.places.keys).public),
    }


def make_artifact(work: Work, folder: Path) -> None:
    """Lay editor, ReLA, evaluation and card out in one folder, and sign it."""
    made = folder / "artifact"
    package(
        tuned_model(work),
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
    """Register the artifact (once, however often this is begun), and let the gate decide on it once.

    A version whose promotion was decided stays what people have made of it since, such as rolled back. One
    that a registry has lost, and that is registered anew, is decided on anew.
    """
    registry = Registry(work.places.registry, create_keys(work.places.keys).public)
    before = _names(registry, work.recipe.model_name)
    registered = registry.register(
        work.folder("artifact") / "artifact", work.recipe.model_name, work.places.run
    )
    work.report.version(registered.name)
    decided = _decided(folder / REGISTERED, registered.name) if registered.name in before else None
    if decided is None:
        promotion = registry.promote(registered.name, work.recipe.alias)
        checks = [asdict(one) for one in promotion.checks]
        record = {"version": registered.name, "promoted": promotion.promoted, "checks": checks}
    else:
        there = work.recipe.alias in registered.aliases
        record = {**decided, "promoted": there}
        if not there:
            work.report.note(_left(registered.name, work.recipe.alias))
    draft = folder / f"{REGISTERED}.draft"
    draft.write_text(json.dumps(record, indent=2) + "\n", "utf-8")
    draft.replace(folder / REGISTERED)


def _names(registry: Registry, model: str) -> set[str]:
    try:
        return {one.name for one in registry.list_versions(model)}
    except NotFound:
        return set()


def _decided(path: Path, version: str) -> dict[str, Any] | None:
    """Return the record of a promotion that was decided; None where none of this version was."""
    try:
        record: dict[str, Any] = json.loads(path.read_text("utf-8"))
    except (FileNotFoundError, ValueError):
        return None  # or one that was cut short
    return record if record["version"] == version else None


def _left(version: str, alias: str) -> str:
    return (
        f"register: whether {version} becomes {alias} was decided before, and it is not {alias} now; it is "
        "left so. Ask the gate again with that registry's "
        f"`python -m langdesign_registry promote {version} {alias}`"
    )
