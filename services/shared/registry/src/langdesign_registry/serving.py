"""What a model server looks at before it loads a checkpoint."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from .artifact import MANIFEST
from .errors import InvalidArtifact
from .names import parse_reference
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
        InvalidName: the version is none.

    """
    key, digest, version = (environment.get(name, "") for name in (PUBLIC_KEY, DIGEST, VERSION))
    root = checkpoint.parent
    if not (key or digest or version) and not (root / MANIFEST).is_file():
        return ""
    manifest = verify(root, public_key=Path(key) if key else None, digest=digest or None).manifest
    if not any(name.startswith(f"{checkpoint.name}/") for name in manifest.files):
        raise InvalidArtifact(f"The artifact has no {checkpoint.name}/; serve one that has")
    if version and parse_reference(version).model != manifest.provenance.model:
        raise InvalidArtifact(
            f"The artifact is {manifest.provenance.model!r}, not {version}; serve the one meant"
        )
    return version
