"""Gold plans become tags from which they can be told again."""

import json
from pathlib import Path

import pytest
from langdesign_reference.lexicon import load_lexicon
from langdesign_reference.parser import spelt
from langdesign_reference.scoring import is_exact
from langdesign_reference.tagging.composing import reading_of
from langdesign_reference.tagging.passages import VALUE
from langdesign_tagger.aligning import aligned

SETS = Path(__file__).parents[3] / "tests" / "benchmark" / "references"


def rows(name: str) -> list[dict]:
    return [json.loads(line) for line in (SETS / f"{name}.jsonl").read_text("utf-8").splitlines()]


def aligned_row(row: dict):
    lexicon = load_lexicon(row["language"])
    words, corrections = spelt(row["instruction"], lexicon)
    return words, aligned(row, words, lexicon), corrections, lexicon


@pytest.mark.parametrize("name", ["everyday", "overheard"])
def test_a_plan_is_told_again_by_its_tags(name):
    missed = []
    for row in rows(name):
        words, passages, corrections, lexicon = aligned_row(row)
        if not is_exact(reading_of(row["instruction"], words, passages, corrections, lexicon), row):
            missed.append(row["instruction"])
    assert not missed


def test_each_edit_is_cut_from_the_others_at_what_joins_them():
    row = {
        "instruction": "Paint the wall blue and the door red, then remove it",
        "language": "en",
        "edits": [
            edit("recolour", "the wall", "blue"),
            edit("recolour", "the door", "red"),
            edit("remove", "the door", ""),
        ],
    }
    words, passages, *_ = aligned_row(row)
    starts = [words[one.start].text for one in passages]
    assert starts == ["Paint", "and", ","]
    assert [one.implied for one in passages] == ["", "", "T"]


def test_a_value_is_what_the_english_must_say_with_what_describes_it():
    row = {
        "instruction": "hang a round mirror above the sideboard",
        "language": "en",
        "edits": [
            {
                "operation": "add",
                "scope": "region",
                "references": [{"expression": "the sideboard", "role": "anchor"}],
                "says": ["mirror", "sideboard"],
                "silent": [],
            }
        ],
    }
    words, passages, *_ = aligned_row(row)
    values = [" ".join(word.text for word in words[one.first : one.end]) for one in passages[0].of(VALUE)]
    assert values == ["a round mirror"]


def test_a_reference_that_cuts_a_word_is_refused():
    row = {"instruction": "remove the lampshade", "language": "en", "edits": [edit("remove", "the lamp", "")]}
    with pytest.raises(ValueError, match="the lamp"):
        aligned_row(row)


def edit(operation: str, target: str, value: str) -> dict:
    return {
        "operation": operation,
        "scope": "region",
        "references": [{"expression": target, "role": "target"}],
        "says": [target.rsplit(maxsplit=1)[-1], *([value] if value else [])],
        "silent": [],
    }
