"""The servicer, of its groups of methods."""

from langdesign.design.v1 import design_pb2_grpc

from .archive_methods import ArchiveMethods
from .design_methods import DesignMethods
from .edit_methods import EditMethods
from .node_methods import NodeMethods
from .parts import Parts
from .picture_methods import PictureMethods


class DesignServicer(
    DesignMethods,
    NodeMethods,
    EditMethods,
    PictureMethods,
    ArchiveMethods,
    design_pb2_grpc.DesignServiceServicer,
):
    """``langdesign.design.v1.DesignService``.

    Args:
        parts: What its methods work with.

    """

    def __init__(self, parts: Parts) -> None:
        self._parts = parts
