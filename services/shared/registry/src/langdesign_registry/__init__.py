"""Model versions as signed artifacts, and the MLflow registry that names them (no torch, no gRPC)."""

from .artifact import Manifest, Provenance, package, read_manifest, write_manifest
from .errors import (
    ArtifactError,
    InUse,
    InvalidArtifact,
    InvalidKey,
    InvalidMetrics,
    InvalidName,
    NotFound,
    NothingBefore,
    RegistryError,
    RegistryUnavailable,
    Tampered,
    UnsafeFile,
    Unsigned,
    WrongDigest,
    WrongKey,
)
from .mlflow_registry import Registry
from .promotion import Check, Gate, Promotion
from .reading import DEFAULT_URI
from .serving import verify_checkpoint
from .signing import Keys, create_keys, key_digest, sign
from .verification import Verified, verify
from .versions import Model, Version

__all__ = [
    "DEFAULT_URI",
    "ArtifactError",
    "Check",
    "Gate",
    "InUse",
    "InvalidArtifact",
    "InvalidKey",
    "InvalidMetrics",
    "InvalidName",
    "Keys",
    "Manifest",
    "Model",
    "NotFound",
    "NothingBefore",
    "Promotion",
    "Provenance",
    "Registry",
    "RegistryError",
    "RegistryUnavailable",
    "Tampered",
    "UnsafeFile",
    "Unsigned",
    "Verified",
    "Version",
    "WrongDigest",
    "WrongKey",
    "create_keys",
    "key_digest",
    "package",
    "read_manifest",
    "sign",
    "verify",
    "verify_checkpoint",
    "write_manifest",
]
