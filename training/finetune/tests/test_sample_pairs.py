import dataclasses
from collections import Counter
from pathlib import Path

import numpy as np
import pytest
import torch
from langdesign_dataset.samples import SampleSet, write_samples
from langdesign_diffusion.random_weights import random_checkpoint
from langdesign_finetune import DataError, StorageError
from langdesign_finetune.batches import draws
from langdesign_finetune.sample_latents import SampleLatents, encode_samples, squared, squared_mask
from langdesign_finetune.sample_pairs import MixedPairs, SamplePairs, split, trained_on
from langdesign_triples import Change

from .conftest import full_disk
from .samples import SIZE, one_sample, write_tiny

SIDE = 32
SHARES = {"alter": 0.4, "add": 0.2, "remove": 0.2, "none": 0.2}
SOURCES = {"prompt-to-prompt": 1.0, "rendered": 1.0, "no-op": 1.0}


@pytest.fixture(scope="module")
def samples(tmp_path_factory: pytest.TempPathFactory) -> SampleSet:
    return write_tiny(tmp_path_factory.mktemp("samples"))


@pytest.fixture(scope="module")
def latents(samples: SampleSet, tmp_path_factory: pytest.TempPathFactory) -> SampleLatents:
    return encode_samples(
        samples, random_checkpoint("tiny").vae, "tiny", SIDE, tmp_path_factory.mktemp("cache")
    )


def pairs(samples: SampleSet, latents: SampleLatents, **changes: dict[str, float]) -> SamplePairs:
    return SamplePairs(
        samples, latents, range(len(samples)), changes.get("shares", SHARES), changes.get("sources", SOURCES)
    )


def test_latents_are_those_of_the_scaled_and_cropped_pictures(
    samples: SampleSet, latents: SampleLatents
) -> None:
    vae = random_checkpoint("tiny").vae
    for state, picture in enumerate(samples[3].pictures()):
        for mirrored, shown in enumerate((squared(picture, SIDE), squared(picture, SIDE)[:, ::-1])):
            pixels = torch.from_numpy(shown.copy()).permute(2, 0, 1)[None].float() / 127.5 - 1
            posterior = vae.encode(pixels).latent_dist
            found = latents.moments[3, state, mirrored].astype(np.float32)
            np.testing.assert_allclose(found[0], posterior.mean[0].numpy(), rtol=2e-3, atol=2e-3)
            np.testing.assert_allclose(found[1], posterior.logvar[0].numpy(), rtol=2e-3, atol=2e-3)


def test_pictures_and_masks_are_cropped_alike(samples: SampleSet) -> None:
    for sample in (one for one in samples if one.mask):
        region = sample.region()
        assert region is not None
        shown = np.where(region[..., None], 255, 0).astype(np.uint8).repeat(3, axis=2)
        cropped, mask = squared(shown, 24), squared_mask(region, 24)
        assert cropped.shape == (24, 24, 3)
        assert np.abs(cropped[..., 0].astype(float) / 255 - mask).mean() < 0.1


def test_what_may_change_is_known_at_every_latent_position(
    samples: SampleSet, latents: SampleLatents
) -> None:
    chosen = np.arange(len(samples))
    taken = pairs(samples, latents).take(chosen, np.zeros(len(chosen), bool), draws(0, 0))
    for key, inside in zip(taken.names, taken.inside, strict=True):
        sample = samples[samples.keys.index(key)]
        region = sample.region()
        if region is None:
            assert inside.sum() == 0
        else:
            assert float(inside.mean()) == pytest.approx(squared_mask(region, SIDE).mean(), abs=0.01)


def test_mirrored_samples_exchange_left_and_right(samples: SampleSet, latents: SampleLatents) -> None:
    chosen, still = np.arange(4), np.zeros(4, bool)
    source = pairs(samples, latents)
    plain, flipped = (source.take(chosen, one, draws(0, 0)) for one in (still, ~still))
    assert torch.equal(flipped.inside, plain.inside.flip(-1))
    for one, other in zip(plain.instructions, flipped.instructions, strict=True):
        assert other == one.replace("left", "right")
    np.testing.assert_array_equal(
        flipped.before.numpy(), latents.moments[source.places[:4], 0, 1, 0].astype(np.float32)
    )


def test_changes_have_their_shares_and_sources_their_weights(
    samples: SampleSet, latents: SampleLatents
) -> None:
    source = pairs(samples, latents, shares={"alter": 0.6, "none": 0.2, "replace": 9.0})
    changes = samples.table["change"].to_pylist()
    drawn = Counter(changes[source.places[number]] for number in source.choose(draws(0, 0), 4000))
    assert drawn["alter"] == pytest.approx(3000, abs=150)
    assert drawn["none"] == pytest.approx(1000, abs=150)
    only = pairs(samples, latents, sources={"rendered": 1.0})
    assert {changes[place] for place in only.places} == {"add"}
    with pytest.raises(DataError, match="no sample of these changes"):
        pairs(samples, latents, sources={"imported": 1.0})


def test_an_encoding_that_was_cut_goes_on_and_ends_the_same(samples: SampleSet, tmp_path: Path) -> None:
    vae = random_checkpoint("tiny").vae
    whole = encode_samples(samples, vae, "tiny", SIDE, tmp_path)
    path = next(tmp_path.glob("latents-*.f16"))
    bytes_ = path.read_bytes()
    one = len(bytes_) // len(samples)
    path.unlink()
    (tmp_path / f".{path.name}").write_bytes(bytes_[: 17 * one + 5])  # a chunk, and the half of another
    (inside,) = tmp_path.glob("inside-*.u8")
    inside.rename(inside.with_name(f".{inside.name}"))
    again = encode_samples(samples, vae, "tiny", SIDE, tmp_path)
    np.testing.assert_array_equal(again.moments, whole.moments)
    np.testing.assert_array_equal(again.inside, whole.inside)
    assert not list(tmp_path.glob(".latents*"))


