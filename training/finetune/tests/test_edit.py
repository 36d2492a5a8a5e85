import dataclasses
import json
from pathlib import Path
from typing import get_args

import numpy as np
import pytest
import torch
from diffusers import AutoencoderKL
from langdesign_dataset.prompt_to_prompt import PairParameters, generate_pair
from langdesign_dataset.samples import ImagePair, Prompt, write_edit_dataset
from langdesign_diffusion.checkpoint import Checkpoint, load_checkpoint
from langdesign_diffusion.hyperparameters import Prediction
from langdesign_diffusion.random_weights import random_checkpoint
from langdesign_diffusion.samplers import NoiseSchedule
from langdesign_finetune import DataError, RecipeError, train
from langdesign_finetune.batches import draws
from langdesign_finetune.clip import make_clip
from langdesign_finetune.denoising import Dropout, Objective
from langdesign_finetune.denoising_recipes import EDIT, GENERATE, EditRecipe, GenerateRecipe
from langdesign_finetune.edit import EditTask, rendered_edits
from langdesign_finetune.edit_check import SCALES, EditCheck
from langdesign_finetune.edit_dataset import dataset_edits
from langdesign_finetune.edit_pairs import RenderedPairs, region_of
from langdesign_finetune.family import Context
from langdesign_finetune.generate import GenerateTask, generate
from langdesign_finetune.latents import Latents, load_latents
from langdesign_finetune.networks import widened
from langdesign_finetune.pictures import Pictures, load_pictures
from langdesign_finetune.recipes import CLIP, VAE
from langdesign_finetune.texts import kept_tokenizer
from langdesign_finetune.vae import make_vae
from langdesign_instruct_pix2pix.editor import Editor
from langdesign_scenes.dataset import SceneSet

from .conftest import SIDE

SMALL = {"channels": (16, 32), "heads": 2, "groups": 8, "batch": 8, "measured": 8, "steps": 2}


@pytest.fixture(scope="module")
def pictures(rooms: SceneSet, tmp_path_factory: pytest.TempPathFactory) -> Pictures:
    return load_pictures(rooms, cache=tmp_path_factory.mktemp("cache"))


