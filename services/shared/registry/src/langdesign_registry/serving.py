"""What a model server looks at before it loads a checkpoint."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from .artifact import MANIFEST
from .errors import InvalidArtifact, InvalidName
from .names import Reference, parse_reference
from .verification import verify

PUBLIC_KEY = "MODEL_PUBLIC_KEY"
"""Variable with the PEM file of the key that must have signed the artifact."""

DIGEST = "MODEL_DIGEST"
"""Variable with the digest that the artifact must have, `sha256:...`."""

VERSION = "MODEL_VERSION"
"""Variable with the version that is served, `MODEL@VERSION`: results name it."""


def verify_checkpoint(checkpoint: Path, environment: Mapping[str, str]) -> str:
    """Verify the artifact that a checkpoint is part of, before anything of it is loaded.

    With none of the three variables set, a folder that is no part of an artifact passes as it is, and an
    artifact is held against its own manifest.

    Args:
        checkpoint: `edit/` or `segment/` of an artifact, or a folder of its own.
        environment: of the server.

    Returns:
        The version's name for results, `MODEL@VERSION`; "" where nobody said.

    Raises:
        ArtifactError: the artifact is not whole, or not what was asked for.
        InvalidName: the version is none, or an alias, which may point at another tomorrow.

    """
    key, digest, version = (environment.get(name, "") for name in (PUBLIC_KEY, DIGEST, VERSION))
    root = checkpoint.parent
    if not (root / MANIFEST).is_file():
        return _bare(root, [name for name in (PUBLIC_KEY, DIGEST, VERSION) if environment.get(name)])
    manifest = verify(root, public_key=Path(key) if key else None, digest=digest or None).manifest
    if not any(name.startswith(f"{checkpoint.name}/") for name in manifest.files):
        raise InvalidArtifact(f"The artifact has no {checkpoint.name}/; serve one that has")
    if not version:
        return ""
    reference = _numbered(version)
    if reference.model != manifest.provenance.model:
        raise InvalidArtifact(
            f"The artifact was packaged as {manifest.provenance.model!r} and {VERSION} is {version}; set "
            f"{VERSION} to the version that is served, or serve {version}"
        )
    return f"{reference.model}@{reference.version}"


def _bare(root: Path, asking: list[str]) -> str:
    if asking:
        raise InvalidArtifact(
            f"{root.name} has no {MANIFEST}, and {', '.join(asking)} asks for an artifact; serve a packaged "
            "one, or unset that"
        )
    return ""


def _numbered(version: str) -> Reference:
    try:
        reference = parse_reference(version)
    except InvalidName as error:
        raise InvalidName(f"{VERSION} is {version!r}, which is no version; set it to MODEL@NUMBER") from error
    if reference.version is None:
        raise InvalidName(f"{VERSION} is {version}, an alias; set it to the version fetched, MODEL@NUMBER")
    return reference
