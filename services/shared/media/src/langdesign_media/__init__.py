"""Pictures at a trust boundary: guarded decoding, encodings, content-addressed blobs."""

from langdesign_media.blobs import BlobStore, digest
from langdesign_media.errors import (
    BlobCorrupt,
    BlobError,
    BlobNotFound,
    BlobStoreFull,
    BlobTooLarge,
    BlobUnavailable,
    DecoderUnavailable,
    InvalidImage,
    InvalidMask,
    InvalidMedia,
    MediaError,
)
from langdesign_media.guard import ImageGuard, View
from langdesign_media.masks import mask_to_png, mask_to_rle, rle_to_mask
from langdesign_media.picture import ImageLimits, encode

__all__ = [
    "BlobCorrupt",
    "BlobError",
    "BlobNotFound",
    "BlobStore",
    "BlobStoreFull",
    "BlobTooLarge",
    "BlobUnavailable",
    "DecoderUnavailable",
    "ImageGuard",
    "ImageLimits",
    "InvalidImage",
    "InvalidMask",
    "InvalidMedia",
    "MediaError",
    "View",
    "digest",
    "encode",
    "mask_to_png",
    "mask_to_rle",
    "rle_to_mask",
]
