"""Colour profiles for tests."""

import struct

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
