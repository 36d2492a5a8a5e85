import json
import shutil
import threading
from dataclasses import replace

import pytest
from langdesign_specialise.errors import RecipeError
from langdesign_specialise.workspace import Workspace


class CutError(Exception):
    pass


def writing(text, log):
    def make(folder):
        log.append(text)
        (folder / "file").write_text(text)

    return make


def test_a_stage_is_done_once(tmp_path):
    log = []
    first = Workspace(tmp_path).stage("triples", {"seed": 1}, writing("one", log))
    again = Workspace(tmp_path).stage("triples", {"seed": 1}, writing("two", log))
    assert log == ["one"]
    assert (again.folder / "file").read_text() == "one"
    assert (again.folder, again.digest) == (first.folder, first.digest)


def test_other_inputs_are_another_folder_and_the_first_stays(tmp_path):
    log = []
    work = Workspace(tmp_path)
    first = work.stage("triples", {"seed": 1}, writing("one", log))
    second = work.stage("triples", {"seed": 2}, writing("two", log))
    assert first.folder != second.folder
    assert (first.folder / "file").read_text() == "one"


def test_a_stage_that_was_cut_is_handed_over_as_it_was_left(tmp_path):
    def cut(folder):
        (folder / "half").write_text("kept")
        raise CutError

    def rest(folder):
        assert (folder / "half").read_text() == "kept"
        (folder / "file").write_text("whole")

    with pytest.raises(CutError):
        Workspace(tmp_path).stage("tune", {}, cut)
    done = Workspace(tmp_path).stage("tune", {}, rest)
    assert (done.folder / "file").read_text() == "whole"
    assert sorted(path.name for path in (tmp_path / "tune").iterdir()) == [done.digest, f"{done.digest}.json"]


def test_what_a_stage_was_made_from_is_written_beside_it(tmp_path):
    done = Workspace(tmp_path).stage("scenes", {"families": 4}, lambda folder: None)
    record = json.loads(done.folder.with_suffix(".json").read_text())
    assert (record["stage"], record["inputs"], record["digest"]) == ("scenes", {"families": 4}, done.digest)


def test_a_folder_that_cannot_be_made_is_told(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(RecipeError, match="give another --out"):
        Workspace(tmp_path / "file" / "below")


def test_two_runs_do_not_work_in_one_folder(tmp_path):
    first, second = Workspace(tmp_path).held(), Workspace(tmp_path).held()
    with first, pytest.raises(RecipeError, match="Another run works in"), second:
        pass
    with Workspace(tmp_path).held():
        pass


def test_a_stage_whose_effect_may_be_gone_is_done_again(tmp_path):
    log = []
    for _ in range(2):
        Workspace(tmp_path).stage("register", {}, writing("one", log), again=True)
    assert log == ["one", "one"]


def test_runs_that_share_their_stages_do_each_once(tmp_path):
    log = []
    shared = tmp_path / "shared"
    first = Workspace(tmp_path / "a", shared).stage("tune", {"seed": 1}, writing("one", log))
    second = Workspace(tmp_path / "b", shared).stage("tune", {"seed": 1}, writing("two", log))
    assert log == ["one"]
    assert first.folder == second.folder
    with Workspace(tmp_path / "a", shared).held(), Workspace(tmp_path / "b", shared).held():
        pass  # at the same time: only the stages are shared


def test_a_stage_that_another_run_does_is_waited_for_and_found_done(tmp_path):
    begun, go = threading.Event(), threading.Event()
    log = []

    def slow(folder):
        begun.set()
        assert go.wait(20)
        writing("one", log)(folder)

    def other():
        done = Workspace(tmp_path / "b", tmp_path).stage("tune", {}, writing("two", log))
        log.append((done.folder / "file").read_text())

    first = threading.Thread(
        target=lambda: Workspace(tmp_path / "a", tmp_path).stage("tune", {}, slow), daemon=True
    )
    first.start()
    assert begun.wait(20)
    second = threading.Thread(target=other, daemon=True)
    second.start()
    go.set()
    for thread in (first, second):
        thread.join(20)
    assert log == ["one", "one"]


def test_a_stage_whose_folder_is_gone_is_not_done(tmp_path):
    log = []
    first = Workspace(tmp_path).stage("dataset", {}, writing("one", log))
    shutil.rmtree(first.folder)
    again = Workspace(tmp_path).stage("dataset", {}, writing("two", log))
    assert (again.folder / "file").read_text() == "two"
    assert again.digest == first.digest


def test_a_stage_whose_folder_was_gone_is_not_done_before_it_is_whole_again(tmp_path):
    def cut(folder):
        raise CutError

    log = []
    shutil.rmtree(Workspace(tmp_path).stage("dataset", {}, writing("one", log)).folder)
    with pytest.raises(CutError):
        Workspace(tmp_path).stage("dataset", {}, cut)
    Workspace(tmp_path).stage("dataset", {}, writing("two", log))
    assert log == ["one", "two"]


def test_a_stage_that_is_found_damaged_is_gone_on_with_and_a_whole_one_stays(tmp_path):
    log = []
    work = Workspace(tmp_path)
    done = work.stage("dataset", {}, writing("one", log))
    assert work.recheck("dataset", done, lambda folder: "") == ""
    work.stage("dataset", {}, writing("two", log))
    assert work.recheck("dataset", done, lambda folder: f"{folder.name} is torn") == f"{done.digest} is torn"
    work.stage("dataset", {}, writing("three", log))
    assert log == ["one", "three"]


def test_what_a_damaged_stage_took_before_counts(tmp_path):
    work = Workspace(tmp_path)
    done = replace(work.stage("dataset", {}, lambda folder: None), seconds=90.0)
    work.recheck("dataset", done, lambda folder: "it is torn")
    assert work.stage("dataset", {}, lambda folder: None).seconds >= 90.0


@pytest.mark.parametrize("torn", ["", '{"stage": "tune", "sec', "[]", '{"seconds": "?"}'])
def test_a_stage_whose_record_is_torn_is_not_done(tmp_path, torn):
    log = []
    work = Workspace(tmp_path)
    done = work.stage("tune", {}, writing("one", log), files=("file",))
    done.folder.with_suffix(".json").write_text(torn)
    assert work.damaged("tune", done) == ()
    work.stage("tune", {}, writing("two", log))
    assert log == ["one", "two"]
