"""Images of artifacts in a registry of OCI images, by its distribution API."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import tarfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urljoin

from oras.container import Container
from oras.provider import Registry
from requests import RequestException, Response
from requests.adapters import HTTPAdapter

from .artifact import MANIFEST
from .errors import InvalidArtifact, InvalidName, NotFound, RegistryUnavailable, Tampered
from .files import sha256
from .image import LAYER_TYPE, MANIFEST_TYPE, VERSION, blob_path, image_of
from .verification import Verified, verify

_TIMEOUT = (10, 300)  # seconds to connect, and between two pieces of an answer
_MANIFEST_LIMIT = 4 << 20  # bytes, as registries have it
_CHUNK = 1 << 20
_UNFINISHED = ".unfinished"


@dataclass(frozen=True)
class Pulled:
    """An artifact that came as an image."""

    version: str  # `MODEL@VERSION`, as the image says; "" where it says nothing
    verified: Verified


class ImageRegistry:
    """A repository of images, such as `registry.example.com/langdesign/models`.

    Credentials are those of `docker login` (or podman's, skopeo's), in `$DOCKER_CONFIG/config.json`, else
    `~/.docker/config.json`.
    """

    def __init__(self, repository: str, *, plain_http: bool = False) -> None:
        """Describe a repository; nothing is asked of it yet.

        Args:
            repository: `HOST[:PORT]/NAME`, without a tag or a digest.
            plain_http: whether it speaks HTTP without TLS, as one on this machine may.

        Raises:
            InvalidName: no repository is called so.

        """
        host, _, name = repository.partition("/")
        if (
            "@" in repository
            or ":" in name
            or not name
            or not ("." in host or ":" in host or host == "localhost")
        ):
            raise InvalidName(
                f"{repository!r} is no repository of images; write HOST/NAME, such as "
                "registry.example.com/langdesign/models"
            )
        self.repository = repository
        self._container = Container(repository)
        self._client = Registry(host, insecure=plain_http)
        for scheme in ("http://", "https://"):
            self._client.session.mount(scheme, _Bounded())
        self._base = f"{self._client.prefix}://{host}"
        home = os.environ.get("DOCKER_CONFIG")
        self._client.auth.load_configs(self._container, [f"{home}/config.json"] if home else None)

    def push(self, layout: Path, tag: str) -> str:
        """Push the image of a layout, and return its digest, `sha256:...`; what is there already stays.

        Args:
            layout: a folder of `write_image`.
            tag: the image's name for people; deployments name it by the digest.

        Raises:
            InvalidArtifact: this is no layout of one image.
            RegistryUnavailable: the registry cannot be reached, or refuses.

        """
        blob, image = image_of(layout)
        for one in (image["config"], *image["layers"]):
            if self._ask("HEAD", self._blob_url(one["digest"]), expected=(200, 404)).status_code != 200:
                self._upload(blob_path(layout, one["digest"]), one["digest"])
        content = blob_path(layout, blob.digest).read_bytes()
        url = f"{self._base}/v2/{self._container.api_prefix}/manifests/{tag}"
        self._ask("PUT", url, data=content, headers={"Content-Type": MANIFEST_TYPE}, expected=(200, 201))
        return blob.digest

    def pull(self, digest: str, to: Path, public_key: Path | None = None) -> Pulled:
        """Lay the artifact of an image out in a folder, every byte held against the digest, and verify it.

        A pull that was stopped at any point is begun anew; an artifact that is there already is replaced.

        Args:
            digest: of the image, `sha256:...`.
            to: the folder; it may be a mounted volume. Where something fails, it is left empty.
            public_key: PEM file of the key that must have signed; None asks for no signature.

        Raises:
            ArtifactError: the image holds no artifact, or none to trust; or `to` holds something else.
            NotFound: the repository has no such image.
            RegistryUnavailable: the registry cannot be reached, or refuses.
            Tampered: what came is not what was asked for.

        """
        unfinished = to / _UNFINISHED
        if to.exists() and any(to.iterdir()) and not (unfinished.exists() or (to / MANIFEST).is_file()):
            raise InvalidArtifact(f"{to.name} holds something else than an artifact; give an empty folder")
        image = self._manifest(digest)
        unfinished.mkdir(parents=True, exist_ok=True)
        try:
            _empty(to, but=unfinished)
            _empty(unfinished)
            for layer in image["layers"]:
                self._unpack(layer, unfinished)
            verified = verify(unfinished, public_key=public_key, digest=None)
            for one in unfinished.iterdir():
                one.rename(to / one.name)
        except BaseException:
            _empty(to, but=unfinished)
            raise
        finally:
            shutil.rmtree(unfinished)  # last: while it is there, what lies beside it is nobody's
        return Pulled(image.get("annotations", {}).get(VERSION, ""), verified)

    def _manifest(self, digest: str) -> Mapping[str, Any]:
        url = f"{self._base}/v2/{self._container.api_prefix}/manifests/{digest}"
        answer = self._ask("GET", url, headers={"Accept": MANIFEST_TYPE}, expected=(200, 404), stream=True)
        if answer.status_code != 200:
            raise NotFound(
                f"{self.repository} has no image {digest}; push it, or give the digest of one that is there"
            )
        with _failures():
            content = _bounded(answer)
        if f"sha256:{hashlib.sha256(content).hexdigest()}" != digest:
            raise Tampered(f"What the registry answered is not {digest}; push the image anew")
        try:
            image: Mapping[str, Any] = json.loads(content)
            kinds = {layer["mediaType"] for layer in image["layers"]}
        except (ValueError, KeyError, TypeError) as error:
            raise InvalidArtifact(f"{digest} is no image of a model; push one with `push`") from error
        if kinds != {LAYER_TYPE}:
            raise InvalidArtifact(f"{digest} is an image of something else; push a model with `push`")
        return image

    def _unpack(self, layer: Mapping[str, Any], to: Path) -> None:
        kept = to / ".layer"
        answer = self._ask("GET", self._blob_url(layer["digest"]), expected=(200,), stream=True)
        with kept.open("wb") as file, _failures():
            for chunk in answer.iter_content(_CHUNK):
                file.write(chunk)
        if f"sha256:{sha256(kept)}" != layer["digest"]:
            raise Tampered(f"The layer {layer['digest']} is not what the registry says; push the image anew")
        try:
            with tarfile.open(kept) as archive:
                archive.extractall(to, filter="data")
        except tarfile.TarError as error:
            raise InvalidArtifact(f"The layer {layer['digest']} is no archive of plain files") from error
        kept.unlink()

    def _upload(self, path: Path, digest: str) -> None:
        """Upload a blob in one piece from the disk; oras' own reads all of it into memory."""
        begun = self._ask(
            "POST", f"{self._base}/v2/{self._container.api_prefix}/blobs/uploads/", expected=(202,)
        )
        place = urljoin(self._base, begun.headers["Location"])
        url = f"{place}{'&' if '?' in place else '?'}digest={digest}"
        headers = {"Content-Type": "application/octet-stream", "Content-Length": str(path.stat().st_size)}
        with path.open("rb") as content:
            self._ask("PUT", url, data=content, headers=headers, expected=(201,))

    def _blob_url(self, digest: str) -> str:
        return f"{self._base}/v2/{self._container.api_prefix}/blobs/{digest}"

    def _ask(
        self,
        method: str,
        url: str,
        *,
        expected: tuple[int, ...],
        data: Any = None,
        headers: Mapping[str, str] | None = None,
        stream: bool = False,
    ) -> Response:
        # oras authenticates; unwrapped, since its retries spend two minutes on a wrong address or password.
        ask = self._client.do_request.__wrapped__
        with _failures():
            answer: Response = ask(
                self._client, url, method, data=data, headers=dict(headers or {}), stream=stream
            )
        if answer.status_code not in expected:
            raise RegistryUnavailable(
                f"{self.repository} answered {answer.status_code} to {method}; {_advice(answer.status_code)}"
            )
        return answer


