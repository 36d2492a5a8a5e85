"""Settings of the design service, read once from the environment at start."""

from pathlib import Path
from typing import Annotated, ClassVar, Literal

from langdesign_chassis.declaring import Settings
from msgspec import Meta, field


class DesignSettings(Settings, frozen=True):
    """Own settings have the prefix ``DESIGN_``; the peer goes by its stem: ``EDITING_ADDR``."""

    env_prefix: ClassVar[str] = "DESIGN_"

    editing_addr: str = field(default="127.0.0.1:7004", name="EDITING_ADDR")
    """The editing service, host:port."""
    database: str = "sqlite:///.langdesign/design.sqlite"
    """Where designs are kept: ``sqlite:///FILE`` for one replica, ``postgresql://user:password@host/name``
    for many."""
    blobs: str = ".langdesign/design-blobs"
    """Where pictures, patches and masks are kept: a folder, or a URL such as ``s3://bucket/prefix``."""
    shared_blobs: bool = False
    """Whether EDITING_BLOBS names the same place as DESIGN_BLOBS: then large pictures travel by reference."""
    token: Path | None = None
    """File with the token under which edits run, read again at each call, since edits outlive the calls that
    asked for them; it needs the scopes editing, reference, segmentation and tenants. Needed while
    authentication is on."""
    concurrency: Annotated[int, Meta(ge=1, le=10_000)] = 16
    """Edits that one replica sees to at once; more wait their turn in the database."""
    lease_seconds: Annotated[float, Meta(ge=1)] = 15.0
    """How long after the last word of a replica another one takes over its edits."""
    patience_seconds: Annotated[float, Meta(gt=0)] = 600.0
    """How long an edit waits for an editing service that does not answer, or is full, before it fails."""
    edit_seconds: Annotated[float, Meta(gt=0)] = 3600.0
    """How long one edit may take."""
    purge_days: Annotated[float, Meta(gt=0)] = 30.0
    """Days after which what is in the bin is deleted for good."""
    decoders: Annotated[int, Meta(ge=1)] = 2
    """Processes that decode pictures."""
    provenance: Literal["none", "xmp"] = "xmp"
    """What the files of edited pictures say about how they came about: nothing, or an XMP packet (edited by
    AI, with which checkpoints)."""
    provenance_instructions: bool = False
    """Whether they say what was asked for, too: whoever gets a picture reads it."""
