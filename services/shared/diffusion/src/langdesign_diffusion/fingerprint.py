"""What a checkpoint folder is, by its content."""

import hashlib
from pathlib import Path

PARTS = ("scheduler", "text_encoder", "tokenizer", "unet", "vae")


def fingerprint(folder: Path, name: str = "") -> str:
    """Return `name@sha256:...`, a name (by default the folder's) and a digest over the files of its parts.

    The digest is the SHA-256 of a line per file, `path NUL hexadecimal SHA-256`, sorted by path, so that
    `find` and `sha256sum` can check it. Equal weights in another folder have an equal digest.

    Of three digests this is the narrowest: it says which networks edit, whatever is advised on sampling.
    `langdesign_evaluation.provenance.identity` covers all of a model's folder, that advice too, and the
    manifest's digest in `langdesign_registry.artifact` a whole version: editor, ReLA, evaluation and card.
    """
    files = sorted(path for part in PARTS for path in (folder / part).rglob("*") if path.is_file())
    listing = hashlib.sha256()
    for path in files:
        with path.open("rb") as file:
            digest = hashlib.file_digest(file, "sha256").hexdigest()
        listing.update(f"{path.relative_to(folder).as_posix()}\0{digest}\n".encode())
    return f"{name or folder.resolve().name}@sha256:{listing.hexdigest()}"