class _Bounded(HTTPAdapter):
    """Requests that end; oras gives them no limit."""

    def send(self, *arguments: Any, **options: Any) -> Response:
        return super().send(*arguments, **{**options, "timeout": options.get("timeout") or _TIMEOUT})


@contextmanager
def _failures() -> Iterator[None]:
    """Raise what goes wrong on the way as this library's errors."""
    try:
        yield
    except RequestException as error:
        raise RegistryUnavailable(
            f"The registry of images cannot be reached ({type(error).__name__}); see that its address is "
            "right, and give --plain-http where it has no TLS"
        ) from error
    except ValueError as error:  # of oras: it was asked for credentials, and has none
        raise RegistryUnavailable(
            "The registry of images asks who you are; `docker login` there first"
        ) from error


def _bounded(answer: Response) -> bytes:
    """Return the body of an answer, or as much of it as a manifest may have."""
    content = bytearray()
    for chunk in answer.iter_content(_CHUNK):
        content += chunk
        if len(content) > _MANIFEST_LIMIT:
            break
    return bytes(content)


def _empty(folder: Path, but: Path | None = None) -> None:
    for one in folder.iterdir():
        if one != but:
            shutil.rmtree(one) if one.is_dir() else one.unlink()


def _advice(status: int) -> str:
    if status in {401, 403}:
        return "`docker login` there, as somebody who may"
    if status == 404:
        return "see that the repository's name is right"
    return "look at its log"
