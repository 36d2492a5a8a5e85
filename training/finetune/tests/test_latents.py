import dataclasses
from pathlib import Path

import numpy as np
import pytest
import torch
from diffusers import AutoencoderKL
from langdesign_finetune.latents import Latents, load_latents
from langdesign_finetune.pictures import load_pictures
from langdesign_finetune.recipes import VAE
from langdesign_finetune.vae import encode, make_vae
from langdesign_scenes.dataset import SceneSet

from .conftest import write_family, write_set


@pytest.fixture(scope="module")
def vae(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("vae")
    with torch.random.fork_rng():
        torch.manual_seed(0)
        model = make_vae(dataclasses.replace(VAE["mini"], channels=(8, 8, 8, 16)))
    model.register_to_config(scaling_factor=0.5)
    model.save_pretrained(folder)
    return folder


def load(folder: Path, vae: Path, cache: str = "cache") -> Latents:
    pictures = load_pictures(SceneSet(folder), cache=folder / cache)
    return load_latents(AutoencoderKL.from_pretrained(vae), vae, pictures, folder / cache)


def test_pictures_and_their_mirrors_are_encoded_without_a_word_on_standard_output(
    tmp_path: Path, vae: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write_set(tmp_path, 2)
    latents = load(tmp_path, vae)
    assert capsys.readouterr().out == ""
    pictures = load_pictures(SceneSet(tmp_path))
    mean, _ = encode(AutoencoderKL.from_pretrained(vae), pictures.pixels[:, :, ::-1])
    rows = np.array([0, 4])
    got = latents.mode(rows, np.array([True, True]))
    torch.testing.assert_close(got, mean[rows], rtol=1e-2, atol=1e-3)
    assert not torch.allclose(latents.mode(rows, np.array([False, False])), got, atol=1e-2)


def test_samples_are_scaled_and_spread_as_the_posterior(tmp_path: Path, vae: Path) -> None:
    write_set(tmp_path, 1)
    latents = load(tmp_path, vae)
    rows, plain = np.arange(3), np.array([False] * 3)
    still = latents.sampled(rows, plain, torch.zeros(3, 4, 8, 8))
    torch.testing.assert_close(still, 0.5 * latents.mode(rows, plain))
    deviation = np.exp(0.5 * latents.moments[rows, 0, 1].astype(np.float32))
    moved = latents.sampled(rows, plain, torch.ones(3, 4, 8, 8))
    torch.testing.assert_close(moved - still, torch.from_numpy(0.5 * deviation), rtol=1e-3, atol=1e-3)


def test_a_set_that_grew_keeps_what_is_encoded(tmp_path: Path, vae: Path) -> None:
    write_set(tmp_path, 2)
    before = np.array(load(tmp_path, vae).moments)
    (encoded,) = (tmp_path / "cache").glob("*.f16")
    with encoded.open("ab") as file:
        file.write(b"cut off")  # by a kill
    write_family(tmp_path / "families" / "000002", 2)
    more = load(tmp_path, vae).moments
    np.testing.assert_array_equal(more[:6], before)
    np.testing.assert_allclose(more[6:], load(tmp_path, vae, "fresh").moments[6:], atol=2e-3)


def test_another_autoencoder_has_its_own_latents(tmp_path: Path, vae: Path) -> None:
    write_set(tmp_path, 1)
    other = tmp_path / vae.name
    with torch.random.fork_rng():
        torch.manual_seed(5)
        make_vae(dataclasses.replace(VAE["mini"], channels=(8, 8, 8, 16))).save_pretrained(other)
    assert not np.array_equal(load(tmp_path, vae).moments, load(tmp_path, other).moments)
