"""The registry of models, over MLflow: immutable versions by digest, aliases that point at one, no stages.

What of a version matters to us lies in its tags, so that MLflow's own page shows it; metrics lie in an MLflow
run of its own. MLflow's `search_model_versions` never tells aliases, so they are read from the model.
"""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from .artifact import CARD, EVALUATION, SIGNATURE, Manifest
from .errors import InUse, NotFound, NothingBefore
from .evaluation import Evaluation, check_finite, parse_evaluation
from .history import History
from .names import Reference, check_alias, check_model, parse_reference
from .promotion import Promotion, judge
from .signing import PUBLIC_KEY
from .storage import LocalStorage, Storage, TrackingStorage
from .store import errors, local_folder, locked, open_client
from .verification import verify

if TYPE_CHECKING:
    from mlflow import MlflowClient

DEFAULT_URI = "sqlite:///.langdesign/registry/mlflow.db"
"""The registry of local work, below the working folder."""

_TAG = "langdesign."  # prefix of our tags
_FACTS = ("dataset_digest", "recipe", "code_version", "base", "created_by")  # of the provenance, as tags
_NO_EVALUATION = Evaluation("", "", "", {})


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
        return f"models/{self.model}@{self.version}"


@dataclass(frozen=True)
class Model:
    """A model: versions under one name."""

    name: str  # without `models/`
    description: str  # a sentence
    latest_version: int  # number of its newest version; 0 where all are deleted


