"""What the services learn about the checkpoints of a local run."""

from langdesign_client.local.weights import find_weights


def test_the_thresholds_of_the_segmentation_checkpoint_are_handed_on_where_there_are_any(tmp_path):
    (tmp_path / "segment").mkdir()
    assert find_weights(["segment"], tmp_path, tmp_path).thresholds == {}

    file = tmp_path / "segment" / "thresholds.json"
    file.write_text("{}")

    assert find_weights(["segment"], tmp_path, tmp_path).thresholds == {"SEGMENTATION_THRESHOLDS": str(file)}
