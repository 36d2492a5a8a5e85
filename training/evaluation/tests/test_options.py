import pytest
import torch
from langdesign_diffusion import InvalidParameters
from langdesign_evaluation.bench import main
from langdesign_evaluation.options import read_options
from langdesign_instruct_pix2pix import EditParameters

RANGES = {  # by argument: the engine's name for it, and both ends
    "--steps": ("steps", 1, 200),
    "--text-guidance": ("guidance_scale", 1, 30),
    "--image-guidance": ("image_guidance_scale", 1, 10),
    "--feather": ("feather", 0, 128),
    "--detail": ("detail", 0, 255),
}


def refusal(capsys, *arguments):
    """Return what the arguments are refused with, on one line."""
    with pytest.raises(SystemExit, match="2"):
        main(list(arguments))
    return " ".join(capsys.readouterr().err.split())


@pytest.fixture
def cards(monkeypatch):
    """A machine with as many CUDA devices as a test wants."""

    def have(number):
        monkeypatch.setattr(torch.cuda, "is_available", lambda: number > 0)
        monkeypatch.setattr(torch.cuda, "device_count", lambda: number)

    return have


@pytest.mark.parametrize("argument", RANGES)
def test_ranges_are_those_of_the_engine_and_are_told(argument, capsys, tmp_path):
    field, low, high = RANGES[argument]
    for value in (low, high):
        sampling = read_options(["--models", str(tmp_path), argument, str(value)]).sampling
        assert getattr(sampling, argument[2:].replace("-", "_")) == value
        EditParameters("x", **{field: value})
    for value in (low - 1, high + 1):
        told = refusal(capsys, argument, str(value))
        assert f"argument {argument}: '{value}' cannot be taken" in told
        assert f"number from {low} to {high}" in told
        with pytest.raises(InvalidParameters):
            EditParameters("x", **{field: value})


@pytest.mark.parametrize("text", ["nan", "inf", "much", ""])
def test_what_is_no_number_is_refused(text, capsys):
    assert "give a number from 1 to 30" in refusal(capsys, "--text-guidance", text)
    assert "give a whole number from 1 to 200" in refusal(capsys, "--steps", text)


@pytest.mark.parametrize("text", ["foo", "cuda:", "cuda:x", "cuda:-1", "cuda:00", "mps", ""])
def test_unknown_devices_are_refused(text, capsys, cards):
    cards(1)
    assert f"'{text}' is no device; give auto, cpu, cuda or cuda:N" in refusal(capsys, "--device", text)


@pytest.mark.parametrize(("text", "number"), [("cuda", 0), ("cuda:0", 0), ("cuda:2", 2), ("cuda:4096", 2)])
def test_devices_that_are_not_there_are_refused(text, number, capsys, cards):
    cards(number)
    told = refusal(capsys, "--device", text)
    assert f"'{text}' is not there: this machine has {number} CUDA devices" in told
    assert "cpu or auto" in told


def test_devices_that_are_there_are_taken(cards, tmp_path):
    def chosen(*arguments):
        return str(read_options(["--models", str(tmp_path), *arguments]).device)

    cards(2)
    devices = ("cpu", "cuda", "cuda:1")
    assert tuple(chosen("--device", name) for name in devices) == devices
    assert chosen() == chosen("--device", "auto") == "cuda"
    cards(0)
    assert chosen() == "cpu"


@pytest.mark.parametrize(
    ("arguments", "name"),
    [
        (["--edit=a=x", "--edit=a=y"], "a"),
        (["--edit=A b=x", "--edit=a-b=y"], "a-b"),  # they would share folders of pictures
        (["--pictures=a=x", "--pictures=a=y"], "a"),
        (["--pictures=A=x", "--pictures=a=y"], "a"),
        *(
            ([f"--pictures={name}=x"], name)
            for name in ("identity", "truth", "round trip", "plain", "Strict")
        ),
        (["--pictures=round trip of the truth=x"], "round trip of the truth"),
        (["--pictures=latent, ReLA region=x"], "latent, ReLA region"),
        (["--pictures=strict by services=x"], "strict by services"),
        (["--edit=tuned=x", "--pictures=tuned: strict=y"], "tuned: strict"),
    ],
)
def test_names_that_are_taken_are_refused(arguments, name, capsys):
    told = refusal(capsys, *arguments)
    assert f"argument {arguments[-1].split('=')[0]}: the name '{name}' is taken" in told
    assert "give one that no editor has" in told


def test_a_name_that_cannot_be_a_folders_is_refused(capsys):
    assert "the name '!?' has no letter of a-z and no digit" in refusal(capsys, "--pictures", "!?=x")


def test_other_names_are_taken(tmp_path):
    given = ["--edit=tuned=a", "--pictures=tuned=b", "--pictures=strict of theirs=c", "--pictures=2=d"]
    options = read_options(["--models", str(tmp_path), *given])
    assert list(options.pictures) == ["tuned", "strict of theirs", "2"]
    assert list(options.checkpoints) == ["tuned"]
