"""Settings of the segmentation service, read once from the environment at start."""

from pathlib import Path
from typing import Annotated, ClassVar

from langdesign_chassis.declaring import Settings
from msgspec import Meta, field

from langdesign_segmentation.working_size import LARGEST, SMALLEST


class SegmentationSettings(Settings, frozen=True):
    """Settings of this service; the chassis has its own."""

    env_prefix: ClassVar[str] = "SEGMENTATION_"

    triton_addr: str = field(default="127.0.0.1:8001", name="TRITON_ADDR")
    """Where Triton listens for gRPC, host:port."""
    model: str = "segment"
    """Name of the model in Triton's repository."""
    thresholds: Path | None = None
    """The checkpoint's `thresholds.json` from validation; see `langdesign_edits.verdicts.Thresholds`."""
    mask_threshold: Annotated[float, Meta(gt=0, lt=1)] | None = None
    """Foreground probability from which a pixel is inside; before the file's, 0.5 where neither says."""
    no_target_threshold: Annotated[float, Meta(gt=0, lt=1)] | None = None
    """No-target probability from which surely nothing is there; before the file's, 0.5 where neither says."""
    uncertain_threshold: Annotated[float, Meta(gt=0, lt=1)] | None = None
    """No-target probability from which it is uncertain; before the file's, else the one above."""
    least_area: Annotated[float, Meta(ge=0, lt=1)] | None = None
    """Share of the picture below which a mask counts as empty; before the file's, else 0.0005."""
    timeout: Annotated[float, Meta(gt=0)] = 30.0
    """Seconds that one call to Triton may take; the caller's deadline comes first when it is nearer."""
    config: Path | None = None
    """The checkpoint's `config.json`: larger pictures are sent to the network at its `image_size`."""
    working_size: Annotated[int, Meta(ge=SMALLEST, le=LARGEST)] | None = None
    """Side of the square that the network sees, pixels; before the file's."""
    max_side: Annotated[int, Meta(ge=480, le=8192)] = 2048
    """Pixels along the longer side that are sent to a network whose size neither tells."""
    batch_bytes: Annotated[int, Meta(ge=1024)] = 64 * 1024 * 1024
    """Probabilities asked of Triton in one call, bytes; one expression is asked whatever its size."""
    blobs: str = ".langdesign/blobs"
    """Where stored pictures are: a folder, or a URL such as s3://bucket/prefix."""
    decoders: Annotated[int, Meta(ge=1)] = 2
    """Processes that decode pictures."""
