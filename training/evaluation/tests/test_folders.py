import json
import shutil

import numpy as np
import pytest
from langdesign_evaluation import AnswerError, FolderEditor, choice_digest, export
from PIL import Image


@pytest.fixture
def answers(cases, tmp_path):
    """What an editor that returns the exported pictures would write."""
    export(cases, tmp_path / "cases")
    shutil.copy(tmp_path / "cases" / "digest.txt", tmp_path / "cases" / "before")
    return tmp_path / "cases" / "before"


def test_exported_cases_say_what_to_do(cases, answers):
    rows = [json.loads(line) for line in (answers.parent / "cases.jsonl").read_text().splitlines()]
    assert [row["id"] for row in rows] == [case.id for case in cases]
    assert rows[0]["instruction"] == cases[0].edit.instruction
    for row, case in zip(rows, cases, strict=True):
        assert (np.asarray(Image.open(answers.parent / row["picture"])) == case.before()).all()
        assert (np.asarray(Image.open(answers.parent / row["region"])) == 255 * case.region()).all()
    assert (answers.parent / "digest.txt").read_text().strip() == choice_digest(cases)


def test_pictures_of_a_folder_are_its_answers(cases, answers):
    editor = FolderEditor("theirs", answers)
    assert editor.region == "none"
    for case, outcome in zip(cases, editor.edit(cases), strict=True):
        assert (outcome.picture == case.before()).all()
        assert outcome.mask is None
        assert outcome.seconds is None


def test_masks_beside_the_pictures_are_read(cases, answers):
    Image.fromarray(np.zeros((64, 64), np.uint8)).save(answers / "0000.mask.png")
    editor = FolderEditor("theirs", answers)
    first, second, *_ = editor.edit(cases)
    assert editor.region == "found"
    assert first.no_op
    assert not second.no_op


def test_a_missing_answer_names_the_hint(cases, answers):
    (answers / "0001.png").unlink()
    with pytest.raises(AnswerError, match=r"0001\.png is missing.*--export"):
        list(FolderEditor("theirs", answers).edit(cases))


def test_an_answer_of_another_size_is_refused(cases, answers):
    Image.fromarray(np.zeros((32, 64, 3), np.uint8)).save(answers / "0000.png")
    with pytest.raises(AnswerError, match="64x32 px, its case 64x64"):
        list(FolderEditor("theirs", answers).edit(cases))


def test_a_broken_answer_is_refused(cases, answers):
    (answers / "0000.png").write_bytes(b"no picture")
    with pytest.raises(AnswerError, match="no picture that can be read"):
        list(FolderEditor("theirs", answers).edit(cases))


def test_answers_that_do_not_say_what_they_answer_are_refused_at_once(cases, answers):
    (answers / "digest.txt").unlink()
    with pytest.raises(AnswerError, match=r"digest\.txt is missing.*copy it there from .*--export"):
        FolderEditor("theirs", answers).edit(cases)


@pytest.mark.parametrize("told", [b"sha256:00\n", b"", b"\xff\xfe"])
def test_answers_to_other_cases_are_refused_at_once(cases, answers, told):
    (answers / "digest.txt").write_bytes(told)
    with pytest.raises(AnswerError, match=r"digest\.txt is of other cases.*--seed.*or export anew"):
        FolderEditor("theirs", answers).edit(cases)


def test_answers_to_all_cases_do_not_answer_a_part_of_them(cases, answers):
    with pytest.raises(AnswerError, match="other cases"):
        FolderEditor("theirs", answers).edit(cases[:2])
