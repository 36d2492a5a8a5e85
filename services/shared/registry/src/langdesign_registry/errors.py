"""The error family of this library; every message says what is wrong and what to do.

RegistryError
├── ArtifactError            a folder that is no artifact, or none to trust
│   ├── InvalidArtifact      its manifest, or something it needs, is missing or cannot be read
│   ├── UnsafeFile           a link, a pickle, or a file that is not what its name says
│   ├── Tampered             its files are not those that the manifest lists
│   ├── WrongDigest          it is whole, but another one than was asked for
│   ├── Unsigned             a signature is asked for, and there is none
│   ├── WrongKey             it was signed with another key
│   └── InvalidKey           a key cannot be read, or is of another kind
├── InvalidName              a name of a model, version or alias that cannot be one
├── NotFound                 no such model, version or alias
├── InUse                    an alias points at the version
├── NothingBefore            the alias pointed at no other version before
├── InvalidMetrics           a metric is no finite number, or the evaluation cannot be read
└── RegistryUnavailable      MLflow's store cannot be reached, or fails
"""

# ruff: noqa: N818 - the root of the family carries the suffix; its members are read as sentences


class RegistryError(Exception):
    """Base of every error that this library raises on purpose."""


class ArtifactError(RegistryError):
    """A folder is no artifact, or none to trust."""


class InvalidArtifact(ArtifactError):
    """The manifest, or something that the artifact needs, is missing or cannot be read."""


class UnsafeFile(ArtifactError):
    """A link, a pickle, or a file that is not what its name says."""


class Tampered(ArtifactError):
    """The files are not those that the manifest lists, or the signature covers others."""


class WrongDigest(ArtifactError):
    """The artifact is whole, but another one than was asked for."""


class Unsigned(ArtifactError):
    """A signature is asked for, and there is none."""


class WrongKey(ArtifactError):
    """The artifact was signed with another key."""


class InvalidKey(ArtifactError):
    """A key cannot be read, or is of another kind."""


class InvalidName(RegistryError):
    """A name of a model, version or alias cannot be one."""


class NotFound(RegistryError):
    """No such model, version or alias."""


class InUse(RegistryError):
    """An alias points at the version."""


class NothingBefore(RegistryError):
    """The alias pointed at no other version before."""


class InvalidMetrics(RegistryError):
    """A metric is no finite number, or an evaluation cannot be read."""


class RegistryUnavailable(RegistryError):
    """MLflow's store cannot be reached, or fails."""
