"""Samples to write and read."""

from collections.abc import Callable

import numpy as np
import pytest
from langdesign_dataset.samples import Sample, encode_mask, encode_picture, sample_key
from langdesign_triples import Change, SubjectKind, Triple

Make = Callable[..., Sample]


@pytest.fixture
def make() -> Make:
    """Return a function that makes sample number N, 24x16 pixels of noise; keywords replace fields."""
    return make_sample


def make_sample(number: int, **fields: object) -> Sample:
    rng = np.random.default_rng(number)
    before = rng.integers(0, 256, (16, 24, 3)).astype(np.uint8)
    after, region = before.copy(), np.zeros((16, 24), np.bool_)
    region[4:9, 3 : 5 + number % 16] = True
    after[region] = 255 - after[region]
    colour = ("red", "green", "blue")[number % 3]
    triple = Triple(
        input=f"a grey chair, number {number}",
        edit=f"make the chair {colour}",
        output=f"a {colour} chair, number {number}",
        change=Change.ALTER,
        subject="chair",
        subject_kind=SubjectKind.OBJECT,
        target_before="the grey chair",
        target_after=f"the {colour} chair",
    )
    told: dict[str, object] = {
        "key": sample_key(triple, "rendered", number),
        "triple": triple,
        "before": encode_picture(before),
        "after": encode_picture(after),
        "mask": encode_mask(region),
        "source": "rendered",
        "seed": number,
        "models": {"render": "scenes@sha256:00"},
        "licence": "Apache-2.0",
    }
    return Sample(**(told | fields))  # type: ignore[arg-type]
