import dataclasses
from pathlib import Path

import pytest
from langdesign_dataset.samples import SampleSet, SampleSetError, excerpt, write_samples
from langdesign_triples import Change

from .conftest import Make


@pytest.fixture
def samples(make: Make, tmp_path: Path) -> SampleSet:
    """Nine kept samples that alter, one that removes, and failures of two gates."""
    made = [make(number) for number in range(10)]
    made[9] = dataclasses.replace(made[9], triple=dataclasses.replace(made[9].triple, change=Change.REMOVE))
    made += [make(n, verdict="leak" if n < 15 else "seam", reason="it fails") for n in range(10, 16)]
    return write_samples(tmp_path / "set", made, recipe={"name": "tiny"})


def test_an_excerpt_holds_rare_kinds_first(samples: SampleSet, tmp_path: Path) -> None:
    few = excerpt(samples, tmp_path / "few", kept=2, dropped=2)
    assert sorted(one.triple.change for one in few) == ["alter", "remove"]
    assert sorted(one.verdict for one in few.failures()) == ["leak", "seam"]
    assert few.manifest["recipe"] == {"name": "tiny", "excerpt_of": samples.digest}


def test_an_excerpt_may_leave_sources_out(samples: SampleSet, make: Make, tmp_path: Path) -> None:
    other = make(20, source="imported")
    both = write_samples(tmp_path / "both", [*samples, other], recipe={})
    few = excerpt(both, tmp_path / "few", kept=50, dropped=0, sources=["imported"])
    assert few.keys == (other.key,)


def test_an_excerpt_is_no_larger_than_its_set(samples: SampleSet, tmp_path: Path) -> None:
    all_of_it = excerpt(samples, tmp_path / "all", kept=50, dropped=50)
    assert all_of_it.digest == samples.digest
    with pytest.raises(SampleSetError, match="No sample"):
        excerpt(samples, tmp_path / "none", kept=0, dropped=0)
