import json
from pathlib import Path

import pytest
from langdesign_diffusion.random_weights import random_checkpoint
from langdesign_evaluation.cases import open_set
from langdesign_evaluation.comparing import compare
from langdesign_evaluation.guidance import Trial, Trials, best, try_guidance
from langdesign_evaluation.sources import Scenes

BASE = Trial(2.0, 1.0, clip_dir=0.2, outside_psnr=23.0, false_edit_rate=0.8)
MARGINS = {"psnr_margin": 0.5, "false_edit_margin": 0.05}


def trial(text, along, outside=23.0, edited=0.8):
    return Trial(text, 1.0, clip_dir=along, outside_psnr=outside, false_edit_rate=edited)


@pytest.mark.parametrize(
    ("tried", "chosen"),
    [
        ([trial(2, 0.20), trial(3, 0.25), trial(4, 0.24)], 3),  # the furthest along
        ([trial(2, 0.20), trial(3, 0.25, outside=22.4), trial(4, 0.24)], 4),  # of those that keep the picture
        ([trial(2, 0.20), trial(3, 0.25, edited=0.86), trial(4, 0.24, edited=0.84)], 4),  # and the no-ops
        ([trial(2, 0.20, edited=0.95), trial(3, 0.25, edited=0.9)], 3),  # none does: the fewest false edits
        ([trial(2, 0.20), trial(3, 0.20)], 2),  # of equals the tuned editor's own
        ([trial(2, None), trial(3, -0.1)], 2),  # what is not known is worth 0
        ([trial(2, 0.20, outside=None, edited=None), trial(3, 0.21, outside=None, edited=None)], 3),
    ],
)
def test_the_furthest_along_of_what_keeps_as_much_as_the_base_is_advised(tried, chosen):
    assert best(Trials(BASE, tuple(tried), no_ops=100), **MARGINS).guidance_scale == chosen


def test_one_no_op_more_is_no_reason_where_there_are_few():
    tried = Trials(BASE, (trial(2, 0.20), trial(3, 0.25, edited=0.9), trial(4, 0.26, edited=1.0)), no_ops=10)
    assert best(tried, **MARGINS).guidance_scale == 3


@pytest.fixture(scope="module")
def editors(tmp_path_factory):
    """Two editors of random weights, each with its own advice."""
    folder = tmp_path_factory.mktemp("editors")
    for seed, name in enumerate(("base", "tuned")):
        random_checkpoint("tiny", seed=seed).save(folder / name)
        advice = {"steps": 2, "guidance_scale": 2.0 + seed, "image_guidance_scale": 1.0}
        (folder / name / "sampling.json").write_text(json.dumps(advice))
    return folder


def test_a_trial_with_the_advised_guidance_says_what_a_comparison_says(
    editors, set_folder, models, tmp_path, monkeypatch
):
    judges = {"clip": models / "clip", "dino": models / "dino"}
    pair = editors / "base", editors / "tuned"
    tried: Trials = try_guidance(
        *pair, Scenes(open_set(set_folder)), [(5.0, 1.5)], **judges, out=tmp_path, edits=4, no_ops=2
    )
    assert tried.no_ops == 2
    assert [(one.guidance_scale, one.image_guidance_scale) for one in tried.tuned] == [(3.0, 1.0), (5.0, 1.5)]
    compared = compare(*pair, set_folder, **judges, out=tmp_path, limit=4, no_ops=2).metrics
    for name, one in (("base", tried.base), ("tuned", tried.tuned[0])):
        for key in ("clip_dir", "outside_psnr", "false_edit_rate"):
            assert getattr(one, key) == pytest.approx(compared[key][name].mean)
    assert tried.tuned[1].outside_psnr != tried.tuned[0].outside_psnr

    def edits_again(*_):
        raise AssertionError("edited again")

    monkeypatch.setattr("langdesign_evaluation.editors.EngineEditor.edit", edits_again)
    again = try_guidance(
        *pair, Scenes(open_set(Path(set_folder))), [(5.0, 1.5)], **judges, out=tmp_path, edits=4, no_ops=2
    )
    assert again == tried
