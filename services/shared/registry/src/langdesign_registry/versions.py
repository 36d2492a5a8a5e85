"""Models and versions, and how MLflow holds them: what matters to us of a version lies in its tags."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from .artifact import Manifest

TAG = "langdesign."  # prefix of our tags
DIGEST, SIGNED_BY = f"{TAG}digest", f"{TAG}signed_by"

_FACTS = ("dataset_digest", "recipe", "code_version", "base", "created_by")  # of the provenance, as tags


@dataclass(frozen=True, kw_only=True)
class Version:
    """An immutable version of a model. Texts are empty where there is nothing to tell."""

    model: str  # the model's name, without `models/`
    version: int  # from 1
    aliases: tuple[str, ...]  # that point at it, sorted
    digest: str  # "sha256:..." of the artifact
    dataset_digest: str
    recipe: str  # "name@digest"
    code_version: str
    base: str  # "name@sha256:..." of the checkpoint that it was tuned from
    created_by: str
    signed_by: str  # "sha256:..." of the public key whose signature was checked
    run: str  # resource name of the run that made it, "runs/..."
    metrics: Mapping[str, float]  # its evaluation
    create_time: datetime  # UTC
    source: str  # where MLflow keeps its files

    @property
    def name(self) -> str:
        """Resource name, `models/{model}@{version}`."""
        return version_name(self.model, self.version)


@dataclass(frozen=True)
class Model:
    """A model: versions under one name."""

    name: str  # without `models/`
    description: str  # a sentence
    latest_version: int  # number of its newest version; 0 where all are deleted


def version_name(model: str, version: int) -> str:
    """Return a version's resource name."""
    return f"models/{model}@{version}"


def version_tags(manifest: Manifest, *, signed_by: str, run: str) -> dict[str, str]:
    """Return what MLflow keeps of a version."""
    facts = {name: str(getattr(manifest.provenance, name)) for name in _FACTS}
    told = {"digest": manifest.digest, **facts, "signed_by": signed_by, "run": run}
    return {f"{TAG}{name}": value for name, value in told.items() if value}


def read_version(found: Any, aliases: Mapping[str, int], metrics: Mapping[str, float]) -> Version:
    """Return MLflow's version as ours.

    Args:
        found: MLflow's version; its own aliases are not read, since a search leaves them empty.
        aliases: number of the version that each alias of the model points at.
        metrics: of the version's MLflow run.

    """
    number = int(found.version)
    tags = {name.removeprefix(TAG): text for name, text in found.tags.items() if name.startswith(TAG)}
    return Version(
        model=str(found.name),
        version=number,
        aliases=tuple(sorted(alias for alias, points_at in aliases.items() if points_at == number)),
        digest=tags.get("digest", ""),
        **{name: tags.get(name, "") for name in (*_FACTS, "signed_by", "run")},
        metrics=dict(metrics),
        create_time=datetime.fromtimestamp(found.creation_timestamp / 1000, UTC),
        source=str(found.source),
    )


def read_model(found: Any) -> Model:
    """Return MLflow's registered model as ours."""
    newest = max((int(one.version) for one in found.latest_versions), default=0)
    return Model(str(found.name), str(found.description or ""), newest)


def headline(card: Path) -> str:
    """Return the first line of a card, which is a model's description; "" where there is none."""
    lines = card.read_text("utf-8").splitlines() if card.is_file() else []
    return next((line.lstrip("# ").strip() for line in lines if line.strip()), "")
