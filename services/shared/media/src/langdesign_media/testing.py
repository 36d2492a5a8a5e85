"""For tests: a colour profile, and certificates that may sign pictures."""

import struct
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

_PRIMARIES = {  # of Display P3 (SMPTE EG 432-1), adapted to D50, as every display's profile has them
    b"rXYZ": (0.51512, 0.24120, -0.00105),
    b"gXYZ": (0.29198, 0.69225, 0.04189),
    b"bXYZ": (0.15710, 0.06657, 0.78407),
    b"wtpt": (0.96420, 1.0, 0.82491),
}
_SRGB_CURVE = (2.4, 1 / 1.055, 0.055 / 1.055, 1 / 12.92, 0.04045)


def display_p3(*, padding: int = 0) -> bytes:
    """Return an ICC profile of Display P3 (ICC.1:2022: a matrix and one curve), padded by a tag of zeros."""
    curve = b"para" + bytes(4) + struct.pack("!HH", 3, 0) + b"".join(map(_fixed, _SRGB_CURVE))
    tags = {name: b"XYZ " + bytes(4) + b"".join(map(_fixed, xyz)) for name, xyz in _PRIMARIES.items()}
    tags |= dict.fromkeys((b"rTRC", b"gTRC", b"bTRC"), curve)
    tags |= {b"desc": _text("Display P3"), b"cprt": _text("CC0")}
    if padding:
        tags[b"fill"] = b"data" + bytes(4) + bytes(padding)
    return _profile(tags)


def _profile(tags: dict[bytes, bytes]) -> bytes:
    table, body = struct.pack("!I", len(tags)), b""
    start = 128 + len(table) + 12 * len(tags)
    for name, data in tags.items():
        table += name + struct.pack("!II", start + len(body), len(data))
        body += data + bytes(-len(data) % 4)
    size = struct.pack("!I", start + len(body))
    kind = b"\4\x30\0\0" + b"mntrRGB XYZ "
    date = struct.pack("!6H", 2026, 1, 1, 0, 0, 0)
    light = b"".join(map(_fixed, _PRIMARIES[b"wtpt"]))
    header = size + bytes(4) + kind + date + b"acsp" + bytes(28) + light
    return header.ljust(128, b"\0") + table + body


def _text(text: str) -> bytes:
    encoded = text.encode("utf-16-be")
    return b"mluc" + bytes(4) + struct.pack("!II2s2sII", 1, 12, b"en", b"US", len(encoded), 28) + encoded


def _fixed(value: float) -> bytes:
    return struct.pack("!i", round(value * 65536))


def signing_files(folder: Path) -> tuple[Path, Path]:
    """Return the PEM files of a certificate chain that may sign C2PA manifests, and of its key (ES256)."""
    authority, key = (ec.generate_private_key(ec.SECP256R1()) for _ in range(2))
    root = _certificate("test authority", authority, "test authority", authority)
    own = _certificate("test signer", key, "test authority", authority)
    chain, private = folder / "chain.pem", folder / "key.pem"
    pem = serialization.Encoding.PEM
    chain.write_bytes(own.public_bytes(pem) + root.public_bytes(pem))
    none = serialization.NoEncryption()
    private.write_bytes(key.private_bytes(pem, serialization.PrivateFormat.PKCS8, none))
    return chain, private


def _certificate(
    name: str, key: ec.EllipticCurvePrivateKey, issuer: str, signer: ec.EllipticCurvePrivateKey
) -> x509.Certificate:
    """Return a certificate as the C2PA's profile asks for it; an authority's where it is its own issuer."""
    now, authority = datetime.now(UTC), name == issuer
    purpose = [] if authority else [x509.ExtendedKeyUsage([ExtendedKeyUsageOID.EMAIL_PROTECTION])]
    builder = x509.CertificateBuilder(
        issuer_name=_name(issuer),
        subject_name=_name(name),
        public_key=key.public_key(),
        serial_number=x509.random_serial_number(),
        not_valid_before=now - timedelta(minutes=5),
        not_valid_after=now + timedelta(hours=1),
    )
    builder = builder.add_extension(x509.BasicConstraints(ca=authority, path_length=None), critical=True)
    for extension in (
        _usage(authority=authority),
        x509.SubjectKeyIdentifier.from_public_key(key.public_key()),
        x509.AuthorityKeyIdentifier.from_issuer_public_key(signer.public_key()),
        *purpose,
    ):
        builder = builder.add_extension(extension, critical=isinstance(extension, x509.KeyUsage))
    return builder.sign(signer, hashes.SHA256())


def _name(common: str) -> x509.Name:
    parts = {NameOID.COMMON_NAME: common, NameOID.ORGANIZATION_NAME: "LangDesign tests"}
    return x509.Name([x509.NameAttribute(oid, value) for oid, value in parts.items()])


def _usage(*, authority: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not authority,
        key_cert_sign=authority,
        crl_sign=authority,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        encipher_only=False,
        decipher_only=False,
    )
