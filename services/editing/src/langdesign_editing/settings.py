"""Settings of the editing service, read once from the environment at start."""

from pathlib import Path
from typing import Annotated, ClassVar, Literal

from langdesign_chassis.declaring import Check, Settings
from msgspec import Meta, field

from langdesign_editing.models import advice_files, served_models


def _with_scheme(operations: str) -> str:
    return operations if "://" in operations else f"sqlite:///{operations}"


def _served(models: str) -> str:
    served_models(models)
    return models


class EditingSettings(Settings, frozen=True):
    """Own settings have the prefix ``EDITING_``; peers go by their stem: ``TRITON_ADDR``."""

    env_prefix: ClassVar[str] = "EDITING_"

    triton_addr: str = field(default="127.0.0.1:8001", name="TRITON_ADDR")
    """gRPC address of the Triton server with the models, host:port."""
    models: Annotated[str, Check(_served)] = "edit=instruct_pix2pix"
    """The models that edit, as Triton names them, each with its family (instruct_pix2pix or inpainting):
    ``edit=instruct_pix2pix,inpaint=inpainting``. The first is the default."""
    reference_addr: str | None = field(default=None, name="REFERENCE_ADDR")
    """The reference service, host:port; without it, every call gives its region."""
    segmentation_addr: str | None = field(default=None, name="SEGMENTATION_ADDR")
    """The segmentation service, host:port; without it, regions are masks, boxes or the whole picture."""
    sampling: str = ""
    """The models' `sampling.json`: ``edit=FILE,inpaint=FILE``, or a file alone for the default one. They tell
    `steps`, `guidance_scale` and `image_guidance_scale` for calls that leave them out, `working_size` and
    `size_multiple` of what a network sees of larger pictures, and the `enlargement` of small regions."""
    working_size: Annotated[int, Meta(ge=64, le=4096)] | None = None
    """Side of the square that the default model's network knows, pixels, in place of what `sampling.json`
    says (else 512)."""
    operations: Annotated[str, Check(_with_scheme)] = "sqlite:///:memory:"
    """Where operations are kept: ``postgresql://user:password@host/name`` for any number of replicas, or
    ``sqlite:///FILE`` (or the file's path alone) for one; ``sqlite:///:memory:`` forgets them at exit."""
    lease: Annotated[float, Meta(ge=1)] = 10.0
    """Seconds without a sign of life after which the other replicas take this one for gone, and end its
    edits as UNAVAILABLE; their callers' next attempt edits anew."""
    blobs: str = "memory://"
    """Where pictures are stored: a folder, or a URL such as ``s3://bucket/prefix``."""
    concurrency: Annotated[int, Meta(ge=1)] = 64
    """Operations under way at once; the excess gets RESOURCE_EXHAUSTED."""
    pixels: Annotated[int, Meta(ge=1)] = 120_000_000
    """Pixels of all pictures under way at once, some 30 bytes of memory each where many end together; the
    excess gets RESOURCE_EXHAUSTED, a picture alone never."""
    patience: Annotated[float, Meta(ge=0)] = 120.0
    """Seconds that an edit waits, within its deadline, for a model server that went away: longer than one
    takes to start again. Then it fails as UNAVAILABLE."""
    native_factor: Annotated[float, Meta(ge=1, le=4096)] = 4.0
    """How many times the pixels of the model's working size (the square of its side) a picture may have that
    is edited as it is (``options.native``): the others' edits wait for each of its steps, which take as much
    longer, and more. 1 allows it to none that is larger."""
    keep_seconds: Annotated[float, Meta(gt=0)] = 86_400.0
    """How long an ended operation and its result are kept."""
    keep_count: Annotated[int, Meta(ge=1)] = 10_000
    """How many ended operations are kept at most, the latest ones."""
    decoders: Annotated[int, Meta(ge=1)] = 2
    """Processes that decode pictures."""
    provenance: Literal["none", "xmp", "c2pa"] = "xmp"
    """What results say about how they came about: nothing, an XMP packet (edited by AI, with which
    checkpoint), or a signed C2PA manifest beside it. A result that changed nothing says nothing."""
    provenance_instructions: bool = False
    """Whether they say what was asked for, too: whoever gets a picture reads it."""
    provenance_certificate: Path | None = None
    """For ``c2pa``: PEM file of the signer's certificate and those that vouch for it, its own first."""
    provenance_key: Path | None = None
    """For ``c2pa``: PEM file (PKCS #8) of the certificate's private key."""
    provenance_algorithm: Literal["es256", "es384", "es512", "ps256", "ps384", "ps512", "ed25519"] = "es256"
    """For ``c2pa``: how that key signs."""
    provenance_timestamps: str | None = None
    """For ``c2pa``: URL of a time-stamping authority (RFC 3161); without one the time is this machine's."""

    def check(self) -> None:
        """Refuse a signature without its files, and advice for a model that is not served."""
        files = (self.provenance_certificate, self.provenance_key)
        if self.provenance == "c2pa" and None in files:
            raise ValueError("provenance c2pa needs provenance_certificate and provenance_key too")
        for path in files:
            if path is not None and not path.is_file():
                raise ValueError(f"{path} is not a file; give a PEM file")
        advice_files(self.sampling, served_models(self.models))
