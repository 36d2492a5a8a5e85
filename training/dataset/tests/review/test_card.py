import dataclasses
import re
from pathlib import Path

from langdesign_dataset.review import write_card
from langdesign_dataset.samples import SampleSet, excerpt, write_samples
from PIL import Image

from ..samples.conftest import make_sample


def test_the_card_says_what_the_set_is(samples: SampleSet) -> None:
    text = write_card(samples, title="Chairs").read_text()
    assert text.startswith("---\nlicense: apache-2.0\n")
    assert "\n# Chairs\n\n6 pairs of pictures" in text
    for line in (
        f"| digest | `{samples.digest}` |",
        "| alter | 6 | 100.0% |",
        "| chair | 6 | 100.0% |",
        "| rendered | 6 | 100.0% |",
        "| rendered | 10 | 6 | 60.0% |",
        "| leak | 4 | 40.0% |",
        "| leak | 6 | 0.000 | 0.300 | 0.500 |",
        "| leak | 0.55 |",
        "| render | `scenes@sha256:00` |",
        "| licence | Apache-2.0 (6) |",
    ):
        assert line in text
    assert "All pairs are of one operation (alter)" in text


def test_the_card_shows_pictures_of_kept_and_failed_pairs(samples: SampleSet) -> None:
    write_card(samples)
    with Image.open(samples.folder / "samples.jpg") as sheet:
        assert sheet.width > 1000
        assert sheet.height > 4 * 117


def test_equal_sets_get_equal_cards(samples: SampleSet, tmp_path: Path) -> None:
    again = write_samples(
        tmp_path / "again", [*samples, *samples.failures()], recipe=samples.manifest["recipe"]
    )
    for one in (samples, again):
        write_card(one, title="Chairs")
    for name in ("README.md", "samples.jpg"):
        assert (samples.folder / name).read_bytes() == (again.folder / name).read_bytes()


def test_many_subjects_and_odd_values_keep_the_tables_whole(tmp_path: Path) -> None:
    made = [make_sample(number) for number in range(25)]
    made = [
        dataclasses.replace(one, triple=dataclasses.replace(one.triple, subject=f"thing {place:02d}"))
        for place, one in enumerate(made)
    ]
    written = write_samples(
        tmp_path, made, recipe={"odd|name": "a|b\nc", "nested": {"seed": 0, "bound": None}}
    )
    text = write_card(written).read_text()
    assert "| 5 others | 5 | 20.0% |" in text
    assert r"| odd\|name | a\|b c |" in text
    assert "| nested.seed | 0 |" in text
    assert "nested.bound" not in text
    for table in re.findall(r"(?:^\|.*\n)+", text, re.MULTILINE):
        assert len({len(re.findall(r"(?<!\\)\|", line)) for line in table.splitlines()}) == 1


def test_a_set_whose_pairs_were_all_dropped_has_a_card_too(tmp_path: Path) -> None:
    dropped = write_samples(tmp_path, [make_sample(0, verdict="seam", reason="A seam shows.")], recipe={})
    text = write_card(dropped).read_text()
    assert "Of 1 pairs that reached the gates, 0 passed all (0.0%)." in text
    assert "| seam | 1 | 100.0% |" in text


def test_the_card_of_an_excerpt_tells_no_yield(samples: SampleSet, tmp_path: Path) -> None:
    text = write_card(excerpt(samples, tmp_path / "few", kept=2, dropped=1)).read_text()
    assert f"This is an excerpt of the set `{samples.digest}`." in text
    assert "yield" not in text.lower()
    assert "| leak | 0.55 |" in text
