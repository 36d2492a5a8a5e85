"""Settings of the segmentation service, read once from the environment at start."""

from pathlib import Path

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict

from langdesign_segmentation.working_size import LARGEST, SMALLEST


class SegmentationSettings(BaseSettings):
    """Settings of this service; the chassis has its own."""

    model_config = SettingsConfigDict(env_prefix="SEGMENTATION_", frozen=True, use_attribute_docstrings=True)

    triton_addr: str = Field(default="127.0.0.1:8001", validation_alias="TRITON_ADDR")
    """Where Triton listens for gRPC, host:port."""
    model: str = "segment"
    """Name of the model in Triton's repository."""
    thresholds: Path | None = None
    """The checkpoint's `thresholds.json` from validation; see `langdesign_edits.verdicts.Thresholds`."""
    mask_threshold: float | None = Field(default=None, gt=0, lt=1)
    """Foreground probability from which a pixel is inside; before the file's, 0.5 where neither says."""
    no_target_threshold: float | None = Field(default=None, gt=0, lt=1)
    """No-target probability from which surely nothing is there; before the file's, 0.5 where neither says."""
    uncertain_threshold: float | None = Field(default=None, gt=0, lt=1)
    """No-target probability from which it is uncertain; before the file's, else the one above."""
    least_area: float | None = Field(default=None, ge=0, lt=1)
    """Share of the picture below which a mask counts as empty; before the file's, else 0.0005."""
    timeout: float = Field(default=30.0, gt=0)
    """Seconds that one call to Triton may take; the caller's deadline comes first when it is nearer."""
    config: Path | None = None
    """The checkpoint's `config.json`: larger pictures are sent to the network at its `image_size`."""
    working_size: int | None = Field(default=None, ge=SMALLEST, le=LARGEST)
    """Side of the square that the network sees, pixels; before the file's."""
    max_side: int = Field(default=2048, ge=480, le=8192)
    """Pixels along the longer side that are sent to a network whose size neither tells."""
    batch_bytes: int = Field(default=64 * 1024 * 1024, ge=1024)
    """Probabilities asked of Triton in one call, bytes; one expression is asked whatever its size."""
    blobs: str = ".langdesign/blobs"
    """Where stored pictures are: a folder, or a URL such as s3://bucket/prefix."""
    decoders: int = Field(default=2, ge=1)
    """Processes that decode pictures."""
