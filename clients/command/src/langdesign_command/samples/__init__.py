"""A room to begin with: `bedroom.json` is its scene, rendered by `langdesign_scenes`."""

from importlib.resources import files

SUGGESTIONS = ("Make the bed red", "Paint the wall blue", "Make the curtain red", "Remove the picture")
"""Instructions that go well with the room."""


def bedroom() -> bytes:
    """Return the room, PNG, RGB, 128 x 128."""
    return files(__name__).joinpath("bedroom.png").read_bytes()
