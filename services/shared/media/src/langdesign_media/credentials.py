"""Content Credentials: a signed C2PA manifest in the picture, with the picture that was edited as its parent.

C2PA Technical Specification 2.2: https://spec.c2pa.org. Needs c2pa-python, which only `_signer` imports.
"""

import asyncio
import contextlib
import json
import logging
import sys
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
from langdesign_edits import ImageFormat

from langdesign_media import _signer
from langdesign_media.errors import CredentialsUnavailable
from langdesign_media.picture import ImageLimits, encode
from langdesign_media.provenance import EDITED_BY_MODEL, Provenance

_SECONDS = 120  # of a signature and of its processor; a picture of 48 megapixels takes some
_PART = 1024 * 1024  # bytes that are written at once
_log = logging.getLogger(__name__)
_MODELS, _INSTRUCTIONS = "org.langdesign.checkpoints", "org.langdesign.instructions"


@dataclass(frozen=True, slots=True)
class Signer:
    """Signs pictures with the key of a certificate.

    Attributes:
        certificate: PEM file of the certificate and of those that vouch for it, the signer's own first.
        key: PEM file (PKCS #8) of its private key.
        algorithm: C2PA's name of the signature: ``es256``, ``es384``, ``es512``, ``ps256``, ``ps384``,
            ``ps512`` or ``ed25519``.
        timestamps: URL of a time-stamping authority (RFC 3161); without one the time is this machine's word.

    """

    certificate: Path
    key: Path
    algorithm: str = "es256"
    timestamps: str | None = None

    async def sign(
        self,
        picture: bytes,
        image_format: ImageFormat,
        provenance: Provenance,
        *,
        parent: bytes,
        parent_format: ImageFormat,
    ) -> bytes:
        """Return the picture with a signed manifest; its pixels stay.

        Args:
            picture: The edited picture, encoded.
            image_format: Its format.
            provenance: How it came about.
            parent: The picture that was edited, encoded; a manifest in it is kept as the parent's.
            parent_format: Its format.

        Raises:
            CredentialsUnavailable: It could not be signed.

        """
        order = {
            "manifest": _manifest(provenance, image_format),
            "type": _type(image_format),
            "parent_type": _type(parent_format),
            "parent_bytes": len(parent),
            "certificate": str(self.certificate),
            "key": str(self.key),
            "algorithm": self.algorithm,
            "timestamps": self.timestamps,
        }
        return await _run(json.dumps(order).encode(), parent, picture)

    async def try_out(self) -> None:
        """Sign a picture of one pixel.

        Raises:
            CredentialsUnavailable: It could not be signed; the log says why.

        """
        pixel, kind = encode(np.zeros((1, 1, 3), np.uint8)), ImageFormat.PNG
        await self.sign(pixel, kind, Provenance("0"), parent=pixel, parent_format=kind)


def _manifest(provenance: Provenance, image_format: ImageFormat) -> dict[str, Any]:
    told = {_MODELS: list(provenance.checkpoints), _INSTRUCTIONS: list(provenance.instructions)}
    software = {"name": provenance.software.split()[0], "version": provenance.version}
    edited = {
        "action": "c2pa.edited",
        "when": datetime.now(UTC).isoformat(timespec="seconds"),
        "softwareAgent": software,
        "digitalSourceType": EDITED_BY_MODEL,
        "parameters": {name: values for name, values in told.items() if values},
    }
    return {
        "claim_generator_info": [software],
        "format": _type(image_format),
        "assertions": [{"label": "c2pa.actions.v2", "data": {"actions": [edited]}}],
    }


def _type(image_format: ImageFormat) -> str:
    return f"image/{image_format.lower()}"


async def _run(order: bytes, parent: bytes, picture: bytes) -> bytes:
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-I",
        str(Path(_signer.__file__)),
        str(ImageLimits().worker_memory),
        str(_SECONDS),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        env={},
    )
    length = len(order).to_bytes(_signer.LENGTH_BYTES, "big")
    try:
        async with asyncio.timeout(_SECONDS):
            await _feed(process, length, order, parent, picture)
            signed, complaint = await process.communicate()
    except TimeoutError:
        raise CredentialsUnavailable(
            f"was not signed within {_SECONDS} s", hint="look whether the time-stamping authority answers"
        ) from None
    finally:
        if process.returncode is None:
            process.kill()
            await process.communicate()
    if process.returncode or not signed:
        why = complaint.decode(errors="replace").strip().rpartition("\n")[2]
        _log.error("a picture was not signed (code %s): %s", process.returncode, why)
        raise CredentialsUnavailable("could not be signed now", hint="the service's log says why")
    return signed


async def _feed(process: asyncio.subprocess.Process, *parts: bytes) -> None:
    """Write bit by bit: a pipe's buffer would hold a large picture once more."""
    assert process.stdin is not None  # noqa: S101 - it is piped
    with contextlib.suppress(ConnectionError):  # it ended early, and says why
        for part in parts:
            for at in range(0, len(part), _PART):
                process.stdin.write(memoryview(part)[at : at + _PART])
                await process.stdin.drain()
    process.stdin.close()
