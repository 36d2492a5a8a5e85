"""The service over the real registry: names, pages, aliases, promotion, rollback, each change once."""

import json
import shutil

import grpc
import pytest
from langdesign.training.v1 import training_pb2 as pb
from langdesign_chassis.testing import Issuer, test_settings
from langdesign_registry import Provenance, Registry, package

CODE = grpc.StatusCode
SET = "sha256:" + "5" * 64
BASE = "edit@sha256:" + "b" * 64


def interval(mean):
    return {"mean": mean, "low": mean - 0.001, "high": mean + 0.001}


def evaluation(clip_dir, number):
    values = {"clip_dir": (0.1, clip_dir), "outside_psnr": (40.0, 40.0), "false_edit_rate": (0.1, 0.1)}
    metrics = {
        name: {
            "better": "lower" if name == "false_edit_rate" else "higher",
            "identity": interval(0.0),
            "base": interval(before),
            "tuned": interval(after),
            "difference": interval(after - before),
        }
        for name, (before, after) in values.items()
    }
    models = {"identity": "", "base": BASE, "tuned": f"model@sha256:{str(number) * 64}"}
    counted = {"digest": SET, "cases": 208, "no_ops": 120}
    return {"format": "langdesign-evaluation/1", "set": counted, "models": models, "metrics": metrics}


@pytest.fixture(scope="module")
def made(tmp_path_factory, empty_registry):
    """A registry with three versions of `interior`, the third worse than the second; one of `wardrobe`."""
    folder = tmp_path_factory.mktemp("made")
    shutil.copytree(empty_registry, folder / "registry")
    registry = Registry(f"sqlite:///{folder}/registry/mlflow.db")
    (folder / "edit").mkdir()
    (folder / "edit/model_index.json").write_text("{}")
    versions = [("interior", 0.2), ("interior", 0.3), ("interior", 0.15), ("wardrobe", 0.2)]
    for number, (model, clip_dir) in enumerate(versions):
        (folder / "edit/sampling.json").write_text(json.dumps({"steps": number + 1}))
        (folder / "evaluation.json").write_text(json.dumps(evaluation(clip_dir, number)))
        provenance = Provenance(model=model, dataset_digest=SET, recipe="mini@sha256:1", code_version="1.0")
        out = folder / "out"
        package(folder / "edit", None, folder / "evaluation.json", f"# {model}: edits\n", provenance, out)
        registry.register(out, model, run="runs/abc" if number == 0 else "")
    return folder / "registry"


@pytest.fixture
async def registry(made, tmp_path, training):
    """The service's stub, on a copy of the registry."""
    shutil.copytree(made, tmp_path / "registry")
    return training.registry


async def versions(stub, size):
    found, token = [], ""
    while True:
        request = pb.ListModelVersionsRequest(parent="models/interior", page_size=size, page_token=token)
        page = await stub.ListModelVersions(request)
        found += page.versions
        token = page.next_page_token
        if not token:
            return found


def get(stub, name):
    return stub.GetModelVersion(pb.GetModelVersionRequest(name=name))


def set_alias(stub, version, alias, key="k"):
    return stub.SetModelAlias(pb.SetModelAliasRequest(idempotency_key=key, version=version, alias=alias))


def promote(stub, version, key="k", alias="champion"):
    return stub.PromoteModel(pb.PromoteModelRequest(idempotency_key=key, version=version, alias=alias))


def roll_back(stub, name, key="k"):
    return stub.RollBackModel(pb.RollBackModelRequest(idempotency_key=key, name=name))


