"""`python -m langdesign_registry`: package, sign, register, verify, promote, and push as an image."""

from __future__ import annotations

import dataclasses
import json
import sys
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Column, Table

from . import cli_images
from .artifact import Provenance, package
from .errors import RegistryError
from .mlflow_registry import Registry
from .names import parse_reference
from .options import Name, PublicKey, Uri
from .promotion import Promotion
from .reading import DEFAULT_URI
from .signing import create_keys, key_digest, sign
from .verification import verify
from .versions import Version

app = typer.Typer(add_completion=False, no_args_is_help=True, pretty_exceptions_enable=False, help=__doc__)
app.add_typer(cli_images.app)

_Json = Annotated[bool, typer.Option("--json", help="Print JSON for machines.")]
_Artifact = Annotated[Path, typer.Argument(help="Folder of the artifact.")]


@app.command("list")
def list_models(uri: Uri = DEFAULT_URI, as_json: _Json = False) -> None:
    """List models by name."""
    models = Registry(uri).list_models()
    if as_json:
        _print_json([dataclasses.asdict(one) for one in models])
        return
    rows = [[f"models/{one.name}", str(one.latest_version), one.description] for one in models]
    _print_table(["model", "latest", "what"], rows)


@app.command()
def versions(
    model: Annotated[str, typer.Argument(help="The model, models/NAME or NAME.")],
    uri: Uri = DEFAULT_URI,
    as_json: _Json = False,
) -> None:
    """List the versions of a model, newest first."""
    _print_versions(Registry(uri).list_versions(model), as_json=as_json)


@app.command()
def show(name: Name, uri: Uri = DEFAULT_URI, as_json: _Json = False) -> None:
    """Show a version: aliases, digests, metrics, who signed it."""
    version = Registry(uri).get(name)
    if as_json:
        _print_json(_told(version))
        return
    _print_table(["", version.name], [[key, _text(value)] for key, value in _told(version).items() if value])


@app.command()
def fetch(
    name: Name,
    to: Annotated[Path, typer.Argument(help="Folder; the artifact is laid out in its MODEL@VERSION.")],
    uri: Uri = DEFAULT_URI,
    public_key: PublicKey = None,
    as_json: _Json = False,
) -> None:
    """Copy a version's artifact here, and verify it."""
    registry = Registry(uri, public_key)
    version = registry.get(name)
    folder = registry.fetch(version.name, to).absolute()
    key = str(registry.public_key.absolute()) if registry.public_key else ""
    if as_json:
        _print_json({**_told(version), "folder": str(folder), "public_key": key})
    else:
        typer.echo(folder)


@app.command("verify")
def verify_command(
    folder: _Artifact,
    public_key: Annotated[
        Path | None, typer.Option(help="PEM file of the key that must have signed.")
    ] = None,
    digest: Annotated[str, typer.Option(help="The digest that it must have, sha256:...")] = "",
) -> None:
    """Check every file of an artifact, its signature where --public-key is given, and its digest."""
    verified = verify(folder, public_key=public_key, digest=digest or None)
    signed = f"signed by {verified.signed_by}" if verified.signed_by else "no signature was asked for"
    typer.echo(f"{verified.digest}: {len(verified.manifest.files)} files are whole; {signed}")


@app.command()
def keys(folder: Annotated[Path, typer.Argument(help="Folder for private.pem and public.pem.")]) -> None:
    """Make a pair of keys for local work where there is none, and tell the public one's digest."""
    made = create_keys(folder)
    typer.echo(f"{made.public}: {key_digest(made.public)}")


