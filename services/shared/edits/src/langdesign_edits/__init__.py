"""The words that every part says of an edit, from the client to the network."""

from langdesign_edits.changes import ChangeReport, ChangeStatistics, measure_change
from langdesign_edits.errors import EditError, InvalidRegion, InvalidSpec, ReportedError, UnworkableShape
from langdesign_edits.families import EditorOptions, InpaintingOptions, InstructPix2PixOptions, Sampler
from langdesign_edits.feathering import Weights, blended, default_feather, dilated, feathered
from langdesign_edits.pictures import ImageFormat, Picture, Pixels
from langdesign_edits.preserve import Preserve
from langdesign_edits.regions import (
    Box,
    EncodedMask,
    Expression,
    Mask,
    Region,
    Segment,
    Verdict,
    Whole,
    box_mask,
    coverage,
    tight_box,
)
from langdesign_edits.spec import EditSpec

__all__ = [
    "Box",
    "ChangeReport",
    "ChangeStatistics",
    "EditError",
    "EditSpec",
    "EditorOptions",
    "EncodedMask",
    "Expression",
    "ImageFormat",
    "InpaintingOptions",
    "InstructPix2PixOptions",
    "InvalidRegion",
    "InvalidSpec",
    "Mask",
    "Picture",
    "Pixels",
    "Preserve",
    "Region",
    "ReportedError",
    "Sampler",
    "Segment",
    "UnworkableShape",
    "Verdict",
    "Weights",
    "Whole",
    "blended",
    "box_mask",
    "coverage",
    "default_feather",
    "dilated",
    "feathered",
    "measure_change",
    "tight_box",
]
