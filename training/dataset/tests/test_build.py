import dataclasses
import math
import pickle
import resource
import shutil
import signal
import subprocess
import sys

import numpy as np
import pytest
from langdesign_dataset.errors import BuildError, RecipeError, SourceError, StorageError
from langdesign_dataset.models import Models
from langdesign_dataset.pipeline import Cluster, build, read_report
from langdesign_dataset.recipes import Budget, Gates, Sampling, preset
from langdesign_triples import Change

from .conftest import LENIENT, TRIPLES, recipe

HERE = Cluster(workers=0)


def files_of(folder):
    """All bytes of a finished set; the blocks of work beside it are no part of it."""
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and "stages" not in path.parts
    }


@pytest.fixture(scope="module")
def built(triples, models, scenes, tmp_path_factory):
    out = tmp_path_factory.mktemp("built")
    build(recipe(), triples, models, out, scenes, cluster=HERE)
    return out


def test_every_candidate_of_every_triple_and_every_rendered_edit_is_in_the_set(
    built, triples, models, scenes
):
    made = build(recipe(), triples, models, built, scenes, cluster=HERE)
    samples = [*made, *made.failures()]
    counts = {source: sum(one.source == source for one in samples) for source in ("rendered", "inverted")}
    assert counts["rendered"] == 3 * 4
    generated = [one for one in samples if one.source == "prompt-to-prompt"]
    assert len(generated) == 2 + 3 + 2
    assert counts["inverted"] == 7  # all three triples tell how to go back
    assert {one.triple for one in samples if one.source == "prompt-to-prompt"} == {
        one for one in TRIPLES if one.change is not Change.NONE
    }


def test_a_sample_says_what_made_it_and_what_judged_it(built, triples, models, scenes):
    made = build(recipe(), triples, models, built, scenes, cluster=HERE)
    one = next(sample for sample in made if sample.source == "prompt-to-prompt")
    assert set(one.models) == {"generate", "clip", "segment"}
    assert all("@sha256:" in name for name in one.models.values())
    assert 0.1 <= one.parameters["share"] <= 0.9
    assert 7.5 <= one.parameters["guidance_scale"] <= 15
    assert {"clip_image", "clip_direction", "backward", "region", "inside"} <= set(one.scores)
    assert one.licence == "CC0-1.0"
    assert one.region().shape == (32, 32)


def test_rendered_pairs_bring_their_exact_region_and_pass_every_gate(triples, models, scenes, tmp_path):
    strict = Gates(clip_image=2.0)
    made = build(recipe(gates=strict), triples, models, tmp_path, scenes, cluster=HERE)
    assert {one.source for one in made} == {"rendered"}
    recoloured = next(one for one in made if one.triple.edit == "make the chair blue")
    before, after = recoloured.pictures()
    assert np.array_equal(recoloured.region(), (before != after).any(axis=2))
    assert recoloured.triple.target_after == "the blue chair"
    unchanged = next(one for one in made if one.triple.change is Change.NONE)
    assert not unchanged.region().any()


def test_what_a_gate_drops_is_kept_with_its_reason(triples, models, scenes, tmp_path):
    made = build(recipe(gates=Gates(clip_image=2.0)), triples, models, tmp_path, scenes, cluster=HERE)
    failures = list(made.failures())
    assert len(failures) == 8
    assert {one.verdict for one in failures} == {"clip_image"}
    assert all("at least 2" in one.reason for one in failures)
    line = next(one for one in read_report(tmp_path).stages if one.stage == "likeness")
    assert (line.taken, line.passed, line.dropped) == (8, 0, {"clip_image": 8})


def test_a_pair_told_the_other_way_round_swaps_pictures_captions_and_scores(built, triples, models, scenes):
    made = build(recipe(), triples, models, built, scenes, cluster=HERE)
    back = next(one for one in made if one.source == "inverted" and one.triple.change is Change.ADD)
    forth = next(one for one in made if one.seed == back.seed and one.source == "prompt-to-prompt")
    assert (back.before, back.after) == (forth.after, forth.before)
    assert (back.triple.input, back.triple.output) == (forth.triple.output, forth.triple.input)
    assert back.scores["clip_text_before"] == forth.scores["clip_text_after"]
    assert back.scores["backward"] == forth.scores["forward"]


def test_a_no_op_names_something_absent_and_changes_nothing(triples, models, tmp_path):
    gates = dataclasses.replace(
        LENIENT, no_target=0.0
    )  # with random weights whatever is looked for is absent
    made = build(recipe(gates=gates), triples, models, tmp_path, cluster=HERE)
    written = [one for one in made if one.triple.change is Change.NONE]
    assert written
    for one in written:
        assert one.before == one.after
        thing = one.triple.target_before.removeprefix("the ")
        assert thing in one.triple.edit
        assert thing not in one.triple.input


