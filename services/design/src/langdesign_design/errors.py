"""The error family of pictures and archives of designs. It knows no protocol; the servicer maps it.

::

    PictureError
    ├── PatchError         a stored patch is damaged, of a later version, or of another picture
    ├── EditMismatch       an edit's result is no edit of its parent: another size, another colour profile
    ├── PathError          the nodes are no path of pictures: no root, or a node without a picture
    ├── MergeError         two nodes cannot be joined
    │   └── MergeConflict  both change the same pixels
    └── ArchiveError       the archive is damaged, foreign, too large, or of a later version

Messages hold no path, no address and no text of another error: they may be shown to the caller.
"""

# ruff: noqa: N818 - the root of the family carries the suffix; its members are read as sentences


class PictureError(Exception):
    """Root of the family.

    Args:
        message: What is wrong, as a sentence without its end.
        hint: What the caller can do about it.

    """

    def __init__(self, message: str, *, hint: str) -> None:
        super().__init__(f"{message}; {hint}")
        self.message = message
        self.hint = hint


class PatchError(PictureError):
    """A stored patch is damaged, of a later version, or of another picture."""


class EditMismatch(PictureError):
    """An edit's result is no edit of its parent: it has another size or another colour profile."""


class PathError(PictureError):
    """The nodes are no path of pictures: there is no root, or a node has no picture."""


class MergeError(PictureError):
    """Two nodes cannot be joined."""


class MergeConflict(MergeError):
    """Both nodes change the same pixels.

    Attributes:
        pixels: How many.

    """

    def __init__(self, pixels: int) -> None:
        super().__init__(
            f"both nodes change the same {pixels} {'pixel' if pixels == 1 else 'pixels'}",
            hint="join nodes whose edits lie in different places, or do one's edit again on the other",
        )
        self.pixels = pixels


class ArchiveError(PictureError):
    """The archive is damaged, foreign, too large, or of a later version."""
