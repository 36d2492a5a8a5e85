"""Commands that carry versions to a cluster as images: image, push, pull."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path
from typing import Annotated

import typer

from .artifact import SIGNATURE
from .errors import InvalidName, Unsigned
from .image import write_image
from .mlflow_registry import Registry
from .options import Name, PublicKey, Uri
from .overlay import component, write_component
from .reading import DEFAULT_URI
from .versions import Version

app = typer.Typer()

_PlainHttp = Annotated[bool, typer.Option("--plain-http", help="The registry of images has no TLS.")]


@app.command()
def image(
    name: Name,
    layout: Annotated[Path, typer.Argument(help="The new folder, an OCI image layout.")],
    uri: Uri = DEFAULT_URI,
    public_key: PublicKey = None,
) -> None:
    """Write a signed version as an OCI image layout, for any tool to push; print the image's digest."""
    with tempfile.TemporaryDirectory(dir=_beside(layout)) as unpacked:
        version, artifact = _signed(Registry(uri, public_key), name, Path(unpacked))
        typer.echo(write_image(artifact, layout, _short(version)))


@app.command()
def push(
    name: Name,
    repository: Annotated[
        str, typer.Argument(help="HOST/NAME, such as registry.example.com/langdesign/models.")
    ],
    uri: Uri = DEFAULT_URI,
    public_key: PublicKey = None,
    to_component: Annotated[
        Path | None,
        typer.Option(
            "--component", help="Folder of the overlay's component, such as .../production/weights."
        ),
    ] = None,
    plain_http: _PlainHttp = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON for machines.")] = False,
) -> None:
    """Push a signed version as an image, and print (or write) the component that deploys it by its digest."""
    from .image_registry import ImageRegistry  # noqa: PLC0415 - slow to import

    images = ImageRegistry(repository, plain_http=plain_http)
    with tempfile.TemporaryDirectory() as folder:
        version, artifact = _signed(Registry(uri, public_key), name, Path(folder))
        layout = Path(folder) / "layout"
        write_image(artifact, layout, _short(version))
        digest = images.push(layout, f"{version.model}-{version.version}")
    text = component(repository, digest, _short(version), version.digest)
    if to_component is not None:
        write_component(to_component, text)
    if as_json:
        typer.echo(
            json.dumps({"image": f"{repository}@{digest}", "version": version.name, "digest": version.digest})
        )
    else:
        typer.echo(f"{repository}@{digest}" if to_component else f"# {repository}@{digest}\n{text}".rstrip())


@app.command()
def pull(
    name: Annotated[str, typer.Argument(metavar="IMAGE", help="HOST/NAME@sha256:..., as push prints it.")],
    to: Annotated[Path, typer.Argument(help="New or empty folder; the artifact's files are laid out in it.")],
    public_key: Annotated[
        Path | None, typer.Option(help="PEM file of the key that must have signed.")
    ] = None,
    plain_http: _PlainHttp = False,
) -> None:
    """Lay out the artifact of an image, every byte held against the digest, and verify it."""
    from .image_registry import ImageRegistry  # noqa: PLC0415 - slow to import

    repository, _, digest = name.partition("@")
    if not digest.startswith("sha256:"):
        raise InvalidName(f"{name!r} names no image by its digest; write HOST/NAME@sha256:...")
    pulled = ImageRegistry(repository, plain_http=plain_http).pull(digest, to, public_key)
    verified = pulled.verified
    signed = f"signed by {verified.signed_by}" if verified.signed_by else "no signature was asked for"
    typer.echo(
        f"{pulled.version} {verified.digest}: {len(verified.manifest.files)} files are whole; {signed}"
    )


def _signed(registry: Registry, name: str, folder: Path) -> tuple[Version, Path]:
    """Return a version and its artifact, fetched into a folder and verified.

    Raises:
        Unsigned: nobody signed it.

    """
    version = registry.get(name)
    artifact = registry.fetch(version.name, folder)
    if not (artifact / SIGNATURE).is_file():
        raise Unsigned(f"{version.name} is not signed; clusters load signed weights: sign and register it")
    return version, artifact


def _short(version: Version) -> str:
    return version.name.removeprefix("models/")


def _beside(path: Path) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    return path.parent
