"""The small set that stands in the repository."""

from pathlib import Path

import pytest
from langdesign_dataset.review import write_card
from langdesign_dataset.samples import SampleSet, write_samples

SAMPLE = Path(__file__).parents[2] / "sample"


@pytest.fixture(scope="module")
def sample() -> SampleSet:
    return SampleSet(SAMPLE)


def test_it_holds_twelve_pairs_of_every_operation_and_says_why_some_were_dropped(sample: SampleSet) -> None:
    kept, dropped = list(sample), list(sample.failures())
    assert len(kept) + len(dropped) == 12
    assert {one.triple.change.value for one in kept} == {"alter", "add", "remove", "replace", "none"}
    assert len({one.verdict for one in dropped}) == len(dropped)
    assert {one.source for one in kept} == {"rendered", "prompt-to-prompt", "inverted", "no-op"}
    for one in [*kept, *dropped]:
        before, after = one.pictures()
        assert before.shape == after.shape == (128, 128, 3)
        assert one.licence == "Apache-2.0"
        assert one.scores["clip_image"] <= 1 + 1e-6


def test_it_is_what_the_writer_makes_of_its_samples_today(sample: SampleSet, tmp_path: Path) -> None:
    again = write_samples(tmp_path, [*sample, *sample.failures()], recipe=sample.manifest["recipe"])
    assert again.digest == sample.digest
    assert write_card(again, title="A sample of twelve").read_text() == (SAMPLE / "README.md").read_text()


def test_its_card_shows_values_as_people_write_them(sample: SampleSet) -> None:
    text = (SAMPLE / "README.md").read_text()
    assert "| region | 0.002, 0.7 |" in text
    assert not [line for line in text.splitlines() if line.startswith("|") and {"{", "["} & set(line)]


def test_it_is_small(sample: SampleSet) -> None:
    assert sum(path.stat().st_size for path in SAMPLE.rglob("*") if path.is_file()) < 1e6
