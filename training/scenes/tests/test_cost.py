import time

import pytest
from langdesign_scenes.__main__ import app
from langdesign_scenes.writing import Recipe
from typer.testing import CliRunner


def test_the_cost_of_a_picture_is_printed_and_no_more_than_was_spent():
    start = time.process_time()
    result = CliRunner().invoke(app, ["cost", "--families", "1", "--samples", "1", "--size", "32"])
    spent = time.process_time() - start
    assert result.exit_code == 0, result.output
    figures = {name: float(value) for name, value in (one.split("=") for one in result.output.split())}
    assert set(figures) == {"pictures", "mean_seconds", "median_seconds"}
    assert figures["pictures"] == len(Recipe().plan(1).states)
    assert figures["mean_seconds"] > 0
    assert figures["median_seconds"] > 0
    assert figures["pictures"] * figures["mean_seconds"] < spent


@pytest.mark.parametrize("option", ["--families", "--samples", "--size"])
def test_a_cost_of_nothing_is_refused(option):
    result = CliRunner().invoke(app, ["cost", option, "0"])
    assert result.exit_code == 2
    assert option in result.output