def test_a_build_killed_at_any_point_ends_byte_for_byte_like_an_unbroken_one(built, killed, tmp_path, figure):
    kills, draw = 0, np.random.default_rng(0)
    while killed(int(draw.integers(1, 30 + 10 * kills)), tmp_path):
        kills += 1
    assert kills >= 5
    different = len(set(files_of(tmp_path).items()) ^ set(files_of(built).items()))
    figure(
        f"promise 16: of a data set's build killed {kills} times at file operations {different} files "
        "differ from an unbroken one's",
        kills=kills,
        different=different,
    )
    assert files_of(tmp_path) == files_of(built)


@pytest.mark.long
@pytest.mark.timeout(3600)  # two builds at each of some hundred points
def test_a_build_killed_at_every_single_file_operation_ends_like_an_unbroken_one(
    built, killed, tmp_path, figure
):
    kills = 0
    for place in range(1, 1000):
        out = tmp_path / str(place)
        if not killed(place, out):
            break
        kills += 1
        assert not killed(sys.maxsize, out)
        assert files_of(out) == files_of(built), place
        shutil.rmtree(out)
    figure(f"promise 16, long: each of {kills} points of a build at which it was killed", kills=kills)


_BUILDS = """
import os, pickle, signal, sys
from pathlib import Path
from langdesign_dataset.pipeline import build

with open(sys.argv[1], "rb") as file:
    recipe, triples, models, scenes, cluster = pickle.load(file)
for line in sys.stdin:
    operations, out = line.rstrip("\\n").split(" ", 1)
    child = os.fork()
    if child == 0:
        left = [int(operations)]
        counted = {"open", "os.rename", "os.remove", "os.mkdir", "os.rmdir"}

        def count(event, arguments):
            if event in counted and out in str(arguments[:2]):
                left[0] -= 1
                if left[0] < 0:
                    os.kill(os.getpid(), signal.SIGKILL)

        sys.addaudithook(count)
        build(recipe, triples, models, Path(out), scenes, cluster=cluster)
        os._exit(0)
    print(os.waitpid(child, 0)[1], flush=True)
"""


