"""Pictures at a trust boundary: guarded decoding, encodings, content-addressed blobs."""

from langdesign_media.blobs import BlobStore, digest
from langdesign_media.errors import (
    BlobCorrupt,
    BlobError,
    BlobNotFound,
    BlobStoreFull,
    BlobTooLarge,
    BlobUnavailable,
    CredentialsUnavailable,
    DecoderUnavailable,
    InvalidImage,
    InvalidMask,
    InvalidMedia,
    MediaError,
)
from langdesign_media.guard import ImageGuard, View
from langdesign_media.masks import mask_to_png, mask_to_rle, rle_to_mask
from langdesign_media.picture import ImageLimits, as_held, encode
from langdesign_media.provenance import Provenance, ProvenancePolicy, xmp_packet

__all__ = [
    "BlobCorrupt",
    "BlobError",
    "BlobNotFound",
    "BlobStore",
    "BlobStoreFull",
    "BlobTooLarge",
    "BlobUnavailable",
    "CredentialsUnavailable",
    "DecoderUnavailable",
    "ImageGuard",
    "ImageLimits",
    "InvalidImage",
    "InvalidMask",
    "InvalidMedia",
    "MediaError",
    "Provenance",
    "ProvenancePolicy",
    "View",
    "as_held",
    "digest",
    "encode",
    "mask_to_png",
    "mask_to_rle",
    "rle_to_mask",
    "xmp_packet",
]