async def test_models_and_versions_are_listed_and_told_whole(registry, refused):
    first = await registry.ListModels(pb.ListModelsRequest(page_size=1))
    assert [(one.name, one.latest_version) for one in first.models] == [("models/interior", 3)]
    rest = await registry.ListModels(pb.ListModelsRequest(page_token=first.next_page_token))
    assert [(one.name, one.description) for one in rest.models] == [("models/wardrobe", "wardrobe: edits")]
    for size in (0, 1, 2):
        assert [one.version for one in await versions(registry, size)] == [3, 2, 1]
    version = (await get(registry, "models/interior@1")).version
    assert version == (await versions(registry, 0))[-1]
    assert (version.name, version.model) == ("models/interior@1", "interior")
    assert version.digest.startswith("sha256:")
    assert (version.run, version.dataset_digest, version.code_version) == ("runs/abc", SET, "1.0")
    assert (version.recipe, version.signed_by) == ("mini@sha256:1", "")
    assert version.metrics["clip_dir"] == pytest.approx(0.2)
    await refused(get(registry, "models/interior@9"), CODE.NOT_FOUND)
    await refused(get(registry, "models/interior@champion"), CODE.NOT_FOUND)
    nobody = pb.ListModelVersionsRequest(parent="models/kitchen")
    await refused(registry.ListModelVersions(nobody), CODE.NOT_FOUND)
    wrong = pb.ListModelVersionsRequest(parent="models/interior", page_token=first.next_page_token)
    await refused(registry.ListModelVersions(wrong), CODE.INVALID_ARGUMENT)


async def test_aliases_are_set_read_and_deleted(registry, refused):
    version = (await set_alias(registry, "models/interior@2", "champion")).version
    assert list(version.aliases) == ["champion"]
    assert (await get(registry, "models/interior@champion")).version == version
    await refused(set_alias(registry, "models/interior@2", "latest", "other"), CODE.INVALID_ARGUMENT)
    await refused(set_alias(registry, "models/interior@9", "champion", "other"), CODE.NOT_FOUND)
    delete = pb.DeleteModelAliasRequest(idempotency_key="d", name="models/interior@champion")
    await registry.DeleteModelAlias(delete)
    await registry.DeleteModelAlias(delete)
    await refused(get(registry, "models/interior@champion"), CODE.NOT_FOUND)


async def test_a_promotion_that_does_not_hold_moves_nothing_and_says_why(registry):
    first = await promote(registry, "models/interior@2", "1")
    assert first.promoted
    assert list(first.version.aliases) == ["champion"]
    assert {check.metric for check in first.checks} == {"clip_dir", "outside_psnr", "false_edit_rate"}
    second = await promote(registry, "models/interior@3", "2")
    assert not second.promoted
    (failed,) = [check for check in second.checks if not check.held]
    assert failed.metric == "clip_dir"
    assert (failed.before, failed.after) == (pytest.approx(0.3), pytest.approx(0.15))
    assert failed.difference_low < failed.difference_high < 0
    assert "above 0" in failed.condition
    assert (await get(registry, "models/interior@champion")).version.version == 2


async def test_a_rollback_that_is_asked_for_twice_goes_back_once(registry, refused):
    for number in (1, 2, 3):
        await set_alias(registry, f"models/interior@{number}", "champion", str(number))
    for _ in range(2):
        assert (await roll_back(registry, "models/interior@champion")).version.version == 2
    assert (await roll_back(registry, "models/interior@champion", "again")).version.version == 1
    error = await refused(roll_back(registry, "models/interior@champion", "last"), CODE.FAILED_PRECONDITION)
    assert "no other version before" in error.details()


async def test_a_key_of_another_change_is_refused(registry, refused):
    await set_alias(registry, "models/interior@2", "champion")
    await refused(set_alias(registry, "models/interior@1", "champion"), CODE.ALREADY_EXISTS)
    await refused(promote(registry, "models/interior@1"), CODE.ALREADY_EXISTS)


async def test_changes_are_remembered_over_a_restart(start, made, tmp_path):
    shutil.copytree(made, tmp_path / "registry")
    async with start() as training:
        for number in (1, 2, 3):
            await set_alias(training.registry, f"models/interior@{number}", "champion", str(number))
        assert (await roll_back(training.registry, "models/interior@champion")).version.version == 2
    async with start() as training:
        assert (await roll_back(training.registry, "models/interior@champion")).version.version == 2


async def test_both_services_ask_for_the_scope_of_training(start, refused, tmp_path):
    issuer = Issuer()
    async with start(chassis=test_settings(auth=issuer.settings(tmp_path))) as training:
        other = issuer.metadata("ann", "editing")
        for call in (training.runs.ListRuns(pb.ListRunsRequest(), metadata=other),
                     training.registry.ListModels(pb.ListModelsRequest(), metadata=other)):  # fmt: skip
            await refused(call, CODE.PERMISSION_DENIED)
