"""From a scene's description to its picture, its exact index map and its depth."""

from .renderer import Rendering, render

__all__ = ["Rendering", "render"]
