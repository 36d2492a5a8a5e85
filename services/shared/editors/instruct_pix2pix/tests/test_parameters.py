import json
import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st
from langdesign_diffusion import InvalidParameters, RegularisationParameters
from langdesign_instruct_pix2pix import EditParameters, RegionParameters

shares = st.tuples(st.floats(0, 1), st.floats(0, 1)).map(sorted).map(tuple)
texts = st.text(min_size=1, max_size=50).filter(str.strip)
parameters = st.builds(
    EditParameters,
    instruction=texts,
    steps=st.integers(1, 200),
    guidance_scale=st.floats(1, 30),
    image_guidance_scale=st.floats(1, 10),
    seed=st.integers(0, 2**63 - 1),
    sampler=st.sampled_from(["euler_ancestral", "euler", "ddim", "dpmpp_2m"]),
    guidance_interval=st.none() | shares,
    regularisation=st.builds(
        lambda alpha, share, levels, lock: RegularisationParameters(alpha, *share, levels, lock),
        st.none() | st.floats(0, 100),
        shares,
        st.integers(1, 4),
        st.booleans(),
    ),
    preserve=st.sampled_from(["none", "attention", "latent", "strict"]),
    feather=st.integers(0, 128),
    preview_every=st.integers(0, 20),
    regions=st.lists(st.builds(RegionParameters, st.none() | texts), max_size=4).map(tuple),
)


@given(parameters)
def test_json_reads_back_to_an_equal_value(value):
    assert EditParameters.from_json(value.to_json()) == value


def test_what_is_left_out_takes_its_default():
    assert EditParameters.from_json('{"instruction": "add a lamp"}') == EditParameters("add a lamp")


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"steps": 0}, "steps"),
        ({"steps": 5.0}, "steps"),
        ({"steps": True}, "steps"),
        ({"steps": None}, "steps"),
        ({"seed": -1}, "seed"),
        ({"guidance_scale": "high"}, "guidance_scale"),
        ({"guidance_scale": float("nan")}, "guidance_scale"),
        ({"sampler": "plms"}, "sampler"),
        ({"preserve": "all"}, "preserve"),
        ({"negative": "blurry"}, "negative"),
        ({"guidance_interval": [0.5]}, "guidance_interval"),
        ({"guidance_interval": [0.5, 0.2]}, "guidance_interval[1]"),
        ({"regularisation": {"alpha": -1}}, "regularisation.alpha"),
        ({"regularisation": {"beta": 1}}, "regularisation.beta"),
        ({"regularisation": None}, "regularisation"),
        ({"regions": {}}, "regions"),
        ({"regions": [{}, {"instruction": " "}]}, "regions[1].instruction"),
        ({"regions": [{"mask": 1}]}, "regions[0].mask"),
        ({"instruction": ""}, "instruction"),
        ({"instruction": 7}, "instruction"),
        ({"instruction": "x" * 1001}, "instruction"),
    ],
)
def test_a_wrong_field_is_named_with_its_hint(change, field):
    with pytest.raises(InvalidParameters) as caught:
        EditParameters.from_json(json.dumps({"instruction": "add a lamp", **change}))
    assert caught.value.field == field
    assert str(caught.value).startswith(f"{field}: ")


@pytest.mark.parametrize("text", ["", "[]", "{", '"x"', "null", b"\xff"])
def test_what_is_no_json_object_is_refused(text):
    with pytest.raises(InvalidParameters, match="JSON object"):
        EditParameters.from_json(text)


def test_the_instruction_must_be_there():
    with pytest.raises(InvalidParameters, match="instruction: is missing"):
        EditParameters.from_json("{}")


def test_the_instruction_may_be_empty_if_every_region_has_its_own():
    EditParameters("", regions=(RegionParameters("add a lamp"),))
    with pytest.raises(InvalidParameters, match="every region"):
        EditParameters("", regions=(RegionParameters("add a lamp"), RegionParameters()))


def test_a_request_can_be_stated_without_importing_torch():
    code = "import sys, langdesign_diffusion; sys.exit('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_half_of_a_surrogate_pair_is_refused():
    with pytest.raises(InvalidParameters, match="hex escape"):
        EditParameters.from_json('{"instruction": "paint \\ud800"}')