@pytest.fixture
def killed(triples, models, scenes, tmp_path_factory):
    """Build in a process that is killed at its n-th file operation below `out`; tell whether it was.

    The processes are forked off one that has imported all and runs no thread, as this one does.
    """
    work = tmp_path_factory.mktemp("killed") / "work.pickle"
    work.write_bytes(pickle.dumps((recipe(), triples, models, scenes, HERE)))
    command = [sys.executable, "-c", _BUILDS, str(work)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as parent:

        def build_once(operations, out):
            parent.stdin.write(f"{operations} {out}\n")
            parent.stdin.flush()
            status = int(parent.stdout.readline())
            assert status in {0, signal.SIGKILL}, "the build failed"
            return status != 0

        yield build_once
        parent.stdin.close()


def test_a_build_that_is_done_does_nothing_again(built, triples, models, scenes):
    blocks = {path: path.stat().st_mtime_ns for path in (built / "stages").rglob("*.block")}
    shares = []
    build(recipe(), triples, models, built, scenes, lambda stage, share: shares.append(share), cluster=HERE)
    assert set(shares) == {1.0}
    assert {path: path.stat().st_mtime_ns for path in (built / "stages").rglob("*.block")} == blocks


def test_a_looser_gate_makes_no_pair_again(triples, models, tmp_path):
    build(recipe(gates=dataclasses.replace(LENIENT, clip_image=0.9)), triples, models, tmp_path, cluster=HERE)
    pairs = {path: path.stat().st_mtime_ns for path in (tmp_path / "stages/pairs").iterdir()}
    build(recipe(), triples, models, tmp_path, cluster=HERE)
    assert {path: path.stat().st_mtime_ns for path in (tmp_path / "stages/pairs").iterdir()} == pairs


@pytest.mark.parametrize("damage", ["truncated", "flipped", "empty"])
@pytest.mark.parametrize("stage", ["pairs", "likeness"])
def test_a_damaged_block_is_computed_again(built, triples, models, scenes, tmp_path, stage, damage):
    shutil.copytree(built, tmp_path / "copy")
    block = min((tmp_path / "copy/stages" / stage).iterdir())
    whole = block.read_bytes()
    block.write_bytes(
        {"truncated": whole[:-9], "flipped": whole[:-1] + bytes([whole[-1] ^ 1]), "empty": b""}[damage]
    )
    build(recipe(), triples, models, tmp_path / "copy", scenes, cluster=HERE)
    assert files_of(tmp_path / "copy") == files_of(built)
    assert block.read_bytes().partition(b"\n")[2] == whole.partition(b"\n")[2]


def test_a_full_disk_is_told_with_what_to_do_and_loses_nothing(triples, models, tmp_path):
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(
        resource.RLIMIT_FSIZE, (2000, hard)
    )  # no larger file can be written, as on a full disk
    try:
        with pytest.raises(StorageError, match=r"make room .* and build again"):
            build(recipe(), triples, models, tmp_path, cluster=HERE)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert not list(tmp_path.rglob("*.draft"))
    assert len(build(recipe(), triples, models, tmp_path, cluster=HERE))


def test_the_budget_of_candidates_takes_the_first_triples(triples, models, tmp_path):
    made = build(recipe(budget=Budget(candidates=6)), triples, models, tmp_path, cluster=HERE)
    assert {one.triple.edit for one in made if one.source == "prompt-to-prompt"} == {
        "Make the chair blue",
        "Remove the sofa",
    }
    assert not read_report(tmp_path).complete


def test_no_minutes_make_no_pairs_and_leave_what_is_rendered(triples, models, scenes, tmp_path):
    made = build(recipe(budget=Budget(minutes=0.0)), triples, models, tmp_path, scenes, cluster=HERE)
    assert {one.source for one in made} == {"rendered"}
    assert not read_report(tmp_path).complete


def test_more_triples_leave_the_pairs_of_the_first_as_they_were(built, triples, models, tmp_path):
    few = build(recipe(triples=2), triples, models, tmp_path, cluster=HERE)
    keys = {one.key: one for one in few if one.source == "prompt-to-prompt"}
    more = build(recipe(), triples, models, tmp_path, cluster=HERE)
    again = {one.key: one for one in more if one.key in keys}
    assert len(again) == 5
    assert all(again[key].before == one.before for key, one in keys.items())


def test_what_is_missing_is_named_before_any_work(triples, models, tmp_path):
    elsewhere = Models(tmp_path / "none", models.clip, models.segment)
    with pytest.raises(SourceError, match="name a folder that holds one to generate"):
        build(recipe(), triples, elsewhere, tmp_path / "out", cluster=HERE)
    with pytest.raises(SourceError, match="write them again"):
        build(recipe(), tmp_path / "none.jsonl", models, tmp_path / "out", cluster=HERE)
    with pytest.raises(BuildError, match="holds no rendered set"):
        build(recipe(), triples, models, tmp_path / "out", tmp_path / "none", cluster=HERE)
    assert not (tmp_path / "out").exists()


def test_a_wrong_model_is_told_by_its_stage(triples, models, tmp_path):
    swapped = Models(models.clip, models.clip, models.segment)
    with pytest.raises(BuildError, match="Stage pairs: unet has no"):
        build(recipe(), triples, swapped, tmp_path, cluster=HERE)


def test_recipes_differ_by_digest_and_refuse_what_makes_no_sense():
    assert recipe().digest == recipe().digest != recipe(seed=1).digest
    with pytest.raises(RecipeError, match="choose one of tiny, mini, full"):
        preset("huge")
    for name in ("tiny", "mini", "full"):
        assert preset(name).name == name
    with pytest.raises(RecipeError, match=r"outside 0\.\.1"):
        recipe(no_op_share=1.5)


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"triples": 0}, "triples is below 1"),
        ({"gates": Gates(clip_image=math.nan)}, r"gates\.clip_image is not finite"),
        ({"gates": Gates(leak=math.inf)}, r"gates\.leak is not finite"),
        ({"gates": Gates(region=(0.0, math.nan))}, r"gates\.region is not finite"),
        ({"gates": Gates(kept=0)}, r"gates\.kept is below 1"),
        ({"sampling": Sampling(side=0)}, r"sampling\.side is below 8"),
        ({"sampling": Sampling(object_candidates=0)}, r"sampling\.object_candidates is below 1"),
        ({"sampling": Sampling(room_candidates=0)}, r"sampling\.room_candidates is below 1"),
        ({"sampling": Sampling(no_op_candidates=-1)}, r"sampling\.no_op_candidates is below 1"),
        ({"budget": Budget(candidates=-1)}, r"budget\.candidates is below 0"),
        ({"budget": Budget(minutes=-1.0)}, r"budget\.minutes is -1\.0, not finite and 0 or more"),
        ({"budget": Budget(minutes=math.nan)}, r"budget\.minutes is nan"),
        ({"budget": Budget(dollars=math.inf)}, r"budget\.dollars is inf"),
        ({"budget": Budget(dollars=-0.5)}, r"budget\.dollars is -0\.5"),
    ],
)
def test_a_number_that_makes_no_sense_is_refused_by_its_name(changed, said):
    with pytest.raises(RecipeError, match=f"^Recipe test: {said}.*; correct it$"):
        recipe(**changed)


def test_the_ends_of_the_ranges_are_accepted():
    one = Sampling(side=8, object_candidates=1, room_candidates=1, no_op_candidates=1)
    none = Budget(candidates=0, minutes=0.0, dollars=0.0)
    assert recipe(triples=1, sampling=one, budget=none).budget == none


def test_a_side_that_the_generator_cannot_draw_is_refused_before_any_work(triples, models, scenes, tmp_path):
    odd = dataclasses.replace(recipe().sampling, side=40)
    with pytest.raises(RecipeError, match=r"sampling\.side is 40 pixels, no multiple of the 16 of"):
        build(recipe(sampling=odd), triples, models, tmp_path / "out", scenes, cluster=HERE)
    assert not (tmp_path / "out").exists()
