"""Small files of the layouts that public benchmarks are published in."""

import io
import json

import numpy as np
import pyarrow
import pyarrow.parquet
import pytest
from langdesign_diffusion.random_weights import random_checkpoint
from langdesign_evaluation import BenchSetError, Choice
from langdesign_evaluation.bench import main
from langdesign_evaluation.comparing import compare
from langdesign_evaluation.public import resized
from langdesign_evaluation.sources import open_source, open_true_public
from PIL import Image

SIDE = 64


def picture(level, side=SIDE):
    return np.full((side, side, 3), level, np.uint8)


def png(pixels):
    buffer = io.BytesIO()
    Image.fromarray(pixels).save(buffer, "PNG")
    return buffer.getvalue()


def cell(level):
    """A picture as `datasets` keeps it."""
    return {"bytes": png(picture(level)), "path": None}


def brushed(level):
    """A picture with its upper left quarter transparent."""
    pixels = np.dstack([picture(level), np.full((SIDE, SIDE), 255, np.uint8)])
    pixels[: SIDE // 2, : SIDE // 2, 3] = 0
    return png(pixels)


def write(path, rows, group=2):
    path.parent.mkdir(parents=True, exist_ok=True)
    pyarrow.parquet.write_table(pyarrow.Table.from_pylist(rows), path, row_group_size=group)


def magicbrush(folder):
    rows = [
        {
            "img_id": "42",
            "turn_index": turn,
            "source_img": cell(10 * turn),
            "mask_img": {"bytes": brushed(10 * turn), "path": None},
            "instruction": f"make it brighter {turn}",
            "target_img": cell(10 * turn + 10),
        }
        for turn in (1, 2, 3)
    ]
    write(folder / "data" / "dev-00000-of-00001.parquet", rows)
    write(folder / "data" / "train-00000-of-00001.parquet", [{"img_id": "trained on"}])


def magicbrush_folder(folder):
    (folder / "images" / "42").mkdir(parents=True)
    names = {"input": "42-input.png", "mask": "42-mask1.png", "output": "42-output1.png"}
    pictures = {"input": png(picture(10)), "mask": brushed(10), "output": png(picture(20))}
    for what, name in names.items():
        (folder / "images" / "42" / name).write_bytes(pictures[what])
    (folder / "edit_turns.json").write_text(json.dumps([{**names, "instruction": "make it brighter"}]))
    captions = {"42": {"42-input.png": "a dark square", "42-output1.png": "a bright square"}}
    (folder / "global_descriptions.json").write_text(json.dumps(captions))


def emu_edit(folder):
    rows = [
        {
            "instruction": f"add a chair {number}",
            "image": cell(10 * number),
            "task": task,
            "split": "test",
            "idx": number,
            "hash": "00",
            "input_caption": "a room",
            "output_caption": "a room with a chair",
        }
        for number, task in enumerate(("add", "add", "add", "color"))
    ]
    write(folder / "data" / "test-00000-of-00001.parquet", rows)


def pie_bench(folder):
    path = folder / "annotation_images" / "1_change_object_80"
    path.mkdir(parents=True)
    Image.fromarray(picture(30)).save(path / "000000000000.jpg")
    row = {
        "image_path": "1_change_object_80/000000000000.jpg",
        "original_prompt": "a [cat] on a rug",
        "editing_prompt": "a [dog] on a rug",
        "editing_instruction": "change the cat into a dog",
        "editing_type_id": "1",
        "blended_word": "cat dog",
        "mask": [value for row in range(256) for value in (512 * row, 256)],
    }
    (folder / "mapping_file.json").write_text(json.dumps({"000000000000": row}))


def gedit(folder):
    rows = [
        {
            "key": f"key{number}",
            "task_type": "color_alter",
            "instruction": "make it red" if language == "en" else "把它变成红色",
            "instruction_language": language,
            "input_image": cell(0),
            "input_image_raw": cell(50),
            "Intersection_exist": True,
        }
        for number, language in enumerate(("en", "cn"))
    ]
    write(folder / "train-00000-of-00001.parquet", rows)


MADE = {"magicbrush": magicbrush, "emu-edit": emu_edit, "pie-bench": pie_bench, "gedit": gedit}


@pytest.fixture
def cases(tmp_path):
    def made(name, make=None, limit=None):
        (make or MADE[name])(tmp_path)
        return open_source(tmp_path, (name, tmp_path)).cases(Choice(limit=limit))

    return made


def quarter(mask):
    expected = np.zeros((SIDE, SIDE), bool)
    expected[: SIDE // 2, : SIDE // 2] = True
    return (mask == expected).all()


def test_magicbrush_brings_true_pictures_and_brushed_regions(cases):
    one, two, three = cases("magicbrush")
    assert [case.origin["key"] for case in (one, two, three)] == ["42-1", "42-2", "42-3"]
    assert (three.before() == 30).all()
    assert (three.truth() == 40).all()
    assert quarter(two.region())
    assert two.edit.instruction == "make it brighter 2"
    assert two.edit.caption_after == ""


def test_magicbrushs_test_folder_has_captions_too(cases):
    (case,) = cases("magicbrush", magicbrush_folder)
    assert (case.before() == 10).all()
    assert (case.truth() == 20).all()
    assert quarter(case.region())
    assert (case.edit.caption_before, case.edit.caption_after) == ("a dark square", "a bright square")


def test_emu_edit_has_captions_and_tasks_but_no_truth_and_no_region(cases):
    found = cases("emu-edit")
    assert [case.operation for case in found] == ["add", "add", "add", "color"]
    assert found[0].truth() is found[0].region() is None
    assert found[0].edit.caption_after == "a room with a chair"


def test_a_limited_choice_takes_of_every_task(cases):
    assert {case.operation for case in cases("emu-edit", limit=2)} == {"add", "color"}


def test_pie_bench_masks_are_runs_with_a_border(cases):
    (case,) = cases("pie-bench")
    assert case.operation == "change object"
    assert case.edit.caption_after == "a dog on a rug"
    region = case.region()
    assert region[: SIDE // 2, : SIDE // 2].all()
    assert not region[SIDE // 2 + 1 : -1, 1:-1].any()
    assert region.shape == (SIDE, SIDE)


def test_gedit_is_read_in_english_from_the_raw_pictures(cases):
    (case,) = cases("gedit")
    assert case.edit.instruction == "make it red"
    assert (case.before() == 50).all()
    assert case.edit.caption_after == ""


@pytest.mark.parametrize("name", MADE)
def test_the_bench_judges_it_and_leaves_out_what_is_unknown(name, models, tmp_path):
    MADE[name](tmp_path / "set")
    arguments = [
        "--set",
        f"{name}:{tmp_path / 'set'}",
        "--models",
        str(models),
        "--steps",
        "1",
        "--limit",
        "2",
    ]
    assert main([*arguments, "--editors", "plain,strict", "--out", str(tmp_path / "out")]) == 0
    report = json.loads((tmp_path / "out" / "report.json").read_text())
    figures = {one["name"]: one["figures"]["all edits"] for one in report["editors"]}
    assert report["set"]["name"] == name
    assert ("truth" in figures) == (name == "magicbrush")
    known = {key for key, value in figures["plain"].items() if value is not None}
    assert ("gain" in known) == (name == "magicbrush")
    assert ("outside_psnr" in known) == (name in {"magicbrush", "pie-bench"})
    assert ("clip_dir" in known) == (name in {"emu-edit", "pie-bench"})
    assert {"clip_im", "dino", "structure"} <= known


@pytest.mark.parametrize("name", MADE)
def test_a_folder_without_it_names_the_hint(name, models, tmp_path, capsys):
    assert main(["--set", f"{name}:{tmp_path}", "--models", str(models), "--out", str(tmp_path / "out")]) == 2
    assert "give the folder" in " ".join(capsys.readouterr().err.split())


def test_files_of_another_benchmark_are_told(tmp_path):
    gedit(tmp_path)
    with pytest.raises(BenchSetError, match=r"no column idx.*is it of this benchmark"):
        open_source(tmp_path, ("emu-edit", tmp_path))


def test_a_damaged_file_is_told(tmp_path):
    (tmp_path / "test.parquet").write_bytes(b"PAR1 no more")
    with pytest.raises(BenchSetError, match=r"cannot be read as parquet.*download it again"):
        open_source(tmp_path, ("gedit", tmp_path))


def test_a_missing_picture_is_told(tmp_path):
    pie_bench(tmp_path)
    next(tmp_path.rglob("*.jpg")).unlink()
    (case,) = open_source(tmp_path, ("pie-bench", tmp_path)).cases(Choice())
    with pytest.raises(BenchSetError, match="download the pictures"):
        case.before()


@pytest.mark.parametrize("wrong", ["magicbrush", "mystery:out", "gedit:"])
def test_what_is_no_benchmark_is_told_before_anything_is_loaded(wrong, capsys):
    with pytest.raises(SystemExit, match="2"):
        main(["--set", wrong])
    assert "--set" in capsys.readouterr().err


def test_masks_are_resized_to_the_pixel_in_the_middle():
    mask = np.arange(6) % 2 == 1
    assert resized(mask[None], (1, 4)).tolist() == [[False, False, True, True]]  # of 0.75, 2.25, 3.75, 5.25
    assert resized(mask[None], (2, 6)).tolist() == [mask.tolist()] * 2


def test_editors_are_compared_on_magicbrushs_test_folder_which_tells_nothing_of_no_ops(models, tmp_path):
    magicbrush_folder(tmp_path / "set")
    for seed, name in enumerate(("base", "tuned")):
        random_checkpoint("tiny", seed=seed).save(tmp_path / name)
        (tmp_path / name / "sampling.json").write_text(json.dumps({"steps": 1}))
    found = compare(
        tmp_path / "base",
        tmp_path / "tuned",
        open_true_public("magicbrush", tmp_path / "set", most=5),
        clip=models / "clip",
        dino=models / "dino",
        out=tmp_path / "out",
    )
    assert (found.cases["cases"], found.cases["no_ops"]) == (1, 0)
    assert {"clip_dir", "outside_psnr", "gain"} <= found.metrics.keys()
    assert "false_edit_rate" not in found.metrics
    assert found.metrics["gain"]["truth"].mean == 1.0


def test_a_comparison_takes_no_more_cases_than_are_wanted(tmp_path):
    magicbrush_folder(tmp_path)
    turns = json.loads((tmp_path / "edit_turns.json").read_text())
    (tmp_path / "edit_turns.json").write_text(json.dumps(turns * 3))
    assert len(open_true_public("magicbrush", tmp_path, most=2).cases(Choice())) == 2


@pytest.mark.parametrize(
    ("name", "lacks"),
    [
        ("magicbrush", "captions"),  # its parquet files
        ("emu-edit", "true pictures"),
        ("pie-bench", "true pictures"),
        ("gedit", "true pictures"),
    ],
)
def test_a_set_that_editors_cannot_be_compared_on_says_which_can(name, lacks, tmp_path):
    MADE[name](tmp_path)
    with pytest.raises(BenchSetError, match=f"{name} has no {lacks} here.*give magicbrush: the folder"):
        open_true_public(name, tmp_path, most=5)
