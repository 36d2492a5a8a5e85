"""What models, versions and aliases may be called; a wrong name is refused before anything is opened."""

import pytest
from langdesign_registry import InvalidName, Registry

NOWHERE = Registry("http://127.0.0.1:9")


@pytest.mark.parametrize("alias", ["2", "v2", "latest", "Champion", "", "a b", "x" * 65, "-a"])
def test_an_alias_that_could_be_taken_for_a_version_is_refused(alias):
    for move in (NOWHERE.set_alias, NOWHERE.promote):
        with pytest.raises(InvalidName, match="is no alias; begin with a letter"):
            move("models/interior@1", alias)


@pytest.mark.parametrize(
    "name",
    [
        "interior",
        "models/interior",
        "models/Interior@1",
        "models/a/b@1",
        "../x@1",
        "@1",
        "models:/a/champion",
    ],
)
def test_what_names_no_version_is_refused(name):
    for use in (NOWHERE.get, NOWHERE.delete_alias):
        with pytest.raises(InvalidName):
            use(name)


@pytest.mark.parametrize("model", ["Interior", "", "a/b", "x" * 65, "a'b"])
def test_a_model_that_cannot_be_called_so_is_refused(model):
    with pytest.raises(InvalidName, match="is no name of a model"):
        NOWHERE.list_versions(model)
