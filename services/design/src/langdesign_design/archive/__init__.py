"""Designs as ZIP archives: written as a stream, and read with nothing taken on trust."""

from .adopting import adopt
from .checking import read
from .document import Pictures
from .limits import ArchiveLimits
from .reading import ImportedDesign, ImportedNode
from .writing import export

__all__ = ["ArchiveLimits", "ImportedDesign", "ImportedNode", "Pictures", "adopt", "export", "read"]
