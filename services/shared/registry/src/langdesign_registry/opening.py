"""MLflow's client: opened late, since it is slow to import, quiet, and with this library's errors."""

from __future__ import annotations

import fcntl
import logging
import os
import threading
import warnings
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from .errors import NotFound, RegistryUnavailable

if TYPE_CHECKING:
    from mlflow import MlflowClient

SQLITE = "sqlite:///"
_LOCK = "registry.lock"

# Unless the environment says otherwise, MLflow reports its use to its makers, writes links to standard output
# (which is a launcher's), and draws bars.
_DEFAULTS = {
    "MLFLOW_DISABLE_TELEMETRY": "true",
    "MLFLOW_SUPPRESS_PRINTING_URL_TO_STDOUT": "true",
    "MLFLOW_ENABLE_ARTIFACTS_PROGRESS_BAR": "false",
}
# It retries for four minutes, by settings that it reads at each request; the rest of the process has its own.
_PATIENCE = {"MLFLOW_HTTP_REQUEST_MAX_RETRIES": "3", "MLFLOW_HTTP_REQUEST_TIMEOUT": "30"}
_opening = threading.Lock()


def local_folder(uri: str) -> Path | None:
    """Return the folder of a registry on this machine (`sqlite:///FILE`); None for one at an address."""
    return Path(uri.removeprefix(SQLITE)).absolute().parent if uri.startswith(SQLITE) else None


def open_client(uri: str) -> MlflowClient:
    """Return a client of the store at `sqlite:///FILE` (made where there is none) or `http(s)://...`.

    Raises:
        RegistryUnavailable: the store cannot be opened.

    """
    if not uri.startswith((SQLITE, "http://", "https://")):
        raise RegistryUnavailable(f"{uri!r} is no registry; write sqlite:///FILE, or http(s)://HOST:PORT")
    for name, value in _DEFAULTS.items():
        os.environ.setdefault(name, value)
    folder = local_folder(uri)
    if folder is not None:
        with _writing():
            folder.mkdir(parents=True, exist_ok=True)
        uri = f"{SQLITE}{folder / Path(uri).name}"  # the working folder may change
    with _opening, locked(folder), warnings.catch_warnings():
        warnings.simplefilter("ignore")  # MLflow maps its tables by what SQLAlchemy 2.1 deprecates
        from mlflow import MlflowClient  # noqa: PLC0415 - slow to import

        for name in ("mlflow", "alembic"):
            logging.getLogger(name).setLevel(logging.WARNING)
        with errors():
            client = MlflowClient(tracking_uri=uri, registry_uri=uri)
            if folder is not None:
                client.search_registered_models(max_results=1)  # makes the tables
        return client


@contextmanager
def _writing() -> Iterator[None]:
    """Raise `RegistryUnavailable` where a registry's folder cannot be made or written."""
    try:
        yield
    except OSError as error:
        raise RegistryUnavailable(
            f"The registry's folder cannot be written ({error.strerror}); name a file in one that can be"
        ) from error


class _Environment:
    """Variables of the process while MLflow is asked: the first thread sets them, the last one restores."""

    def __init__(self, values: Mapping[str, str]) -> None:
        self._values, self._lock = values, threading.Lock()
        self._askers, self._set = 0, set[str]()

    def __enter__(self) -> None:
        with self._lock:
            if not self._askers:
                self._set = self._values.keys() - os.environ.keys()
                os.environ.update({name: self._values[name] for name in self._set})
            self._askers += 1

    def __exit__(self, *_: object) -> None:
        with self._lock:
            self._askers -= 1
            if not self._askers:
                for name in self._set:
                    os.environ.pop(name, None)


_patient = _Environment(_PATIENCE)


@contextmanager
def errors() -> Iterator[None]:
    """Ask MLflow for seconds rather than minutes, and raise what it raises as this library's errors.

    Raises:
        NotFound: MLflow has no such thing.
        RegistryUnavailable: anything else went wrong there.

    """
    from mlflow.exceptions import MlflowException  # noqa: PLC0415 - slow to import
    from sqlalchemy.exc import SQLAlchemyError  # noqa: PLC0415 - slow to import

    try:
        with _patient:
            yield
    except MlflowException as error:
        if error.error_code == "RESOURCE_DOES_NOT_EXIST":
            raise NotFound("The registry has no such model, version or alias; list what there is") from error
        # MLflow says INTERNAL_ERROR of what never reached its server, too; errors of requests are OSErrors.
        if isinstance(error.__context__, OSError):
            cause = type(error.__context__).__name__
            raise RegistryUnavailable(
                f"The registry cannot be reached ({cause}); see that it runs, and that its address is right"
            ) from error
        raise RegistryUnavailable(f"The registry failed ({error.error_code}); look at its log") from error
    except SQLAlchemyError as error:
        raise RegistryUnavailable(
            f"The registry's database failed ({type(error).__name__}); see that it is whole and writable"
        ) from error


@contextmanager
def locked(folder: Path | None) -> Iterator[None]:
    """Let one process at a time change a registry on this machine; a tracking server has no such lock.

    Raises:
        RegistryUnavailable: the lock cannot be written.

    """
    if folder is None:
        yield
        return
    with _writing():
        file = (folder / _LOCK).open("w")
    with file:
        fcntl.flock(file, fcntl.LOCK_EX)  # given back when the file is closed, however the process ends
        yield
