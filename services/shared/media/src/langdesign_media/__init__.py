"""Pictures at a trust boundary: guarded decoding, masks, content-addressed blobs."""

from langdesign_media.blobs import BlobStore, digest
from langdesign_media.errors import (
    BlobCorrupt,
    BlobError,
    BlobNotFound,
    BlobTooLarge,
    BlobUnavailable,
    DecoderUnavailable,
    InvalidBox,
    InvalidImage,
    InvalidMask,
    InvalidMedia,
    MediaError,
)
from langdesign_media.guard import ImageGuard
from langdesign_media.masks import (
    Box,
    Mask,
    box_mask,
    coverage,
    mask_to_png,
    mask_to_rle,
    rle_to_mask,
    tight_box,
)
from langdesign_media.picture import ImageFormat, ImageLimits, Picture, encode

__all__ = [
    "BlobCorrupt",
    "BlobError",
    "BlobNotFound",
    "BlobStore",
    "BlobTooLarge",
    "BlobUnavailable",
    "Box",
    "DecoderUnavailable",
    "ImageFormat",
    "ImageGuard",
    "ImageLimits",
    "InvalidBox",
    "InvalidImage",
    "InvalidMask",
    "InvalidMedia",
    "Mask",
    "MediaError",
    "Picture",
    "box_mask",
    "coverage",
    "digest",
    "encode",
    "mask_to_png",
    "mask_to_rle",
    "rle_to_mask",
    "tight_box",
]