@app.command("package")
def package_command(
    edit: Annotated[Path, typer.Argument(help="Diffusers folder of the editor.")],
    out: Annotated[Path, typer.Argument(help="The new artifact.")],
    model: Annotated[str, typer.Option(help="The model's name in the registry.")],
    segment: Annotated[Path | None, typer.Option(help="ReLA's folder.")] = None,
    evaluation: Annotated[Path | None, typer.Option(help="evaluation.json of the editor.")] = None,
    card: Annotated[Path | None, typer.Option(help="The model's card, Markdown.")] = None,
    private_key: Annotated[Path | None, typer.Option(help="PEM file of the key that signs it.")] = None,
    register: Annotated[bool, typer.Option("--register", help="Register it too.")] = False,
    uri: Uri = DEFAULT_URI,
) -> None:
    """Lay a model out as an artifact, and sign and register it where asked to."""
    text = card.read_text("utf-8") if card else f"# {model}\n"
    manifest = package(edit, segment, evaluation, text, Provenance(model=model), out)
    if private_key is not None:
        sign(out, private_key)
    name = f" {Registry(uri).register(out, model).name}" if register else ""
    typer.echo(f"{manifest.digest}{name}")


@app.command()
def promote(
    version: Annotated[str, typer.Argument(help="models/MODEL@VERSION.")],
    alias: Annotated[str, typer.Argument(help="Such as champion.")] = "champion",
    uri: Uri = DEFAULT_URI,
    as_json: _Json = False,
) -> None:
    """Point an alias at a version where its evaluation holds; exit code 1 where it does not."""
    promotion = Registry(uri).promote(version, alias)
    if as_json:
        _print_json({**dataclasses.asdict(promotion), "why_not": promotion.why_not})
    else:
        _print_promotion(promotion, alias)
    if not promotion.promoted:
        raise typer.Exit(1)


@app.command()
def rollback(
    name: Annotated[str, typer.Argument(help="models/MODEL@ALIAS.")],
    uri: Uri = DEFAULT_URI,
    as_json: _Json = False,
) -> None:
    """Point an alias back at the version before its last move; again for the one before that."""
    reference = parse_reference(name)
    version = Registry(uri).roll_back(reference.model, reference.alias)
    _print_versions((version,), as_json=as_json)


def main() -> None:
    """Run the command line; what goes wrong on purpose is told in a line."""
    try:
        app()
    except RegistryError as error:
        Console(stderr=True).print(f"[red]error:[/] {escape(str(error))}", highlight=False, soft_wrap=True)
        sys.exit(1)


def _told(version: Version) -> dict[str, Any]:
    return {"name": version.name, **dataclasses.asdict(version)}


def _print_versions(versions: tuple[Version, ...], *, as_json: bool) -> None:
    if as_json:
        _print_json([_told(version) for version in versions])
        return
    rows = [
        [
            one.name,
            ", ".join(one.aliases),
            one.digest[:19],
            _text(one.metrics),
            one.create_time.isoformat(" ", "seconds"),
        ]
        for one in versions
    ]
    _print_table(["version", "aliases", "digest", "metrics", "registered"], rows)


def _print_promotion(promotion: Promotion, alias: str) -> None:
    rows = [
        [one.metric, "yes" if one.held else "NO", _figure(one.before), _figure(one.after), one.condition]
        for one in promotion.checks
    ]
    _print_table(["metric", "holds", "before", "after", "condition"], rows)
    became = (
        f"{alias} is {promotion.version}" if promotion.promoted else f"{promotion.version} is not promoted"
    )
    typer.echo(became)


def _figure(value: float | None) -> str:
    return "-" if value is None else f"{value:.4g}"


def _text(value: object) -> str:
    if isinstance(value, Mapping):
        return ", ".join(f"{key} {_text(one)}" for key, one in sorted(value.items()))
    if isinstance(value, tuple):
        return ", ".join(map(str, value))
    return f"{value:.4g}" if isinstance(value, float) else str(value)


def _print_table(headings: list[str], rows: list[list[str]]) -> None:
    # What is wider than its column goes on in the next line: rich would cut it.
    table = Table(*(Column(heading, overflow="fold") for heading in headings), box=None)
    for row in rows:
        table.add_row(*(escape(cell) for cell in row))
    Console().print(table)


def _print_json(value: object) -> None:
    typer.echo(json.dumps(value, ensure_ascii=False, default=_plain))


def _plain(value: object) -> str:
    return value.isoformat() if isinstance(value, datetime) else str(value)
