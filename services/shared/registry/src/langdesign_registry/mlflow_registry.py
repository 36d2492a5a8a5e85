"""The registry of models, over MLflow: immutable versions by digest, aliases that point at one, no stages."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from .artifact import EVALUATION, SIGNATURE, Manifest
from .errors import InUse, InvalidArtifact, NothingBefore
from .evaluation import Evaluation, check_finite, parse_evaluation
from .history import History
from .mlflow_store import MlflowStore
from .names import Reference, check_alias, check_model, parse_reference
from .opening import errors, locked
from .promotion import GATE, Gate, Promotion, judge
from .reading import DEFAULT_URI, RegistryReader
from .verification import verify
from .versions import Version, version_name, version_tags

_NO_EVALUATION = Evaluation("", "", "", {}, edits=0, no_ops=0)


class Registry(RegistryReader):
    """Models at `sqlite:///FILE` (files beside it) or on an MLflow tracking server: looked up and changed."""

    def __init__(self, uri: str = DEFAULT_URI, public_key: Path | None = None, gate: Gate = GATE) -> None:
        """Describe a registry, as `RegistryReader` is.

        Args:
            uri: where MLflow keeps it.
            public_key: PEM file of the key that signs; None means the one beside a local registry.
            gate: what a promotion asks for.

        """
        super().__init__(uri, public_key)
        self._gate = gate

    def register(self, folder: Path, model: str, run: str = "") -> Version:
        """Register an artifact as a new version; one that is there already, by its digest, is returned.

        What is kept of it is verified then; files that are gone or damaged, or lack this one's signature, are
        kept anew. A tracking server has no lock: two processes that register one artifact there at the same
        moment can make two versions of its digest, of which the first is returned from then on.

        Args:
            folder: the artifact; its signature is checked where it has one and a key is known.
            model: name of the model, made where it is new; the one that the artifact was packaged as.
            run: resource name of the run that made it.

        Raises:
            ArtifactError: the artifact is not whole, signed by another, or was packaged as another model.
            InvalidMetrics: a metric is no finite number.

        """
        model = check_model(model)
        key = self.public_key if (folder / SIGNATURE).is_file() else None
        verified = verify(folder, public_key=key, digest=None)
        _check_model(verified.manifest, model)
        check_finite(verified.manifest.provenance.metrics)
        with self._changing() as store:
            known = store.with_digest(model, verified.digest)
            if known is not None and self._storage.holds(known.source, known.digest, key):
                return known
            store.make_model(model, folder)
            record = store.record(model, verified.manifest)
            source = self._storage.put(folder, verified.digest, record)
            tags = version_tags(verified.manifest, signed_by=verified.signed_by, run=run)
            return (
                store.signed(known, verified.signed_by) if known else store.add(model, source, record, tags)
            )

    def set_alias(self, version: str, alias: str) -> Version:
        """Point an alias at a version without asking the gate; the alias is made where it is new.

        Args:
            version: `models/MODEL@VERSION`.
            alias: begins with a letter.

        Raises:
            NotFound: there is no such version.

        """
        check_alias(alias)
        with self._changing() as store:
            found = self.get(version)
            _point(store, found, alias)
        return self.get(found.name)

    def delete_alias(self, name: str) -> None:
        """Delete an alias (`models/MODEL@ALIAS`) and its history; the version stays.

        Raises:
            NotFound: there is no such alias.

        """
        alias = check_alias(parse_reference(name).alias)
        with self._changing() as store:
            found = self.get(name)
            store.client.delete_registered_model_alias(found.model, alias)
            store.write_history(found.model, alias, History())

    def delete_version(self, name: str) -> None:
        """Delete a version (`models/MODEL@VERSION`); its files stay where they are kept.

        Raises:
            InUse: an alias points at it; MLflow would drop the alias without a word.
            NotFound: there is no such version.

        """
        with self._changing() as store:
            found = self.get(name)
            if found.aliases:
                raise InUse(f"{found.name} is {', '.join(found.aliases)}; point that elsewhere first")
            store.client.delete_model_version(found.model, str(found.version))

    def promote(self, version: str, alias: str) -> Promotion:
        """Point an alias at a version where the gate holds (see `promotion`); otherwise nothing moves.

        A version that the alias points at already stays, and is judged against the one before it. A tracking
        server has no lock: of two promotions at the same moment the later one's version stays, and two
        registrations of one artifact can have made two versions, each of which is promoted by its own name.

        Args:
            version: `models/MODEL@VERSION`.
            alias: begins with a letter.

        Raises:
            NotFound: there is no such version.
            InvalidMetrics: an evaluation cannot be read.

        """
        check_alias(alias)
        with self._changing() as store:
            candidate = self.get(version)
            before = self._before(store, candidate, alias)
            replaced = self._evaluation(before) if before else None
            checks = judge(self._evaluation(candidate), replaced, self._gate)
            there = alias in candidate.aliases
            promoted = there or all(check.held for check in checks)
            if promoted and not there:
                _point(store, candidate, alias)
        return Promotion(promoted, checks, candidate.name, before.name if before else "")

    def roll_back(self, model: str, alias: str) -> Version:
        """Point an alias back at the version before its last move; again for the one before that.

        Raises:
            NotFound: there is no such alias.
            NothingBefore: it pointed at no other version that is still there.

        """
        model = check_model(model)
        with self._changing() as store:
            self._find(Reference(model, None, check_alias(alias)))
            earlier = store.history(model, alias).back(self._numbers(store, model))
            if earlier.current is None:
                raise NothingBefore(
                    f"{alias} of {model} pointed at no other version before; set it by number"
                )
            # The alias first: where this process dies in between, the history is read as if it were cut.
            store.point(model, alias, earlier.current)
            store.write_history(model, alias, earlier)
        return self.get(version_name(model, earlier.current))

    @contextmanager
    def _changing(self) -> Iterator[MlflowStore]:
        store = self._store  # before the lock, which opening takes for itself
        with locked(self._folder), errors():
            yield store

    def _before(self, store: MlflowStore, candidate: Version, alias: str) -> Version | None:
        """Return the version that the candidate would replace, or has replaced."""
        history = store.history(candidate.model, alias)
        if history.current == candidate.version:
            history = history.back(self._numbers(store, candidate.model))
        return None if history.current is None else self.get(version_name(candidate.model, history.current))

    def _numbers(self, store: MlflowStore, model: str) -> set[int]:
        return {one.version for one in store.versions(model)}

    def _evaluation(self, version: Version) -> Evaluation:
        content = self._storage.read(version.source, version.digest, EVALUATION)
        return _NO_EVALUATION if content is None else parse_evaluation(content)


def _check_model(manifest: Manifest, model: str) -> None:
    own = manifest.provenance.model
    if own != model:
        raise InvalidArtifact(
            f"The artifact was packaged as {own!r}, not {model!r}; register it as {own!r}, or package it "
            f"anew as {model!r}"
        )


def _point(store: MlflowStore, version: Version, alias: str) -> None:
    # The history first: where this process dies in between, it is read as if nothing had moved.
    history = store.history(version.model, alias).with_current(version.version)
    store.write_history(version.model, alias, history)
    store.point(version.model, alias, version.version)
