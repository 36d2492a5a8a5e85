"""A run that is started again leaves what people made of its version since; the gate is the registry's."""

import io
import json
import shutil
import struct
from pathlib import Path

import pytest
from langdesign_evaluation.guidance import Trial
from langdesign_registry import Provenance, Registry, create_keys, package, sign
from langdesign_specialise.card import card
from langdesign_specialise.checking import check
from langdesign_specialise.errors import RecipeError
from langdesign_specialise.publishing import REGISTERED, register
from langdesign_specialise.recipes import recipe
from langdesign_specialise.running import Outcome
from langdesign_specialise.summary import summary
from langdesign_specialise.workspace import Done
from rich.console import Console

from .conftest import ROOT

METRICS = {"clip_dir": (0.1, "higher"), "outside_psnr": (40.0, "higher"), "false_edit_rate": (0.1, "lower")}


def interval(mean):
    return {"mean": mean, "low": mean - 0.01, "high": mean + 0.01}


def evaluation(tuned, gain):
    """Return an evaluation whose CLIP_dir went up by a gain, and nothing else."""
    metrics = {
        name: {
            "better": better,
            "base": interval(base),
            "tuned": interval(base + (gain if name == "clip_dir" else 0.0)),
            "difference": interval(gain if name == "clip_dir" else 0.0),
        }
        for name, (base, better) in METRICS.items()
    }
    models = {"base": f"edit@sha256:{'b' * 64}", "tuned": f"model@sha256:{tuned * 64}"}
    cases = {"digest": f"sha256:{'5' * 64}", "cases": 208, "no_ops": 120}
    return {"format": "langdesign-evaluation/1", "set": cases, "models": models, "metrics": metrics}


def write(folder, **files):
    folder.mkdir(parents=True)
    for name, content in files.items():
        (folder / name.replace("__", ".")).write_bytes(content)


def weights(value):
    header = json.dumps({"w": {"dtype": "U8", "shape": [1], "data_offsets": [0, 1]}}).encode()
    return struct.pack("<Q", len(header)) + header + value


@pytest.fixture
def started(tmp_path, work, empty_registry):
    """Register the artifact of a run as each start of it does, and return (what was recorded, the notes)."""
    shutil.copytree(empty_registry, tmp_path / "registry")
    keys = create_keys(tmp_path / "keys")

    def pack(name, told):
        made = tmp_path / name
        write(made / "edit" / "unet", config__json=b"{}", diffusion_pytorch_model__safetensors=weights(b"1"))
        (made / "edit" / "model_index.json").write_text("{}")
        (made / "edit" / "sampling.json").write_text('{"steps": 20}')
        write(
            made / "segment",
            config__json=b"{}",
            thresholds__json=b'{"no_target": 0.5}',
            vocab__txt=b"[PAD]\n",
            model__safetensors=weights(b"2"),
        )
        (made / "evaluation.json").write_text(json.dumps(told))
        facts = Provenance(
            model="interior",
            dataset_digest=f"sha256:{'5' * 64}",
            recipe="r@1",
            code_version="1",
            base=f"edit@sha256:{'b' * 64}",
        )
        out = made / "artifact"
        package(made / "edit", made / "segment", made / "evaluation.json", "# interior\n", facts, out)
        sign(out, keys.private)

    def start(name, gain, registry="registry", told=None):
        if not (tmp_path / name).is_dir():
            pack(name, told or evaluation(name, gain))
        run = work(registry=f"sqlite:///{tmp_path}/{registry}/mlflow.db", keys=tmp_path / "keys")
        run.done["artifact"] = Done(tmp_path / name, name, 0.0)
        (tmp_path / name / "register").mkdir(exist_ok=True)
        register(run, tmp_path / name / "register")
        record = json.loads((tmp_path / name / "register" / REGISTERED).read_text())
        return record, run.report._log.getvalue()

    return start


@pytest.fixture
def registry(tmp_path):
    return Registry(f"sqlite:///{tmp_path}/registry/mlflow.db")


def champion(registry):
    return registry.get("models/interior@champion").name


def test_a_roll_back_outlasts_another_start_of_the_run(started, registry):
    started("a", 0.1)
    assert started("b", 0.3)[0]["promoted"]
    registry.roll_back("interior", "champion")
    record, notes = started("b", 0.3)
    assert champion(registry) == "models/interior@1"
    assert (record["version"], record["promoted"]) == ("models/interior@2", False)
    assert len(record["checks"]) == len(METRICS)
    assert "it is left so. Ask the gate again" in notes


def test_another_start_finds_its_version_promoted_and_says_nothing(started, registry):
    first, _ = started("a", 0.1)
    assert started("a", 0.1) == (first, "")
    assert first["promoted"]


def test_a_start_that_was_killed_before_the_gate_decided_asks_it(started, registry, tmp_path):
    started("a", 0.1)
    registry.delete_alias("models/interior@champion")
    (tmp_path / "a" / "register" / REGISTERED).unlink()
    assert started("a", 0.1)[0]["promoted"]
    assert champion(registry) == "models/interior@1"


def test_a_version_that_a_registry_lost_is_decided_on_anew(started, tmp_path, empty_registry):
    started("a", 0.1)
    shutil.copytree(empty_registry, tmp_path / "new")  # elsewhere: MLflow keeps a lost file open
    assert started("a", 0.1, "new")[0]["promoted"]
    assert champion(Registry(f"sqlite:///{tmp_path}/new/mlflow.db")) == "models/interior@1"


