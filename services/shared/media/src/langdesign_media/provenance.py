"""What a picture says about how it came about: an XMP packet by the IPTC's Photo Metadata Standard 2025.1.

XMP: ISO 16684-1. Digital source type: https://cv.iptc.org/newscodes/digitalsourcetype.
"""

import functools
import html
import re
from collections.abc import Iterable
from dataclasses import dataclass
from importlib.metadata import version

EDITED_BY_MODEL = "http://cv.iptc.org/newscodes/digitalsourcetype/compositeWithTrainedAlgorithmicMedia"
"""The IPTC's term for a picture that generative AI edited."""
_SYSTEM = "LangDesign"
_MOST_TEXT = 4000  # characters of one property; a JPEG's packet has to fit 65,502 bytes
_NO_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_PACKET = """<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?>
<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">
<rdf:Description rdf:about="" xmlns:xmp="http://ns.adobe.com/xap/1.0/" \
xmlns:Iptc4xmpExt="http://iptc.org/std/Iptc4xmpExt/2008-02-29/">
{properties}
</rdf:Description></rdf:RDF></x:xmpmeta>
<?xpacket end="r"?>"""


@dataclass(frozen=True, slots=True)
class Provenance:
    """How an edited picture came about.

    Attributes:
        version: Version of this software.
        checkpoints: What edited, each as ``name@sha256:...``, the first edit's first.
        instructions: What was asked for, the first first; empty where that is not to be told.

    """

    version: str
    checkpoints: tuple[str, ...] = ()
    instructions: tuple[str, ...] = ()

    @property
    def software(self) -> str:
        """Name and version of the software."""
        return f"{_SYSTEM} {self.version}"


@dataclass(frozen=True)
class ProvenancePolicy:
    """What the files of a deployment tell.

    Attributes:
        xmp: Whether they carry an XMP packet.
        instructions: Whether they tell what was asked for.

    """

    xmp: bool = True
    instructions: bool = False

    def provenance(self, checkpoints: Iterable[str], instructions: Iterable[str]) -> Provenance:
        """Return what is to be told of a picture that this software edited; see `Provenance`."""
        return Provenance(_version(), tuple(checkpoints), tuple(instructions) if self.instructions else ())

    def packet(self, provenance: Provenance) -> bytes:
        """Return the XMP packet; empty where there is to be none."""
        return xmp_packet(provenance) if self.xmp else b""


def xmp_packet(provenance: Provenance) -> bytes:
    """Return a picture's XMP packet, UTF-8.

    It holds no time, so that the same edit is the same file.
    """
    properties = {
        "Iptc4xmpExt:DigitalSourceType": EDITED_BY_MODEL,
        "Iptc4xmpExt:AISystemUsed": _SYSTEM,
        "Iptc4xmpExt:AISystemVersionUsed": ", ".join(provenance.checkpoints),
        "Iptc4xmpExt:AIPromptInformation": "\n".join(provenance.instructions),
        "xmp:CreatorTool": provenance.software,
    }
    lines = [f"<{name}>{_text(value)}</{name}>" for name, value in properties.items() if value]
    return _PACKET.format(properties="\n".join(lines)).encode()


@functools.cache
def _version() -> str:
    return version("langdesign-media")


def _text(value: str) -> str:
    shortened = value if len(value) <= _MOST_TEXT else f"{value[: _MOST_TEXT - 1]}…"
    return html.escape(_NO_XML.sub("\ufffd", shortened), quote=False)
