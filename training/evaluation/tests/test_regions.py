import json

import numpy as np
import pytest
from langdesign_edits import Verdict
from langdesign_edits.verdicts import Thresholds
from langdesign_evaluation.finders import answers, judged
from langdesign_evaluation.metrics import iou
from langdesign_evaluation.regions import Looked, certificates, figures, main, restraint
from langdesign_rela import Segmentation
from PIL import Image


def looked(absent: bool, no_target: float, verdict: Verdict, area: float = 0.1) -> Looked:
    return Looked(
        "no-op" if absent else "room", absent, no_target, area, verdict, None if absent else 0.5, None
    )


SEEN = [
    looked(False, 0.1, Verdict.FOUND),
    looked(False, 0.3, Verdict.FOUND, area=0.0),
    looked(False, 0.55, Verdict.UNCERTAIN),
    looked(False, 0.91, Verdict.NO_TARGET),
    looked(True, 0.2, Verdict.FOUND),
    looked(True, 0.65, Verdict.UNCERTAIN),
    looked(True, 0.99, Verdict.NO_TARGET),
    looked(True, 0.0, Verdict.UNKNOWN_WORD),
]


def test_figures_are_shares_of_what_shows_and_of_what_does_not() -> None:
    means = {name: one.mean for name, one in figures(SEEN).items()}
    assert means["present found"] == 0.5
    assert means["false certificates"] == means["present uncertain"] == 0.25
    assert means["false edits"] == means["absent certified"] == means["absent unknown"] == 0.25
    assert means["mask IoU"] == means["mask IoU, room"] == 0.5
    assert "mask IoU, single object" not in means
    assert all(one.low <= one.mean <= one.high for one in figures(SEEN).values())


def test_trade_offs_tell_what_each_threshold_would_cost() -> None:
    rows = {row["no_target_threshold"]: row for row in certificates(SEEN)}
    assert (rows[0.5]["false_certificates"], rows[0.5]["absent_certified"]) == (0.5, 0.5)
    assert (rows[0.9]["false_certificates"], rows[0.92]["false_certificates"]) == (0.25, 0.0)
    kept = {row["uncertain_threshold"]: row for row in restraint(SEEN, Thresholds())}
    assert (kept[0.6]["present_found"], kept[0.6]["false_edits"]) == (0.5, 0.25)
    assert (kept[0.7]["present_found"], kept[0.7]["false_edits"]) == (0.5, 0.5)
    assert (kept[0.1]["present_found"], kept[0.1]["false_edits"]) == (0.0, 0.0)


def test_the_command_writes_its_figures_and_ends_where_the_set_is_missing(
    set_folder, models, tmp_path, capsys
) -> None:
    asked = ["--models", str(models), "--out", str(tmp_path), "--device", "cpu"]
    assert main(["--data", str(set_folder), "--json", *asked]) == 0
    report = json.loads(capsys.readouterr().out)
    assert report == json.loads((tmp_path / "regions.json").read_text())
    shares = [report["figures"][name]["mean"] for name in ("present found", "false certificates")]
    rest = [report["figures"][name]["mean"] for name in ("present uncertain", "present unknown")]
    assert sum(shares + rest) == pytest.approx(1)
    assert "| false certificates |" in (tmp_path / "regions.md").read_text()
    assert main(["--data", str(tmp_path / "none"), *asked]) == 2
    assert "make bench-set" in capsys.readouterr().err


class Blurring:
    """A network of 64 px that draws what is red as cells of 8 px."""

    working = 64

    def predict_many(self, requests):
        return [self._drawn(request.image) for request in requests]

    def _drawn(self, image):
        red = Image.fromarray((image[..., 0] > 128).astype(np.float32))
        drawn = red.resize((8, 8), Image.Resampling.BOX).resize(red.size, Image.Resampling.BILINEAR)
        return Segmentation(np.asarray(drawn)[None], np.zeros(1, np.float32), np.zeros(1, np.bool_), ((),))


@pytest.mark.parametrize("side", [64, 200])
def test_masks_have_the_edges_of_the_picture_at_its_own_size(side: int) -> None:
    rows, columns = np.mgrid[:side, :side] / side
    disc = (rows - 0.45) ** 2 + (columns - 0.5) ** 2 < 0.09
    picture = np.where(disc[..., None], (150, 60, 60), (60, 130, 140)).astype(np.uint8)
    (answer,) = answers(Blurring(), [(picture, "the disc")])  # type: ignore[arg-type] # what is asked of it
    found = judged("the disc", answer, Thresholds())
    assert found.verdict is Verdict.FOUND
    assert iou(found.mask, disc) > 0.98