def test_figures_that_no_evaluation_tells_are_null_and_shown_as_missing(started, registry, tmp_path):
    told = evaluation("a", 0.1)
    del told["metrics"]["false_edit_rate"]
    record, _ = started("a", 0.1, told=told)
    checks = {one["metric"]: one for one in record["checks"]}
    assert not record["promoted"]
    figures = ("before", "after", "difference_low", "difference_high")
    assert [checks["outside_psnr"][name] for name in figures] == [40.0, 40.0, -0.01, 0.01]
    assert [checks["false_edit_rate"][name] for name in figures] == [None] * 4
    assert checks["clip_dir"]["before"] == 0.1
    outcome = Outcome({}, record["version"], False, tuple(record["checks"]))
    console = Console(file=io.StringIO(), width=100)
    console.print(summary(recipe("tiny", {}), outcome))
    (line,) = (one for one in console.file.getvalue().splitlines() if "false_edit_rate" in one)
    assert line.count(" - ") == 2
    assert "0.000" not in line


def test_the_summary_names_a_stage_s_folder_to_its_end():
    folder = Path("/runs", *("deep" * 10 for _ in range(3)))
    console = Console(file=io.StringIO(), width=80)
    console.print(summary(recipe("tiny", {}), Outcome({"triples": Done(folder, "triples", 1.0)})))
    rows = (line.split("│") for line in console.file.getvalue().splitlines() if "│" in line)
    assert str(folder) in "".join(row[3].strip() for row in rows)


def test_the_summary_sets_base_and_tuned_beside_each_other(tmp_path):
    row = {"better": "higher", "base": interval(0.2), "tuned": interval(0.3), "difference": interval(0.1)}
    told = {
        **evaluation("a", 0.1),
        "metrics": {"clip_dir": row},
        "sampling": {"base": {"steps": 12, "text_guidance": 2.0, "image_guidance": 1.0}},
    }
    (tmp_path / "evaluation.json").write_text(json.dumps(told))
    console = Console(file=io.StringIO(), width=80)
    console.print(summary(recipe("tiny", {}), Outcome({"evaluation": Done(tmp_path, "evaluation", 1.0)})))
    (line,) = (one for one in console.file.getvalue().splitlines() if one.lstrip().startswith("CLIP_dir"))
    assert [one for one in line.split() if one != "-"] == ["CLIP_dir", "0.200", "0.300", "+0.100"]
    assert "bootstrap intervals" in console.file.getvalue()
    (tmp_path / "evaluation.json").write_text("{")
    console.print(summary(recipe("tiny", {}), Outcome({"evaluation": Done(tmp_path, "evaluation", 1.0)})))
    assert "cannot be shown" in console.file.getvalue()


@pytest.mark.parametrize(
    ("registry", "keys", "said"),
    [
        ("http://127.0.0.1:9", "keys", "Start it, or give another --registry"),
        ("sqlite:////proc/none/mlflow.db", "keys", "The registry's folder cannot be written"),
        ("registry", "file/keys", "Not a directory"),
    ],
)
def test_a_registry_or_keys_that_cannot_be_used_are_told_before_any_work(
    work, tmp_path, empty_registry, monkeypatch, registry, keys, said
):
    monkeypatch.setenv("MLFLOW_HTTP_REQUEST_MAX_RETRIES", "0")
    (tmp_path / "file").touch()
    uri = f"sqlite:///{empty_registry}/mlflow.db" if registry == "registry" else registry
    run = work(registry=uri, keys=tmp_path / keys)
    check(run, judges=True)  # it registers nothing
    with pytest.raises(RecipeError, match=r"Nothing can be registered at .*" + said):
        check(run, judges=True, registers=True)


def test_a_registry_without_the_model_is_no_problem(work, tmp_path, empty_registry):
    check(
        work(registry=f"sqlite:///{empty_registry}/mlflow.db", keys=tmp_path / "keys"),
        judges=True,
        registers=True,
    )


def test_a_card_counts_pairs_in_tables(work, tmp_path):
    run = work()
    run.done["dataset"] = Done(ROOT / "training/dataset/sample", "dataset", 0.0)
    run.done["evaluation"] = Done(tmp_path, "evaluation", 0.0)
    row = {"better": "higher", **dict.fromkeys(("base", "tuned", "difference"), interval(0.5))}
    told = {
        **evaluation("a", 0.1),
        "metrics": {"clip_dir": row},
        "sampling": {"base": {"steps": 12, "text_guidance": 2.0, "image_guidance": 1.0}},
    }
    (tmp_path / "evaluation.json").write_text(json.dumps(told))
    text = card(run)
    assert "| operation | pairs | share |\n|---|---:|---:|\n| add | 2 | 22.2% |" in text
    assert "| Apache-2.0 | 9 | 100.0% |" in text
    assert not [line for line in text.splitlines() if line.startswith("|") and "{" in line]
    assert "## Guidance" not in text
    base, tuned = Trial(2.0, 1.0, 0.2, 23.04, 0.9), Trial(4.0, 1.5, None, 23.0, 0.85)
    tried = {"base": vars(base), "tuned": [vars(base), vars(tuned)], "no_ops": 20, "chosen": vars(tuned)}
    (tmp_path / "guidance.json").write_text(json.dumps(tried))
    run.done["guidance"] = Done(tmp_path, "guidance", 0.0)
    lines = card(run).splitlines()
    assert "| base | 2 | 1 | 0.200 | 23.0 | 0.900 |  |" in lines
    assert "| tuned | 2 | 1 | 0.200 | 23.0 | 0.900 |  |" in lines
    assert "| tuned | 4 | 1.5 | - | 23.0 | 0.850 | advised |" in lines
