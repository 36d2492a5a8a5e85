"""What a registry says and gives: models, versions by number or alias, and verified copies of artifacts."""

from __future__ import annotations

import shutil
import tempfile
from functools import cached_property
from pathlib import Path

from .errors import InvalidArtifact, NotFound, Tampered, UnsafeFile, WrongDigest
from .mlflow_store import MlflowStore
from .names import Reference, check_model, parse_reference
from .opening import errors, local_folder, open_client
from .signing import PUBLIC_KEY
from .storage import LocalStorage, Storage, TrackingStorage
from .verification import verify
from .versions import Model, Version

DEFAULT_URI = "sqlite:///.langdesign/registry/mlflow.db"
"""The registry of local work, below the working folder."""


class RegistryReader:
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
        if fetched.is_dir():
            self._verify_again(fetched, version)
            return fetched
        with tempfile.TemporaryDirectory(dir=to, prefix=".unfinished-") as beside:
            new = Path(beside) / fetched.name
            with errors():
                self._storage.get(version.source, version.digest, new)
            self._verify_kept(new, version)
            try:
                new.rename(fetched)
            except OSError:
                if not fetched.is_dir():
                    raise
                self._verify_again(fetched, version)  # another process was first
        return fetched

    def list_models(self) -> tuple[Model, ...]:
        """Return all models by name."""
        with errors():
            return tuple(sorted(self._store.models(), key=lambda model: model.name))

    def list_versions(self, model: str) -> tuple[Version, ...]:
        """Return all versions of a model, newest first.

        Raises:
            NotFound: there is no such model.

        """
        model = check_model(model)
        with errors():
            found = self._store.versions(model)
        return tuple(sorted(found, key=lambda one: one.version, reverse=True))

    @cached_property
    def _store(self) -> MlflowStore:
        return MlflowStore(open_client(self.uri), self._folder)

    @cached_property
    def _storage(self) -> Storage:
        if self._folder is None:
            return TrackingStorage(self._store.client, self.uri)
        return LocalStorage(self._folder / "artifacts")

    def _find(self, reference: Reference) -> Version:
        try:
            with errors():
                return self._store.find(reference)
        except NotFound as error:
            which = reference.alias or reference.version
            instead = self._instead(reference.model)
            raise NotFound(f"There is no models/{reference.model}@{which}; {instead}") from error

    def _instead(self, model: str) -> str:
        """Return what may be named of a model instead, and how an alias comes to be."""
        with errors():
            known = {one.name for one in self._store.models()}
            found = self._store.versions(model) if model in known else []
        if not found:
            return f"there is {', '.join(sorted(known)) or 'no model'}: register {model} first"
        names = [f"@{one.version}" for one in sorted(found, key=lambda one: one.version, reverse=True)]
        names += sorted(f"@{alias}" for one in found for alias in one.aliases)
        shown = ", ".join(names[:8]) + (" and more" if len(names) > 8 else "")
        return f"there is {shown}; a promotion points an alias at a version"

    def _verify_kept(self, copy: Path, version: Version) -> None:
        try:
            verify(copy, public_key=self.public_key, digest=version.digest)
        except (InvalidArtifact, Tampered, UnsafeFile, WrongDigest) as error:
            what = str(error).partition(";")[0]  # without the advice to fetch it anew, which brings the same
            raise Tampered(
                f"What the registry keeps of {version.name} is damaged ({what}); register the intact "
                "artifact again, which repairs it"
            ) from error

    def _verify_again(self, fetched: Path, version: Version) -> None:
        try:
            verify(fetched, public_key=self.public_key, digest=version.digest)
        except Exception:
            shutil.rmtree(fetched)
            raise
