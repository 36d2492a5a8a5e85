import asyncio
import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from langdesign_media import ImageGuard, InvalidImage
from PIL import Image


@pytest.fixture(scope="module")
def fuzzing():
    with asyncio.Runner() as runner:
        guard = runner.run(ImageGuard(workers=1).__aenter__())
        yield lambda data: runner.run(guard.decode(data))
        runner.run(guard.__aexit__(None, None, None))


@pytest.fixture(scope="module")
def seeds(encoded, room):
    small = room.resize((12, 9))
    exif = Image.Exif()
    exif[0x0112] = 6
    return [
        encoded(small),
        encoded(small.convert("P")),
        encoded(small.convert("RGBA"), "WEBP", lossless=True),
        encoded(small, "WEBP"),
        encoded(small, "JPEG", exif=exif),
        encoded(small.convert("CMYK"), "JPEG", progressive=True),
    ]


@settings(
    max_examples=400,
    deadline=None,
    derandomize=True,
    database=None,
)
@given(data=st.data())
def test_any_mutation_of_a_picture_is_a_picture_or_refused(fuzzing, seeds, data):
    picture = bytearray(data.draw(st.sampled_from(seeds)))
    for _ in range(data.draw(st.integers(0, 6))):
        picture[data.draw(st.integers(0, len(picture) - 1))] = data.draw(st.integers(0, 255))
    cut = data.draw(st.one_of(st.just(len(picture)), st.integers(0, len(picture))))
    try:
        decoded = fuzzing(bytes(picture[:cut]) + data.draw(st.binary(max_size=8)))
    except InvalidImage as error:
        refusal = str(error)
    else:
        refusal = ""
        assert decoded.pixels.shape[2] in {3, 4}
    assert not re.search(r"/|\b0x|Error", refusal)