class Registry:
    """Models at `sqlite:///FILE` (files beside it) or on an MLflow tracking server, `http(s)://...`.

    Every method raises RegistryUnavailable where MLflow fails, and InvalidName for a name that cannot be one.
    """

    def __init__(self, uri: str = DEFAULT_URI, public_key: Path | None = None) -> None:
        """Describe a registry; nothing is opened before it is used.

        Args:
            uri: where MLflow keeps it.
            public_key: PEM file of the key that signs; None means `keys/public.pem` beside a local registry's
                folder, where there is one. Signatures are checked when a version is registered and fetched.

        """
        self.uri = uri
        self._given_key = public_key
        self._folder = local_folder(uri)

    @property
    def public_key(self) -> Path | None:
        """The key that signatures are checked with; None where nobody said."""
        if self._given_key is not None or self._folder is None:
            return self._given_key
        beside = self._folder.parent / "keys" / PUBLIC_KEY
        return beside if beside.is_file() else None

    def register(self, folder: Path, model: str, run: str = "") -> Version:
        """Register an artifact as a new version; one that is there already, by its digest, is returned.

        Args:
            folder: the artifact; its signature is checked where it has one and a key is known.
            model: name of the model, made where it is new.
            run: resource name of the run that made it.

        Raises:
            ArtifactError: the artifact is not whole, or signed by another.
            InvalidMetrics: a metric is no finite number.

        """
        model = check_model(model)
        signed = (folder / SIGNATURE).is_file()
        verified = verify(folder, public_key=self.public_key if signed else None, digest=None)
        check_finite(verified.manifest.provenance.metrics)
        with self._changing():
            known = self._with_digest(model, verified.digest)
            if known is not None:
                return known
            self._make_model(model, folder)
            record = self._record(model, verified.manifest)
            tags = _tags(verified.manifest, signed_by=verified.signed_by, run=run)
            source = self._storage.put(folder, verified.digest, record)
            made = self._client.create_model_version(model, source, run_id=record, tags=tags)
        return self._version(made)

    def get(self, name: str) -> Version:
        """Return a version by number or alias: `models/interior@3`, `models/interior@champion`.

        Raises:
            NotFound: there is none.

        """
        return self._find(parse_reference(name))

    def fetch(self, name: str, to: Path) -> Path:
        """Copy a version's artifact into a folder, verify it there, and return its folder, `MODEL@VERSION`.

        A version that was fetched before is verified again and not copied. What does not hold is removed.

        Args:
            name: as for `get`.
            to: the folder above it; made where there is none.

        Raises:
            NotFound: there is no such version, or its files are gone.
            ArtifactError: what came is not what was registered, or not signed by the key.

        """
        version = self.get(name)
        to.mkdir(parents=True, exist_ok=True)
        fetched = to / version.name.removeprefix("models/")
        if not fetched.is_dir():
            with tempfile.TemporaryDirectory(dir=to, prefix=".unfinished-") as beside:
                new = Path(beside) / fetched.name
                with errors():
                    self._storage.get(version.source, version.digest, new)
                verify(new, public_key=self.public_key, digest=version.digest)
                new.rename(fetched)
            return fetched
        try:
            verify(fetched, public_key=self.public_key, digest=version.digest)
        except Exception:
            shutil.rmtree(fetched)
            raise
        return fetched

    def list_models(self) -> tuple[Model, ...]:
        """Return all models by name."""
        with errors():
            found = [_model(one) for one in self._pages(self._client.search_registered_models)]
            return tuple(sorted(found, key=lambda model: model.name))

    def list_versions(self, model: str) -> tuple[Version, ...]:
        """Return all versions of a model, newest first.

        Raises:
            NotFound: there is no such model.

        """
        model = check_model(model)
        with errors():
            aliases = self._aliases(model)
            found = self._pages(self._client.search_model_versions, f"name = '{model}'")
            versions = [self._version(one, aliases) for one in found]
        return tuple(sorted(versions, key=lambda one: one.version, reverse=True))

    def set_alias(self, version: str, alias: str) -> Version:
        """Point an alias at a version without asking the gate; the alias is made where it is new.

        Args:
            version: `models/MODEL@VERSION`.
            alias: begins with a letter.

        Raises:
            NotFound: there is no such version.

        """
        check_alias(alias)
        with self._changing():
            found = self.get(version)
            self._point(found, alias)
        return self.get(found.name)

    def delete_alias(self, name: str) -> None:
        """Delete an alias (`models/MODEL@ALIAS`) and its history; the version stays.

        Raises:
            NotFound: there is no such alias.

        """
        with self._changing():
            found = self.get(name)
            alias = parse_reference(name).alias
            self._client.delete_registered_model_alias(found.model, check_alias(alias))
            self._write_history(found.model, alias, History())

    def delete_version(self, name: str) -> None:
        """Delete a version (`models/MODEL@VERSION`); its files stay where they are kept.

        Raises:
            InUse: an alias points at it; MLflow would drop the alias without a word.
            NotFound: there is no such version.

        """
        with self._changing():
            found = self.get(name)
            if found.aliases:
                raise InUse(f"{found.name} is {', '.join(found.aliases)}; point that elsewhere first")
            self._client.delete_model_version(found.model, str(found.version))

    def promote(self, version: str, alias: str) -> Promotion:
        """Point an alias at a version where the gate holds (see `promotion`); otherwise nothing moves.

        A version that the alias points at already stays, and is judged against the one before it.

        Args:
            version: `models/MODEL@VERSION`.
            alias: begins with a letter.

        Raises:
            NotFound: there is no such version.
            InvalidMetrics: an evaluation cannot be read.

        """
        check_alias(alias)
        with self._changing():
            candidate = self.get(version)
            before = self._before(candidate, alias)
            checks = judge(self._evaluation(candidate), self._evaluation(before) if before else None)
            there = alias in candidate.aliases
            promoted = there or all(check.held for check in checks)
            if promoted and not there:
                self._point(candidate, alias)
        return Promotion(promoted, checks, candidate.name, before.name if before else "")

    def roll_back(self, model: str, alias: str) -> Version:
        """Point an alias back at the version before its last move; again for the one before that.

        Raises:
            NotFound: there is no such alias.
            NothingBefore: it pointed at no other version that is still there.

        """
        model = check_model(model)
        with self._changing():
            current = self._find(Reference(model, None, check_alias(alias)))
            history = self._history(model, alias, current.version)
            existing = {one.version for one in self.list_versions(model)}
            earlier = history.back(existing)
            if earlier.current is None:
                raise NothingBefore(
                    f"{alias} of {model} pointed at no other version before; set it by its number"
                )
            self._client.set_registered_model_alias(model, alias, str(earlier.current))
            self._write_history(model, alias, earlier)
        return self.get(f"models/{model}@{earlier.current}")

    @cached_property
    def _client(self) -> MlflowClient:
        return open_client(self.uri)

    @cached_property
    def _storage(self) -> Storage:
        if self._folder is None:
            return TrackingStorage(self._client, self.uri)
        return LocalStorage(self._folder / "artifacts")

    @contextmanager
    def _changing(self) -> Iterator[None]:
        client = self._client  # opening takes the lock itself
        del client
        with locked(self._folder), errors():
            yield

    def _find(self, reference: Reference) -> Version:
        which = reference.alias or str(reference.version)
        try:
            with errors():
                if reference.version is None:
                    found = self._client.get_model_version_by_alias(reference.model, reference.alias)
                else:
                    found = self._client.get_model_version(reference.model, str(reference.version))
                return self._version(found)
        except NotFound as error:
            raise NotFound(f"There is no models/{reference.model}@{which}; list what there is") from error

    def _with_digest(self, model: str, digest: str) -> Version | None:
        wanted = f"name = '{model}' and tags.`{_TAG}digest` = '{digest}'"
        found = list(self._pages(self._client.search_model_versions, wanted))
        return self._version(min(found, key=lambda one: int(one.version))) if found else None

    def _make_model(self, model: str, folder: Path) -> None:
        try:
            with errors():
                self._client.get_registered_model(model)
        except NotFound:
            self._client.create_registered_model(model, description=_headline(folder / CARD))

    def _record(self, model: str, manifest: Manifest) -> str:
        """Return the MLflow run that shows a version's metrics, of an interrupted registration or a new one."""
        experiment = self._experiment(f"models/{model}")
        wanted = f"tags.`{_TAG}digest` = '{manifest.digest}'"
        for run in self._client.search_runs([experiment], wanted, max_results=1):
            return str(run.info.run_id)
        run = self._client.create_run(experiment, tags={f"{_TAG}digest": manifest.digest}, run_name=model)
        for name, value in manifest.provenance.metrics.items():
            self._client.log_metric(run.info.run_id, name, value)
        self._client.set_terminated(run.info.run_id)
        return str(run.info.run_id)

    def _experiment(self, name: str) -> str:
        found = self._client.get_experiment_by_name(name)
        if found is not None:
            return str(found.experiment_id)
        # MLflow's own default is a folder below the working folder, whatever that is.
        place = (self._folder / "runs").as_uri() if self._folder else None
        return str(self._client.create_experiment(name, artifact_location=place))

    def _version(self, found: Any, aliases: Mapping[str, int] | None = None) -> Version:
        model, number = str(found.name), int(found.version)
        known = self._aliases(model) if aliases is None else aliases
        tags = {name.removeprefix(_TAG): text for name, text in found.tags.items() if name.startswith(_TAG)}
        return Version(
            model=model,
            version=number,
            aliases=tuple(sorted(alias for alias, points_at in known.items() if points_at == number)),
            digest=tags.get("digest", ""),
            **{name: tags.get(name, "") for name in (*_FACTS, "signed_by", "run")},
            metrics=self._metrics(found.run_id),
            create_time=datetime.fromtimestamp(found.creation_timestamp / 1000, UTC),
            source=str(found.source),
        )

    def _metrics(self, run: str) -> dict[str, float]:
        return dict(self._client.get_run(run).data.metrics) if run else {}

    def _aliases(self, model: str) -> dict[str, int]:
        return {alias: int(one) for alias, one in self._client.get_registered_model(model).aliases.items()}

    def _before(self, candidate: Version, alias: str) -> Version | None:
        """Return the version that the candidate would replace, or has replaced."""
        number = self._aliases(candidate.model).get(alias)
        if number == candidate.version:
            existing = {one.version for one in self.list_versions(candidate.model)}
            number = self._history(candidate.model, alias, number).back(existing).current
        return self.get(f"models/{candidate.model}@{number}") if number is not None else None

    def _evaluation(self, version: Version) -> Evaluation:
        content = self._storage.read(version.source, version.digest, EVALUATION)
        return _NO_EVALUATION if content is None else parse_evaluation(content)

    def _point(self, version: Version, alias: str) -> None:
        current = self._aliases(version.model).get(alias)
        history = self._history(version.model, alias, current).with_current(version.version)
        # The history first: where this process dies in between, it is read as if nothing had moved.
        self._write_history(version.model, alias, history)
        self._client.set_registered_model_alias(version.model, alias, str(version.version))

    def _history(self, model: str, alias: str, current: int | None) -> History:
        tags = self._client.get_registered_model(model).tags
        return History.parse(tags.get(f"{_TAG}history.{alias}", ""), current)

    def _write_history(self, model: str, alias: str, history: History) -> None:
        self._client.set_registered_model_tag(model, f"{_TAG}history.{alias}", history.text)

    def _pages(self, search: Any, wanted: str | None = None) -> Iterator[Any]:
        token: str | None = None
        while True:
            page = search(filter_string=wanted, max_results=200, page_token=token)
            yield from page
            token = page.token
            if not token:
                return


def _tags(manifest: Manifest, *, signed_by: str, run: str) -> dict[str, str]:
    facts = {name: str(getattr(manifest.provenance, name)) for name in _FACTS}
    told = {"digest": manifest.digest, **facts, "signed_by": signed_by, "run": run}
    return {f"{_TAG}{name}": value for name, value in told.items() if value}


def _model(found: Any) -> Model:
    newest = max((int(one.version) for one in found.latest_versions), default=0)
    return Model(str(found.name), str(found.description or ""), newest)


def _headline(card: Path) -> str:
    lines = card.read_text("utf-8").splitlines() if card.is_file() else []
    return next((line.lstrip("# ").strip() for line in lines if line.strip()), "")
