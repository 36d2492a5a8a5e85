"""An artifact: the folder in which a model travels from its training to serving.

`edit/` is a diffusers folder with its `sampling.json`, `segment/` (where there is one) a ReLA with its
`thresholds.json`; `evaluation.json` and `README.md` say how good it is and what it is for. `manifest.json`
lists every file with its SHA-256 and says where the model comes from; `model.sig` signs all of that.
"""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path, PurePosixPath
from typing import Any

from .errors import InvalidArtifact, Tampered
from .evaluation import check_finite, read_evaluation
from .files import check_kind, list_files, sha256

MANIFEST, SIGNATURE = "manifest.json", "model.sig"
EVALUATION, CARD = "evaluation.json", "README.md"
EDIT, SEGMENT = "edit", "segment"
FORMAT = "langdesign-artifact/1"


@dataclass(frozen=True, kw_only=True)
class Provenance:
    """Where a model comes from."""

    model: str  # name in the registry
    dataset_digest: str = ""  # "sha256:..." of the data set that it was tuned on; "" where on none
    recipe: str = ""  # "name@digest" of the recipe that made it; "" where none did
    code_version: str = ""  # of the code that made it
    base: str = ""  # "name@sha256:..." of the checkpoint that it was tuned from
    created_by: str = ""  # who or what made it; never when, so that equal work has an equal digest
    metrics: Mapping[str, float] = field(default_factory=dict)  # finite; packaging fills in the evaluation's


@dataclass(frozen=True)
class File:
    """A file of an artifact."""

    sha256: str  # hexadecimal
    size: int  # bytes


@dataclass(frozen=True)
class Manifest:
    """What an artifact holds, and where it comes from."""

    files: Mapping[str, File]  # by POSIX path below the artifact, sorted
    provenance: Provenance

    @property
    def content(self) -> bytes:
        """The canonical bytes of `manifest.json`: sorted keys, ASCII, a value a line."""
        value = {
            "format": FORMAT,
            "files": {name: asdict(file) for name, file in self.files.items()},
            "provenance": {**vars(self.provenance), "metrics": dict(self.provenance.metrics)},
        }
        return (json.dumps(value, indent=1, sort_keys=True, allow_nan=False) + "\n").encode()

    @property
    def digest(self) -> str:
        """The artifact's digest, `sha256:...` of the canonical manifest, and so of every file.

        It names a version as a whole, and is what is signed. What one model in it is, its evaluation says by
        the model's own digest (`langdesign_evaluation.provenance.identity`).
        """
        return f"sha256:{hashlib.sha256(self.content).hexdigest()}"


def package(
    edit: Path, segment: Path | None, evaluation: Path | None, card: str, provenance: Provenance, out: Path
) -> Manifest:
    """Lay a model out as an artifact, without a signature.

    Links are resolved: what they point at is copied. The metrics of the provenance are those of the
    evaluation's tuned model, where there is one. An interrupted packaging leaves nothing that looks finished.

    Args:
        edit: diffusers folder of the editor.
        segment: ReLA's folder; None for an artifact without one.
        evaluation: `evaluation.json` of the editor; None where it was never judged, and cannot be promoted.
        card: the model's card, Markdown.
        provenance: where it comes from.
        out: the new folder; an artifact that is there already is replaced.

    Raises:
        InvalidArtifact: a part is missing, or `out` holds something else.
        InvalidMetrics: a metric is no finite number.
        UnsafeFile: a file is a pickle, or of no kind that is served.

    """
    _check_replaceable(out)
    unfinished = out.with_name(f"{out.name}.unfinished")
    shutil.rmtree(unfinished, ignore_errors=True)
    unfinished.mkdir(parents=True)
    _copy_folder(edit, unfinished / EDIT)
    if segment is not None:
        _copy_folder(segment, unfinished / SEGMENT)
    if evaluation is not None:
        provenance = replace(provenance, metrics=read_evaluation(evaluation).means)
        shutil.copyfile(evaluation, unfinished / EVALUATION)
    (unfinished / CARD).write_text(card, "utf-8")
    manifest = write_manifest(unfinished, provenance)
    shutil.rmtree(out, ignore_errors=True)
    unfinished.rename(out)
    return manifest


def write_manifest(folder: Path, provenance: Provenance) -> Manifest:
    """Write `manifest.json` over a folder's files and return it; a signature that was there is removed.

    Raises:
        InvalidArtifact: the folder holds no file.
        InvalidMetrics: a metric is no finite number.
        UnsafeFile: a file is a link, a pickle, or of no kind that is served.

    """
    check_finite(provenance.metrics)
    names = [name for name in list_files(folder) if name not in {MANIFEST, SIGNATURE}]
    if not names:
        raise InvalidArtifact(f"{folder.name} holds no file; put the model there first")
    for name in names:
        check_kind(folder, name)
    manifest = Manifest({name: _describe(folder / name) for name in names}, provenance)
    (folder / SIGNATURE).unlink(missing_ok=True)
    (folder / MANIFEST).write_bytes(manifest.content)
    return manifest


def read_manifest(folder: Path) -> Manifest:
    """Return the manifest of an artifact; its files are not looked at.

    Raises:
        InvalidArtifact: there is none, or it cannot be read.
        Tampered: it is not as it was written.

    """
    try:
        content = (folder / MANIFEST).read_bytes()
    except OSError as error:
        raise InvalidArtifact(f"{folder.name} has no {MANIFEST}; give a packaged artifact") from error
    manifest = _parse(content)
    if manifest.content != content:
        raise Tampered(f"{MANIFEST} is not as packaging wrote it; fetch the artifact anew")
    return manifest


def _parse(content: bytes) -> Manifest:
    try:
        value: Any = json.loads(content)
        if value["format"] != FORMAT:
            raise InvalidArtifact(
                f"{MANIFEST} is of {value['format']!r}, and {FORMAT} is read here; package the model anew"
            )
        files = {_checked(name): File(**file) for name, file in sorted(value["files"].items())}
        manifest = Manifest(files, Provenance(**value["provenance"]))
        check_finite(manifest.provenance.metrics)
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise InvalidArtifact(f"{MANIFEST} is no {FORMAT}; package the model anew") from error
    return manifest


def _checked(name: str) -> str:
    path = PurePosixPath(name)
    if (
        path.is_absolute()
        or ".." in path.parts
        or path.as_posix() != name
        or name in {MANIFEST, SIGNATURE, "."}
    ):
        raise InvalidArtifact(f"{MANIFEST} lists {name!r}, which no artifact holds; package the model anew")
    return name


def _describe(path: Path) -> File:
    return File(sha256(path), path.stat().st_size)


def _copy_folder(source: Path, target: Path) -> None:
    if not source.is_dir():
        raise InvalidArtifact(f"There is no folder {source.name} for {target.name}/; give the model's")
    try:
        shutil.copytree(source, target, copy_function=shutil.copyfile)
    except shutil.Error as error:
        missing = sorted(Path(one[0]).name for one in error.args[0])
        raise InvalidArtifact(
            f"{target.name}/{missing[0]} cannot be copied; where does it link to?"
        ) from error


def _check_replaceable(out: Path) -> None:
    if out.exists() and not (out / MANIFEST).is_file() and any(out.iterdir()):
        raise InvalidArtifact(f"{out.name} holds something else than an artifact; choose another folder")
