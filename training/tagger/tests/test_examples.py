"""Which rows are learned from."""

import json

from langdesign_tagger.examples import example_of, read_rows


def test_held_out_rows_are_not_read_and_writers_are(tmp_path):
    path = tmp_path / "some.jsonl"
    parts = [{"part": "held_out"}, {"writer": "ninth"}, {}]
    path.write_text("\n".join(json.dumps({"instruction": "x", **part}) for part in parts))
    assert [one["writer"] for one in read_rows([path])] == ["ninth", "some"]


def test_a_plan_whose_references_overlap_is_none_that_tags_tell():
    references = [{"expression": text, "role": "target"} for text in ("the lamp on the table", "the table")]
    edit = {"operation": "remove", "scope": "region", "references": references, "says": [], "silent": []}
    row = {"instruction": "remove the lamp on the table", "language": "en", "edits": [edit]}
    assert example_of(row, hinted=True) is None


def test_a_row_by_which_the_parser_was_mended_tells_nothing_of_it(examples):
    row = examples[0].row
    assert any(examples[0].sample.hints)
    assert not any(example_of(row, hinted=False).sample.hints)