@pytest.fixture(scope="module")
def family(pictures: Pictures, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A family with an autoencoder and a CLIP of random weights."""
    folder = tmp_path_factory.mktemp("family")
    narrow = {"text_width": 32, "text_hidden": 32, "text_layers": 1, "text_heads": 2, "vision_layers": 1}
    with torch.random.fork_rng():
        torch.manual_seed(0)
        vae = make_vae(dataclasses.replace(VAE["mini"], channels=(8, 8, 8, 16)))
        tokenizer = kept_tokenizer(folder / "clip/tokenizer", pictures, 700)
        clip = make_clip(dataclasses.replace(CLIP["mini"], **narrow), tokenizer, SIDE)
    vae.save_pretrained(folder / "vae/model")
    clip.save_pretrained(folder / "clip/model")
    tokenizer.save_pretrained(folder / "clip/model")
    return folder


def context(pictures: Pictures, family: Path, name: str) -> Context:
    folder = family / name
    folder.mkdir(parents=True, exist_ok=True)
    return Context(pictures, family, folder)


def editing(**changes: object) -> EditRecipe:
    loop = dataclasses.replace(EDIT["mini"].loop, steps=4, warmup=2, learning_rate=3e-3, ema=0.5)
    return dataclasses.replace(
        EDIT["mini"], **{**SMALL, "loop": loop, "general": None, "start": "", "checked": 2, **changes}
    )


def generating(steps: int = 2) -> GenerateRecipe:
    loop = dataclasses.replace(GENERATE["mini"].loop, steps=steps, warmup=2, learning_rate=3e-3, ema=0.5)
    return dataclasses.replace(GENERATE["mini"], **{**SMALL, "loop": loop, "shown": 2})


def latents_of(pictures: Pictures, family: Path) -> Latents:
    folder = family / "vae/model"
    return load_latents(AutoencoderKL.from_pretrained(folder), folder, pictures, pictures.cache)


@pytest.fixture(scope="module")
def generator(pictures: Pictures, family: Path) -> GenerateTask:
    """A generator that was trained for two steps, in the family's folder."""
    task = GenerateTask(generating(), context(pictures, family, "generate"))
    train(task, generating().loop, family / "generate")
    return task


def mean_loss(task: EditTask | GenerateTask) -> float:
    with torch.no_grad():
        return float(np.mean([float(task.losses(task.batch(step))["total"]) for step in range(90, 96)]))


def test_the_generator_is_saved_as_a_pipeline_and_samples_pictures(
    generator: GenerateTask, pictures: Pictures, family: Path
) -> None:
    checkpoint = load_checkpoint(family / "generate/model")
    one, same = (
        generate(checkpoint, ["a red chair", "a lamp"], side=SIDE, steps=2, guidance_scale=3.0) for _ in "ab"
    )
    assert one.shape == (2, SIDE, SIDE, 3)
    np.testing.assert_array_equal(one, same)
    assert (family / "generate/samples.png").is_file()
    # Near the mean square of v, which is below 1: latents of a random autoencoder are small.
    assert 0.2 < generator.validate()["loss"] < 2


def test_captions_are_mirrored_with_their_pictures_and_some_are_dropped(
    generator: GenerateTask, pictures: Pictures
) -> None:
    texts = [text for step in range(60) for text in generator.batch(step).texts]
    said = {state.caption for family in pictures.families for state in family.states}
    assert {text for text in texts if text} - said  # "on the left" where the set says only "on the right"
    assert 0.05 < np.mean([not text for text in texts]) < 0.16


def test_training_the_generator_lowers_its_loss(pictures: Pictures, family: Path, tmp_path: Path) -> None:
    task = GenerateTask(generating(30), context(pictures, family, "other"))
    first = mean_loss(task)
    train(task, generating(30).loop, tmp_path / "other")
    assert mean_loss(task) < 0.9 * first


def test_an_editor_begins_with_the_generators_own_prediction(
    generator: GenerateTask, pictures: Pictures, family: Path
) -> None:
    task = rendered_edits(editing(start="generate"), context(pictures, family, "edit"))
    batch = task.batch(0)
    stored = load_checkpoint(family / "generate/model")
    told = torch.randn(8, 77, 32, generator=torch.Generator().manual_seed(0))
    with torch.no_grad():
        theirs = stored.unet(batch.sample[:, :4], batch.timesteps, told).sample
        ours = task.trained["unet"](batch.sample, batch.timesteps, told).sample
    torch.testing.assert_close(ours, theirs, rtol=1e-4, atol=1e-4)
    assert batch.sample[:, 4:].abs().max() > 0


def test_only_a_generator_can_be_started_from() -> None:
    with pytest.raises(RecipeError, match="text-to-image"):
        widened(random_checkpoint("tiny", in_channels=8).unet)


def test_a_generator_of_another_prediction_is_refused(
    generator: GenerateTask, pictures: Pictures, family: Path
) -> None:
    other = editing(start="generate", objective=Objective(prediction="epsilon"))
    with pytest.raises(RecipeError, match=r"objective is epsilon and .*generate/model predicts v_prediction"):
        rendered_edits(other, context(pictures, family, "edit"))


@pytest.mark.parametrize("prediction", get_args(Prediction))
def test_a_family_predicts_what_its_recipe_says(
    pictures: Pictures, family: Path, tmp_path: Path, prediction: Prediction
) -> None:
    objective = Objective(prediction=prediction)
    recipe = dataclasses.replace(generating(), objective=objective)
    generated = GenerateTask(recipe, context(pictures, family, "other"))
    edited = rendered_edits(editing(objective=objective), context(pictures, family, "edit"))
    for task in (generated, edited):
        task.save(tmp_path / "model", ema=False)
        assert load_checkpoint(tmp_path / "model").noise.prediction == prediction
        batch = task.batch(0)
        noisiest = int(batch.timesteps.argmax())  # its sample is nearly the noise
        alike = torch.cosine_similarity(batch.sample[noisiest, :4], batch.target[noisiest], dim=0).mean()
        assert (float(alike) > 0.9) == (prediction == "epsilon")


@pytest.mark.parametrize("prediction", get_args(Prediction))
def test_pictures_are_generated_as_the_engine_generates_them(prediction: Prediction) -> None:
    checkpoint = dataclasses.replace(
        random_checkpoint("tiny", in_channels=4), noise=NoiseSchedule(prediction=prediction)
    )
    ours = generate(checkpoint, ["a lamp"], side=SIDE, steps=3, guidance_scale=7.5, seed=5)[0]
    candidate = PairParameters(seed=5, share=0.0, guidance_scale=7.5)
    theirs = generate_pair(checkpoint, "a lamp", "a lamp", candidate, size=(SIDE, SIDE), steps=3).before
    assert np.abs(ours.astype(int) - theirs).max() <= 2  # contexts are kept in half precision here


def test_a_recipe_of_another_size_is_refused(pictures: Pictures, family: Path) -> None:
    with pytest.raises(RecipeError, match="train-pairs"):
        rendered_edits(editing(side=256), context(pictures, family, "edit"))


def test_training_the_editor_lowers_its_loss_and_is_measured(
    pictures: Pictures, family: Path, tmp_path: Path
) -> None:
    chosen = editing(loop=dataclasses.replace(editing().loop, steps=30))
    task = rendered_edits(chosen, context(pictures, family, "edit"))
    first = mean_loss(task)
    report = train(task, chosen.loop, tmp_path / "edit")
    assert mean_loss(task) < 0.9 * first
    assert {"loss", "inside", "outside", "error", "error_recolour"} <= report.metrics.keys()
    assert (family / "edit/edits.png").is_file()
    edited = Editor.load(tmp_path / "edit/model")
    assert edited.checkpoint.dtype == torch.float32
    advised = json.loads((tmp_path / "edit/model/sampling.json").read_text())
    assert (advised["guidance_scale"], advised["image_guidance_scale"]) in SCALES
    assert (advised["working_size"], advised["size_multiple"]) == (
        pictures.side,
        edited.checkpoint.size_multiple,
    )
    assert {name: advised[name] for name in ("guidance_scale", "image_guidance_scale")}.items() <= (
        report.metrics.items()
    )


def test_the_guidance_that_brings_edits_nearest_to_the_truth_is_chosen(
    pictures: Pictures, family: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    task = rendered_edits(editing(), context(pictures, family, "edit"))
    check = task._check
    assert isinstance(check, EditCheck)
    best = SCALES[2]

    def edited(
        _self: EditCheck, _editor: Editor, scales: tuple[float, float], _times: float
    ) -> list[np.ndarray]:
        return [one.truth if scales == best else one.before for one in check._examples]

    monkeypatch.setattr(EditCheck, "_edited", edited)
    measured = task.validate()
    assert (measured["guidance_scale"], measured["image_guidance_scale"]) == best
    assert measured["error"] == 0
    task.save(tmp_path, ema=True)
    assert json.loads((tmp_path / "sampling.json").read_text())["guidance_scale"] == best[0]


def test_a_training_of_both_networks_goes_on_where_it_was_cut(
    pictures: Pictures, family: Path, tmp_path: Path
) -> None:
    chosen = editing(text_rate=0.5, checked=0)

    def run(name: str, minutes: float | None) -> torch.Tensor:
        task = rendered_edits(chosen, context(pictures, family, "edit"))
        cut = dataclasses.replace(chosen.loop, steps=2, minutes=minutes, warmup=0, floor=1.0)
        train(task, cut, tmp_path / name)
        whole = dataclasses.replace(cut, steps=4, minutes=None)
        task = rendered_edits(chosen, context(pictures, family, "edit"))
        assert train(task, whole, tmp_path / name).step == 4
        return torch.cat([one.detach().flatten() for one in task.trained.parameters()])

    assert torch.equal(run("cut", None), run("begun", 0.0))


def test_a_batch_is_a_function_of_its_step(pictures: Pictures, family: Path) -> None:
    one, same = (rendered_edits(editing(), context(pictures, family, "edit")).batch(3) for _ in "ab")
    assert torch.equal(one.sample, same.sample)
    assert one.texts == same.texts


def test_dropped_pictures_are_zero_and_dropped_texts_empty(pictures: Pictures, family: Path) -> None:
    all_dropped = editing(dropout=Dropout(text=0.0, image=0.0, both=1.0))
    batch = rendered_edits(all_dropped, context(pictures, family, "edit")).batch(0)
    assert batch.sample[:, 4:].abs().max() == 0
    assert set(batch.texts) == {""}
    kept = editing(dropout=Dropout(text=0.0, image=0.0, both=0.0))
    batch = rendered_edits(kept, context(pictures, family, "edit")).batch(0)
    assert (batch.sample[:, 4:].abs().amax(dim=(1, 2, 3)) > 0).all()
    assert "" not in batch.texts


def test_pairs_are_mirrored_with_their_regions_and_words(pictures: Pictures, family: Path) -> None:
    source = RenderedPairs(pictures, pictures.places(), latents_of(pictures, family), {"recolour": 1.0})
    chosen, still = np.arange(4), np.zeros(4, bool)
    plain, mirrored = source.take(chosen, still, draws(0, 0)), source.take(chosen, ~still, draws(0, 0))
    assert torch.equal(mirrored.inside, plain.inside.flip(-1))
    assert [("left" in text) for text in plain.instructions] == [
        ("right" in text) for text in mirrored.instructions
    ]
    place, edit = source.edits[0]
    assert float(plain.inside[0].mean()) == pytest.approx(region_of(pictures, place, edit).mean())


def test_operations_have_their_shares_whatever_their_number(pictures: Pictures, family: Path) -> None:
    none = [dataclasses.replace(one, operation="none") for one in pictures.families[0].edits[:1]]
    changed = dataclasses.replace(pictures.families[0], edits=(*pictures.families[0].edits, *none))
    some = dataclasses.replace(pictures, families=(changed, *pictures.families[1:]))
    shares = {"recolour": 0.5, "none": 0.5, "add": 3.0}
    source = RenderedPairs(some, some.places(), latents_of(pictures, family), shares)
    drawn = [source.edits[number][1].operation for number in source.choose(draws(0, 0), 2000)]
    assert drawn.count("none") == pytest.approx(1000, abs=80)
    assert [edit.operation for _, edit in source.some_of_each(2)] == ["none", "recolour", "recolour"]
    with pytest.raises(DataError, match="add"):
        RenderedPairs(pictures, pictures.places(), latents_of(pictures, family), {"add": 1.0})


def test_the_text_encoder_learns_at_its_own_rate_or_not_at_all(pictures: Pictures, family: Path) -> None:
    frozen = rendered_edits(editing(), context(pictures, family, "edit"))
    assert list(frozen.trained) == ["unet"]
    joint = rendered_edits(editing(text_rate=0.1), context(pictures, family, "edit"))
    rates = sorted({group["lr"] for group in joint.parameter_groups()})
    assert rates == pytest.approx([3e-4, 3e-3])
    grouped = sum(len(group["params"]) for group in joint.parameter_groups())
    assert grouped == len(list(joint.trained.parameters()))
    joint.losses(joint.batch(0))["total"].backward()
    assert joint.trained["text_encoder"].final_layer_norm.weight.grad.abs().sum() > 0


def test_errors_inside_weigh_more(pictures: Pictures, family: Path) -> None:
    even, heavy = (
        rendered_edits(editing(inside=inside), context(pictures, family, "edit")) for inside in (0.0, 50.0)
    )
    batch = even.batch(0)
    wrong = batch._replace(target=batch.target + 3 * batch.inside)  # a large error where it is to change
    assert heavy.losses(wrong)["total"] > 1.2 * even.losses(wrong)["total"]
    assert float(heavy.losses(wrong)["mse"]) == pytest.approx(float(even.losses(wrong)["mse"]))


def test_samples_are_told_their_regions_by_the_recipes_share(pictures: Pictures, family: Path) -> None:
    none, all_told = (
        rendered_edits(editing(regularised=share), context(pictures, family, "edit")) for share in (0.0, 1.0)
    )
    assert not none.batch(0).biases
    batch = all_told.batch(0)
    for bias in batch.biases.values():
        assert ((bias < 0).flatten(1).any(dim=1) == (batch.inside > 0).flatten(1).any(dim=1)).all()
    told, untold = all_told.losses(batch), all_told.losses(batch._replace(biases={}))
    assert float(told["mse"]) != float(untold["mse"])


@pytest.fixture
def dataset(tmp_path: Path) -> Path:
    """Twenty prompts with two pairs each, 40x32 pixels."""

    def pair(number: int, seed: str) -> ImagePair:
        before = np.full((32, 40, 3), 5 * number, np.uint8)
        return ImagePair(seed, before, before + 100, {"clip_sim_dir": 0.2})

    prompts = (
        (Prompt(f"make the left lamp {n}", f"a lamp {n}", f"another lamp {n}"), [pair(n, "7"), pair(n, "8")])
        for n in range(20)
    )
    write_edit_dataset(tmp_path / "pairs", prompts)
    return tmp_path / "pairs"


def test_an_editor_trains_on_a_dataset_from_a_local_stable_diffusion(dataset: Path, tmp_path: Path) -> None:
    random_checkpoint("tiny", in_channels=4).save(tmp_path / "base")
    chosen = editing(loop=dataclasses.replace(EDIT["mini"].loop, steps=2), side=32, batch=4)
    task = dataset_edits(chosen, dataset, tmp_path / "base")
    batch = task.batch(0)
    assert batch.sample.shape == (4, 8, 4, 4)
    assert {text.split()[2] for step in range(5) for text in task.batch(step).texts if text} == {
        "left",
        "right",
    }
    report = train(task, chosen.loop, tmp_path / "out")
    assert report.metrics["loss"] > 0
    assert isinstance(Editor.load(tmp_path / "out/model").checkpoint, Checkpoint)


@pytest.mark.parametrize("prediction", get_args(Prediction))
def test_an_editor_from_a_checkpoint_predicts_what_that_does(
    dataset: Path, tmp_path: Path, prediction: Prediction
) -> None:
    other = "epsilon" if prediction == "v_prediction" else "v_prediction"
    base = random_checkpoint("tiny", in_channels=4)
    dataclasses.replace(base, noise=NoiseSchedule(prediction=prediction)).save(tmp_path / "base")
    targets = []
    for objective in (Objective(prediction=prediction), Objective(prediction=other)):
        task = dataset_edits(editing(side=32, batch=4, objective=objective), dataset, tmp_path / "base")
        targets.append(task.batch(0).target)
    assert torch.equal(*targets)
    task.save(tmp_path / "model", ema=False)
    assert load_checkpoint(tmp_path / "model").noise.prediction == prediction


def test_a_dataset_without_a_pair_is_refused(dataset: Path, tmp_path: Path) -> None:
    (dataset / "seeds.json").write_text("[]")
    random_checkpoint("tiny", in_channels=4).save(tmp_path / "base")
    with pytest.raises(DataError, match="larger"):
        dataset_edits(editing(side=32), dataset, tmp_path / "base")


def test_a_dataset_in_which_nothing_changes_is_refused(dataset: Path, tmp_path: Path) -> None:
    for told in dataset.glob("*/prompt.json"):
        prompt = json.loads(told.read_text())
        told.write_text(json.dumps({**prompt, "output": prompt["input"]}))
    random_checkpoint("tiny", in_channels=4).save(tmp_path / "base")
    with pytest.raises(DataError, match="learn to copy"):
        dataset_edits(editing(side=32), dataset, tmp_path / "base")


def test_families_in_which_nothing_changes_are_refused(pictures: Pictures, family: Path) -> None:
    still = tuple(
        dataclasses.replace(
            one, edits=tuple(dataclasses.replace(edit, operation="none") for edit in one.edits)
        )
        for one in pictures.families
    )
    alike = dataclasses.replace(pictures, families=still)
    with pytest.raises(DataError, match=rf"{pictures.families[0].folder.parents[1]} holds .*learn to copy"):
        rendered_edits(editing(), context(alike, family, "edit"))
