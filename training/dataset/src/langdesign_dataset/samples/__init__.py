"""Samples on disk and in other layouts; needs numpy, Pillow and pyarrow alone."""

from ..errors import DatasetError, LabelError, LayoutError, SampleError, SampleSetError
from .edit_layout import EditDataset, ImagePair, Part, Prompt, write_edit_dataset
from .excerpt import excerpt, spread
from .interchange import export_edit_dataset, import_edit_dataset
from .reading import SampleSet
from .sample import KEPT, Sample, decode_picture, encode_mask, encode_picture, picture_format, sample_key
from .writing import SampleWriter, write_samples

__all__ = [
    "KEPT",
    "DatasetError",
    "EditDataset",
    "ImagePair",
    "LabelError",
    "LayoutError",
    "Part",
    "Prompt",
    "Sample",
    "SampleError",
    "SampleSet",
    "SampleSetError",
    "SampleWriter",
    "decode_picture",
    "encode_mask",
    "encode_picture",
    "excerpt",
    "export_edit_dataset",
    "import_edit_dataset",
    "picture_format",
    "sample_key",
    "spread",
    "write_edit_dataset",
    "write_samples",
]
