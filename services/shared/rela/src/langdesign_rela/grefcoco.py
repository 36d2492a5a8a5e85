"""gRefCOCO's public annotation format: `grefs(unc).json` and `instances.json`.

A reference names an image, sentences and the annotations that they mean together: one, several, or none
(`ann_id` is [-1]). Masks are COCO's: polygons, or run lengths.
"""

from __future__ import annotations

import json
import warnings
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pycocotools import mask as coco  # type: ignore[import-untyped]  # published without types

from .errors import AnnotationError
from .resizing import nearest

_NO_TARGET = -1
_SMALLEST_POLYGON = 6  # numbers: three corners

Segmentation = Mapping[str, Any] | Sequence[Sequence[float]]


@dataclass(frozen=True)
class Sample:
    """One sentence about one image."""

    file_name: str  # of the image
    height: int  # of the image, in pixels
    width: int
    sentence: str
    segmentations: tuple[Segmentation, ...]  # of all that is meant; COCO polygons or run lengths

    @property
    def empty(self) -> bool:
        """Whether the sentence means nothing in the image."""
        return not self.segmentations

    def mask(self, size: tuple[int, int] | None = None) -> NDArray[np.bool_]:
        """Return the union of all that is meant, bool [height, width].

        Args:
            size: height and width to draw at, aspect ratio not kept (the published evaluation draws at
                480x480); None for the image's own.

        Raises:
            AnnotationError: a run length does not fit the image.

        """
        height, width = size or (self.height, self.width)
        union = np.zeros((height, width), dtype=bool)
        for segmentation in self.segmentations:
            union |= self._draw(segmentation, height, width)
        return union

    def _draw(self, segmentation: Segmentation, height: int, width: int) -> NDArray[np.bool_]:
        if isinstance(segmentation, Mapping):
            return _decode(segmentation, self, height, width)
        scale = np.array((width / self.width, height / self.height))
        polygons = [(np.reshape(polygon, (-1, 2)) * scale).ravel().tolist() for polygon in segmentation]
        return _drawn(coco.merge(coco.frPyObjects(polygons, height, width))).astype(bool)


def load_grefcoco(references: Path, instances: Path, split: str) -> list[Sample]:
    """Read the sentences of one split, in the order of the file.

    Args:
        references: `grefs(unc).json`.
        instances: `instances.json`.
        split: "train", "val", "testA" or "testB".

    Raises:
        AnnotationError: a file is not of this format, a reference names what is not there, or the split is
            empty.

    """
    data = _read(instances)
    try:
        images = {image["id"]: image for image in data["images"]}
        annotations = {annotation["id"]: annotation for annotation in data["annotations"]}
        found = [reference for reference in _read(references) if reference["split"] == split]
        samples = [sample for one in found for sample in _samples(one, images, annotations)]
    except (KeyError, TypeError) as error:
        raise AnnotationError(
            f"{references.name} or {instances.name} lacks {error}; give gRefCOCO's"
        ) from error
    if not samples:
        raise AnnotationError(f"{references.name} has no reference of split {split!r}")
    return samples


def _samples(
    reference: Mapping[str, Any], images: Mapping[int, Any], annotations: Mapping[int, Any]
) -> Iterator[Sample]:
    image = images[reference["image_id"]]
    named = reference["ann_id"]
    named = named if isinstance(named, list) else [named]
    meant = [annotations[one] for one in named if one != _NO_TARGET]
    if any(one["image_id"] != image["id"] for one in meant):
        raise AnnotationError(f"Reference {reference['ref_id']} means an annotation of another image")
    segmentations = tuple(_valid(one["segmentation"] for one in meant if not one["iscrowd"]))
    if meant and not segmentations:
        raise AnnotationError(
            f"Reference {reference['ref_id']} has targets, but no mask of them can be drawn"
        )
    for sentence in reference["sentences"]:
        text = sentence["raw"] if "raw" in sentence else sentence["sent"]
        yield Sample(image["file_name"], image["height"], image["width"], text, segmentations)


def _valid(segmentations: Iterable[Segmentation]) -> Iterator[Segmentation]:
    """Leave out polygons of fewer than three corners, as the published loader does."""
    for one in segmentations:
        if isinstance(one, Mapping):
            yield one
        elif kept := [
            polygon for polygon in one if len(polygon) >= _SMALLEST_POLYGON and len(polygon) % 2 == 0
        ]:
            yield kept


def _decode(run_length: Mapping[str, Any], sample: Sample, height: int, width: int) -> NDArray[np.bool_]:
    if tuple(run_length["size"]) != (sample.height, sample.width):
        raise AnnotationError(f"A run length of {sample.file_name} is not of the image's size")
    if isinstance(run_length["counts"], list):  # uncompressed
        run_length = coco.frPyObjects(run_length, sample.height, sample.width)
    return nearest(_drawn(run_length), (height, width)).astype(bool)


def _drawn(run_length: Mapping[str, Any]) -> NDArray[np.uint8]:
    with warnings.catch_warnings():
        # pycocotools 2.0.11 gives numpy 2 an array without the `copy` keyword, which works.
        warnings.filterwarnings("ignore", "__array__ implementation", DeprecationWarning)
        return np.ascontiguousarray(coco.decode(run_length), dtype=np.uint8)


def _read(path: Path) -> Any:
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise AnnotationError(f"{path.name} is missing or no JSON; give gRefCOCO's file") from error
