"""A set with failures, and labels for it."""

from pathlib import Path

import pytest
from langdesign_dataset.review import Labels
from langdesign_dataset.samples import SampleSet, write_samples

from ..samples.conftest import make_sample


@pytest.fixture
def samples(tmp_path: Path) -> SampleSet:
    """Six kept samples with a leak of 0.0 to 0.5, and four that were dropped for a leak of 0.6 to 0.9."""
    made = [
        make_sample(number, scores={"leak": number / 10, "judge": 1 - number / 10}) for number in range(6)
    ]
    made += [
        make_sample(
            number,
            scores={"leak": number / 10},
            verdict="leak",
            reason=f"{number}0% changed <outside> & more.",
        )
        for number in range(6, 10)
    ]
    return write_samples(tmp_path / "set", made, recipe={"name": "tiny", "gates": {"leak": 0.55}})


@pytest.fixture
def labels(samples: SampleSet) -> Labels:
    """People keep a leak up to 0.3, and 0.6 too."""
    everything = [*samples, *samples.failures()]
    kept = {one.key: one.scores["leak"] for one in everything}
    return Labels(
        samples.digest, {key: "keep" if leak <= 0.3 or leak == 0.6 else "drop" for key, leak in kept.items()}
    )
