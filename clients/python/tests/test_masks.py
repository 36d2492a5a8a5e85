"""Run-length masks of COCO become PNGs."""

import io

import pytest
from langdesign_client import LangDesignError
from langdesign_client.run_length import run_length_to_png
from PIL import Image


def test_runs_are_read_column_by_column():
    # 4 outside, 2 inside, 6 outside: the first three runs are stored as they are.
    image = Image.open(io.BytesIO(run_length_to_png("426", 4, 3)))

    assert image.size == (4, 3)
    inside = [(x, y) for x in range(4) for y in range(3) if image.getpixel((x, y))]
    assert inside == [(1, 1), (1, 2)]


def test_runs_that_do_not_fill_the_picture_are_refused():
    with pytest.raises(LangDesignError, match="do not fill 5 x 5"):
        run_length_to_png("426", 5, 5)
