"""Samples on disk and in other layouts; needs numpy, Pillow and pyarrow alone."""

from ..errors import DatasetError, LabelError, LayoutError, SampleError, SampleSetError
from .edit_layout import EditDataset, ImagePair, Part, Prompt, write_edit_dataset

__all__ = [
    "DatasetError",
    "EditDataset",
    "ImagePair",
    "LabelError",
    "LayoutError",
    "Part",
    "Prompt",
    "SampleError",
    "SampleSetError",
    "write_edit_dataset",
]
