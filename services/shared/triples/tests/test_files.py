"""Files of triples are whole or not there, and say what is wrong with them."""

import dataclasses

import pytest
from langdesign_triples import InvalidTriples, read_triples, write_triples

WHOLE = (
    '{"input": "a", "edit": "b", "output": "c", "change": "add", "subject": "s", "subject_kind": "room", '
    '"target_before": "", "target_after": "t"}'
)


def test_what_is_written_is_read(tmp_path, red_chair, bedroom):
    path = tmp_path / "made" / "triples.jsonl"
    assert write_triples(path, [red_chair, bedroom]) == 2
    assert list(read_triples(path)) == [red_chair, bedroom]


def test_letters_of_any_language_survive(tmp_path, red_chair):
    foreign = dataclasses.replace(red_chair, edit="Färbe den Stuhl blau, bitte 椅子")
    write_triples(tmp_path / "t.jsonl", [foreign])
    assert list(read_triples(tmp_path / "t.jsonl")) == [foreign]


def test_a_writer_that_fails_leaves_what_was_there(tmp_path, red_chair):
    path = tmp_path / "triples.jsonl"
    write_triples(path, [red_chair])

    def failing():
        yield red_chair
        raise RuntimeError("killed")

    with pytest.raises(RuntimeError, match="killed"):
        write_triples(path, failing())
    assert list(read_triples(path)) == [red_chair]
    assert [one.name for one in tmp_path.iterdir()] == ["triples.jsonl"]


@pytest.mark.parametrize(
    "line",
    [
        "no JSON",
        "[1, 2]",
        "{}",
        '{"input": "a", "edit": "b"}',
        WHOLE.replace('"a"', "1"),
        WHOLE.replace("add", "explode"),
        WHOLE.replace("}", ', "more": "x"}'),
    ],
)
def test_a_damaged_line_is_named(tmp_path, red_chair, line):
    path = tmp_path / "triples.jsonl"
    write_triples(path, [red_chair])
    path.write_text(path.read_text() + line + "\n")
    with pytest.raises(InvalidTriples, match=r"triples\.jsonl, line 2 is no triple.*remove the line"):
        list(read_triples(path))


def test_a_file_that_is_missing_or_no_text_is_an_error(tmp_path):
    with pytest.raises(InvalidTriples, match="cannot be read"):
        list(read_triples(tmp_path / "none.jsonl"))
    (tmp_path / "b.jsonl").write_bytes(b"\xff\xfe\xff")
    with pytest.raises(InvalidTriples, match="cannot be read"):
        list(read_triples(tmp_path / "b.jsonl"))


def test_a_place_that_cannot_be_written_is_an_error(tmp_path, red_chair):
    (tmp_path / "file").write_text("")
    with pytest.raises(InvalidTriples, match="cannot be written"):
        write_triples(tmp_path / "file" / "triples.jsonl", [red_chair])
