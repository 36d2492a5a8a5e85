"""What the services learn about the checkpoints of a local run."""

import pytest
from langdesign_client.local.weights import find_weights


@pytest.mark.parametrize(
    ("service", "model", "name", "variable"),
    [
        ("segmentation", "segment", "thresholds.json", "SEGMENTATION_THRESHOLDS"),
        ("editing", "edit", "sampling.json", "EDITING_SAMPLING"),
    ],
)
def test_what_a_checkpoint_advises_is_handed_on_where_it_advises_anything(
    tmp_path, service, model, name, variable
):
    (tmp_path / model).mkdir()
    assert find_weights([model], tmp_path, tmp_path).advice(service) == {}

    file = tmp_path / model / name
    file.write_text("{}")
    weights = find_weights([model], tmp_path, tmp_path)

    assert weights.advice(service) == {variable: str(file)}
    assert weights.advice("reference") == {}