def test_an_encoding_tells_its_progress_on_standard_error_alone(
    samples: SampleSet, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    encode_samples(samples, random_checkpoint("tiny").vae, "tiny", SIDE, tmp_path)
    told = capsys.readouterr()
    assert told.out == ""
    assert "encoding samples" in told.err


def test_a_full_disk_ends_an_encoding_which_then_goes_on(samples: SampleSet, tmp_path: Path) -> None:
    vae = random_checkpoint("tiny").vae
    whole = encode_samples(samples, vae, "tiny", SIDE, tmp_path / "whole")
    with (
        full_disk(whole.moments.nbytes - 1),
        pytest.raises(StorageError, match=r"latents-.* cannot be written .*; free space"),
    ):
        encode_samples(samples, vae, "tiny", SIDE, tmp_path / "cut")
    again = encode_samples(samples, vae, "tiny", SIDE, tmp_path / "cut")
    np.testing.assert_array_equal(again.moments, whole.moments)
    np.testing.assert_array_equal(again.inside, whole.inside)


def test_latents_are_encoded_once_for_each_set_and_autoencoder(samples: SampleSet, tmp_path: Path) -> None:
    vae = random_checkpoint("tiny").vae
    for identity in ("one", "one", "other"):
        encode_samples(samples, vae, identity, SIDE, tmp_path)
    assert len(list(tmp_path.glob("latents-*.f16"))) == 2


def test_samples_of_one_caption_are_held_out_together(samples: SampleSet) -> None:
    train, apart = split(samples, 0.3)
    assert sorted([*train, *apart]) == list(range(len(samples)))
    assert 0.05 < len(apart) / len(samples) < 0.6
    captions = samples.table["input"].to_pylist()
    assert not {captions[place] for place in train} & {captions[place] for place in apart}
    assert set(split(samples, 0.1)[1]) <= set(apart)


def test_an_edit_and_its_way_back_are_held_out_together(tmp_path: Path) -> None:
    there = [one_sample(number, Change.ALTER) for number in range(12)]
    back = [
        dataclasses.replace(
            one,
            key=one.key[::-1],
            triple=dataclasses.replace(
                one.triple, input=f"{one.triple.output} again", output=one.triple.input
            ),
            before=one.after,
            after=one.before,
        )
        for one in there
    ]
    samples = write_samples(tmp_path, [*there, *back], recipe={})
    sides = split(samples, 0.5)
    assert all(sides)
    seen, asked = (
        {one for place in side for one in (samples[place].before, samples[place].after)} for side in sides
    )
    assert not seen & asked


def test_a_set_in_which_nothing_changes_is_refused(tmp_path: Path) -> None:
    still = write_samples(tmp_path, (one_sample(number, Change.NONE) for number in range(5)), recipe={})
    with pytest.raises(DataError, match="learn to copy"):
        split(still, 0.05)


def test_edits_of_one_kind_alone_are_told_of_and_several_are_not(
    samples: SampleSet, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    trained_on(samples, 0.05, SHARES, SOURCES)
    assert caplog.text == ""
    alone = write_samples(tmp_path, (one_sample(number, Change.ADD) for number in range(9)), recipe={})
    train, _ = trained_on(alone, 0.05, SHARES, SOURCES)
    assert f"edits of one kind alone (add: {len(train)} pairs to train on, 0 more" in caplog.text
    caplog.clear()
    trained_on(samples, 0.05, {"alter": 1.0, "none": 1.0}, SOURCES)  # the others are not drawn
    assert "edits of one kind alone (alter: " in caplog.text


@pytest.mark.parametrize(
    ("shares", "sources"), [({"none": 1.0}, SOURCES), (SHARES, {"no-op": 1.0}), ({"replace": 1.0}, SOURCES)]
)
def test_a_recipe_that_draws_no_edit_is_refused(
    samples: SampleSet, shares: dict[str, float], sources: dict[str, float]
) -> None:
    with pytest.raises(DataError, match=r"learn to copy: .*change the recipe's shares and sources"):
        trained_on(samples, 0.05, shares, sources)


def test_examples_show_every_change_with_its_region(samples: SampleSet, latents: SampleLatents) -> None:
    found = pairs(samples, latents).examples(2, SIDE)
    assert Counter(one.operation for one in found) == {"alter": 2, "add": 2, "remove": 2, "none": 2}
    for one in found:
        assert one.before.shape == one.truth.shape == (SIDE, SIDE, 3)
        assert one.region.any() == (one.operation != "none")
    assert min(SIZE) > SIDE


def test_a_second_set_is_replayed_by_its_share(samples: SampleSet, latents: SampleLatents) -> None:
    own = pairs(samples, latents, shares={"alter": 1.0})
    other = pairs(samples, latents, shares={"remove": 1.0})
    mixed = MixedPairs([(own, 0.75), (other, 0.25)])
    chosen = mixed.choose(draws(0, 0), 400)
    taken = mixed.take(chosen, np.zeros(400, bool), draws(0, 1))
    assert Counter(taken.instructions)["Remove the left box."] == pytest.approx(100, abs=30)
    rows = [samples.keys.index(name) for name in taken.names]
    np.testing.assert_array_equal(taken.before.numpy(), latents.moments[rows, 0, 0, 0].astype(np.float32))
    assert [samples.row(row)["edit"] for row in rows] == list(taken.instructions)
