"""The model server's configurations, and what the services send to it."""

import json
import re
from pathlib import Path

import pytest
from langdesign_edits.focus import choose
from langdesign_engine import EngineOptions

ROOT = Path(__file__).parents[2]
GPU = ROOT / "services/model_server/model_repository/edit/configs/gpu.pbtxt"
KNOWN, MULTIPLE = 512, 64  # Stable Diffusion's, and the services' default


def _options() -> EngineOptions:
    """The engine's options of the GPU configuration."""
    text = re.search(r'key: "engine" value: \{ string_value: "(.*)" \}', GPU.read_text())
    assert text is not None
    return EngineOptions.from_json(json.loads(f'"{text[1]}"'))


@pytest.mark.parametrize(
    ("height", "width"), [(3024, 4032), (4032, 3024), (3000, 3000), (768, 1024), (512, 512)]
)
def test_what_a_photo_is_seen_as_was_captured_before_the_gpu_serves(height, width):
    assert choose(height, width, None, KNOWN, MULTIPLE).size in _options().resolutions
