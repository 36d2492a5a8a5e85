"""The page of a local run: the built one, or how to build it; and what the deployment tells it."""

import json

from langdesign_command.local.web import is_built, lay_out_page


def test_a_page_that_is_not_built_says_how_to_build_it(tmp_path):
    lay_out_page(tmp_path, tmp_path / "page")

    assert not is_built(tmp_path)
    assert "make web" in (tmp_path / "page/index.html").read_text()


def test_the_built_page_replaces_what_was_there_and_is_left_as_it_is(tmp_path):
    built = tmp_path / "clients/web/dist"
    built.mkdir(parents=True)
    (built / "index.html").write_text("<p>built</p>")
    lay_out_page(tmp_path / "elsewhere", tmp_path / "page")
    lay_out_page(tmp_path, tmp_path / "page")

    assert (tmp_path / "page/index.html").read_text() == "<p>built</p>"
    assert [path.name for path in built.iterdir()] == ["index.html"]


def test_the_page_is_told_of_a_sample_that_is_there_and_that_no_token_is_asked_for(tmp_path):
    lay_out_page(tmp_path, tmp_path / "page")

    told = json.loads((tmp_path / "page/config.json").read_text())
    assert told["auth"] == "none"
    (sample,) = told["samples"]
    assert (tmp_path / "page" / sample["url"].lstrip("/")).read_bytes().startswith(b"\x89PNG")
    assert sample["suggestions"]
