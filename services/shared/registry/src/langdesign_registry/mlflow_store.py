"""What a registry asks of MLflow's tables: models, versions, aliases and their histories.

Metrics lie in an MLflow run of the version's own, so that MLflow's page shows and compares them. MLflow's
`search_model_versions` never tells aliases, so they are read from the model.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from .artifact import CARD, Manifest
from .errors import NotFound
from .history import History
from .names import Reference
from .versions import DIGEST, SIGNED_BY, TAG, Model, Version, headline, read_model, read_version

if TYPE_CHECKING:
    from mlflow import MlflowClient


class MlflowStore:
    """MLflow's client, in our words. MLflow's own errors leave it: see `opening.errors`."""

    def __init__(self, client: MlflowClient, folder: Path | None) -> None:
        """Use a client; `folder` is where a local registry lies, None for a tracking server's."""
        self.client = client
        self._folder = folder

    def find(self, reference: Reference) -> Version:
        """Return a version by number or alias; raise NotFound where there is none."""
        aliases = self.aliases(reference.model)
        number = aliases.get(reference.alias, reference.version)
        if number is None:
            raise NotFound(f"{reference.model} has no alias {reference.alias}; list what there is")
        return self._version(self.client.get_model_version(reference.model, str(number)), aliases)

    def models(self) -> list[Model]:
        """Return all models."""
        return [read_model(one) for one in self._pages(self.client.search_registered_models)]

    def versions(self, model: str) -> list[Version]:
        """Return all versions of a model."""
        aliases = self.aliases(model)
        found = self._pages(self.client.search_model_versions, f"name = '{model}'")
        return [self._version(one, aliases) for one in found]

    def with_digest(self, model: str, digest: str) -> Version | None:
        """Return the version of an artifact; None where there is none, or no such model."""
        wanted = f"name = '{model}' and tags.`{DIGEST}` = '{digest}'"
        found = list(self._pages(self.client.search_model_versions, wanted))
        return self._version(min(found, key=lambda one: int(one.version))) if found else None

    def add(self, model: str, source: str, record: str, tags: Mapping[str, str]) -> Version:
        """Add a version, whose metrics are those of the MLflow run `record`."""
        return self._version(self.client.create_model_version(model, source, run_id=record, tags=dict(tags)))

    def signed(self, version: Version, signed_by: str) -> Version:
        """Note whose signature the files of a version carry now."""
        if version.signed_by != signed_by:
            self.client.set_model_version_tag(version.model, str(version.version), SIGNED_BY, signed_by)
        return replace(version, signed_by=signed_by)

    def make_model(self, model: str, folder: Path) -> None:
        """Make a model where it is new; the card of its first artifact describes it."""
        if not list(self._pages(self.client.search_registered_models, f"name = '{model}'")):
            self.client.create_registered_model(model, description=headline(folder / CARD))

    def record(self, model: str, manifest: Manifest) -> str:
        """Return the MLflow run of a version's metrics, where need be that of an interrupted registration."""
        experiment = self._experiment(f"models/{model}")
        # The first, which the first version of a digest has: what is kept for that is kept anew there.
        begun = self.client.search_runs(
            [experiment],
            f"tags.`{DIGEST}` = '{manifest.digest}'",
            max_results=1,
            order_by=["attributes.start_time ASC"],
        )
        tags = {DIGEST: manifest.digest}
        run = begun[0] if begun else self.client.create_run(experiment, tags=tags, run_name=model)
        for name, value in manifest.provenance.metrics.items():
            self.client.log_metric(run.info.run_id, name, value)
        self.client.set_terminated(run.info.run_id)
        return str(run.info.run_id)

    def aliases(self, model: str) -> dict[str, int]:
        """Return the number of the version that each alias points at."""
        return {alias: int(one) for alias, one in self.client.get_registered_model(model).aliases.items()}

    def history(self, model: str, alias: str) -> History:
        """Return where an alias pointed, and points now."""
        found = self.client.get_registered_model(model)
        current = found.aliases.get(alias)
        return History.parse(found.tags.get(_history(alias), ""), None if current is None else int(current))

    def write_history(self, model: str, alias: str, history: History) -> None:
        """Keep where an alias pointed."""
        self.client.set_registered_model_tag(model, _history(alias), history.text)

    def point(self, model: str, alias: str, version: int) -> None:
        """Point an alias at a version."""
        self.client.set_registered_model_alias(model, alias, str(version))

    def _version(self, found: Any, aliases: Mapping[str, int] | None = None) -> Version:
        known = self.aliases(str(found.name)) if aliases is None else aliases
        metrics = self.client.get_run(found.run_id).data.metrics if found.run_id else {}
        return read_version(found, known, metrics)

    def _experiment(self, name: str) -> str:
        found = self.client.get_experiment_by_name(name)
        if found is not None:
            return str(found.experiment_id)
        # MLflow's own default is a folder below the working folder, whatever that is.
        place = (self._folder / "runs").as_uri() if self._folder else None
        return str(self.client.create_experiment(name, artifact_location=place))

    def _pages(self, search: Any, wanted: str | None = None) -> Iterator[Any]:
        token: str | None = None
        while True:
            page = search(filter_string=wanted, max_results=200, page_token=token)
            yield from page
            token = page.token
            if not token:
                return


def _history(alias: str) -> str:
    return f"{TAG}history.{alias}"
