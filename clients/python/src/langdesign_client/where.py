"""Where a plan acts, and each of its edits."""

from dataclasses import dataclass

from langdesign.editing.v1 import editing_pb2

from langdesign_client import media


@dataclass(frozen=True)
class EditRegion:
    """Where one of a plan's edits acts; `edit` is its place in the plan, from 0 (0 for a given region).

    `mask` and `box` are None when the whole picture is edited, or nothing is; `coverage` is a share of the
    picture, 0..1. `no_target_probability` is the network's that nothing is meant, None where nothing was
    segmented; `truncated` says that an expression was longer than it reads. `no_op_reason` is empty, or why
    this edit changes nothing (see `edits.EditResult`), with the `unknown_words` where that is why.
    `not_found` are the things that it names and that are left out of it. `surface` is what an added thing
    found its place at, such as "the floor". `transparent_share` is that of where it was to act that is
    transparent and was left out, 0..1. Edits of one `editor_pass` (from 0) are done at once.
    """

    edit: int
    mask: media.Mask | None
    box: media.Box | None
    coverage: float
    no_target_probability: float | None
    truncated: bool
    no_op_reason: str
    unknown_words: tuple[str, ...]
    not_found: tuple[str, ...]
    surface: str
    editor_pass: int
    transparent_share: float = 0.0


@dataclass(frozen=True)
class Where:
    """Where a plan acts.

    `mask` is that of all its edits, None when the whole picture is edited, or nothing is; `coverage` is a
    share of the picture, 0..1. `no_target_probability` is the network's that nothing is meant, None where
    nothing was segmented. `truncated` says that an expression was longer than the network reads, so that its
    end did not count. `regions` say the same of each edit, in the plan's order.
    """

    mask: media.Mask | None
    box: media.Box | None
    coverage: float
    no_target_probability: float | None
    truncated: bool
    regions: tuple[EditRegion, ...]


def read_where(message: editing_pb2.MaskEvent) -> Where:
    """Return where a plan acts."""
    return Where(
        mask=media.read_mask(message.mask) if message.HasField("mask") else None,
        box=media.read_box(message.box) if message.HasField("box") else None,
        coverage=message.coverage,
        no_target_probability=_no_target_probability(message),
        truncated=message.truncated,
        regions=tuple(_read_region(region) for region in message.regions),
    )


def _read_region(message: editing_pb2.EditRegion) -> EditRegion:
    return EditRegion(
        edit=message.edit,
        mask=media.read_mask(message.mask) if message.HasField("mask") else None,
        box=media.read_box(message.box) if message.HasField("box") else None,
        coverage=message.coverage,
        no_target_probability=_no_target_probability(message),
        truncated=message.truncated,
        no_op_reason=read_no_op_reason(message.no_op_reason),
        unknown_words=tuple(message.unknown_words),
        not_found=tuple(message.not_found),
        surface=message.surface,
        editor_pass=getattr(message, "pass"),  # a word of Python's own
        transparent_share=message.transparent_share,
    )


def _no_target_probability(message: editing_pb2.MaskEvent | editing_pb2.EditRegion) -> float | None:
    return message.no_target_probability if message.HasField("no_target_probability") else None


def read_no_op_reason(number: int) -> str:
    """Return why nothing was to change, in lower case; empty where something was."""
    reason = media.enum_name(editing_pb2.NoOpReason, number)
    return "" if reason == "unspecified" else reason
