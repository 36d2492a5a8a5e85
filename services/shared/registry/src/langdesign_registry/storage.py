"""Where the files of registered versions are kept: a folder of this machine, or MLflow's artifact store."""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from .errors import NotFound, RegistryError
from .verification import verify

if TYPE_CHECKING:
    from mlflow import MlflowClient

_BELOW_RUN = "artifact"  # folder of the files below an MLflow run's own


class Storage(Protocol):
    """Keeps artifacts by digest."""

    def put(self, folder: Path, digest: str, run: str) -> str:
        """Keep an artifact of an MLflow run in place of what is there; return its address (its source)."""

    def holds(self, source: str, digest: str, public_key: Path | None) -> bool:
        """Tell whether an artifact is kept whole, and signed by a key where one is given."""

    def get(self, source: str, digest: str, to: Path) -> None:
        """Copy an artifact into the new folder `to`; raise NotFound where it is gone."""

    def read(self, source: str, digest: str, name: str) -> bytes | None:
        """Return a file of an artifact; None where it has none of this name."""


class LocalStorage:
    """A folder for each artifact, called by its digest: equal artifacts are kept once."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def put(self, folder: Path, digest: str, run: str) -> str:
        """Copy an artifact in; an interrupted copy leaves nothing that looks whole."""
        del run  # the digest is all that a folder needs
        kept = self._path(digest)
        self._folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=self._folder, prefix=".unfinished-") as beside:
            shutil.copytree(folder, Path(beside) / "artifact")
            if kept.exists():
                kept.rename(Path(beside) / "before")
            (Path(beside) / "artifact").rename(kept)
        return kept.as_uri()

    def holds(self, source: str, digest: str, public_key: Path | None) -> bool:
        """Tell whether an artifact is kept whole, and signed by a key where one is given."""
        del source  # the folder may have moved since
        return _whole(self._path(digest), digest, public_key)

    def get(self, source: str, digest: str, to: Path) -> None:
        """Copy an artifact out."""
        del source
        if not self._path(digest).is_dir():
            raise NotFound(f"The files of {digest} are gone from the registry's folder; register it anew")
        shutil.copytree(self._path(digest), to)

    def read(self, source: str, digest: str, name: str) -> bytes | None:
        """Return a file of an artifact."""
        del source
        path = self._path(digest) / name
        return path.read_bytes() if path.is_file() else None

    def _path(self, digest: str) -> Path:
        return self._folder / digest.removeprefix("sha256:")


class TrackingStorage:
    """MLflow's artifact store, as the tracking server offers it: below the run that registered it."""

    def __init__(self, client: MlflowClient, uri: str) -> None:
        self._client, self._uri = client, uri

    def put(self, folder: Path, digest: str, run: str) -> str:
        """Upload an artifact; a file that is there already is replaced."""
        del digest  # the run is the artifact's own
        self._client.log_artifacts(run, str(folder), _BELOW_RUN)
        return f"{self._client.get_run(run).info.artifact_uri}/{_BELOW_RUN}"

    def holds(self, source: str, digest: str, public_key: Path | None) -> bool:
        """Tell whether an artifact is kept whole, and signed by a key where one is given; downloads it."""
        if not self._names(source):
            return False
        with tempfile.TemporaryDirectory() as folder:
            return _whole(self._download(source, folder), digest, public_key)

    def get(self, source: str, digest: str, to: Path) -> None:
        """Download an artifact."""
        if not self._names(source):
            raise NotFound(f"The files of {digest} are gone from the tracking server; register it anew")
        with tempfile.TemporaryDirectory(dir=to.parent, prefix=".unfinished-") as beside:
            self._download(source, beside).rename(to)

    def read(self, source: str, digest: str, name: str) -> bytes | None:
        """Download a file of an artifact."""
        del digest
        if name not in self._names(source):
            return None
        with tempfile.TemporaryDirectory() as folder:
            return self._download(f"{source}/{name}", folder).read_bytes()

    def _names(self, source: str) -> set[str]:
        from mlflow import artifacts  # noqa: PLC0415 - slow to import

        # A download of what is not there fails like one that is cut off: only a listing tells them apart.
        found = artifacts.list_artifacts(artifact_uri=source, tracking_uri=self._uri)
        return {Path(one.path).name for one in found}

    def _download(self, source: str, folder: str) -> Path:
        from mlflow import artifacts  # noqa: PLC0415 - slow to import

        downloaded = artifacts.download_artifacts(
            artifact_uri=source, dst_path=folder, tracking_uri=self._uri
        )
        return Path(downloaded)


def _whole(folder: Path, digest: str, public_key: Path | None) -> bool:
    try:
        verify(folder, public_key=public_key, digest=digest)
    except RegistryError:
        return False
    return True
