"""Furniture as meshes: `build` makes any object class of the vocabulary in any style."""

from .catalogue import build, extent, top, top_extent

__all__ = ["build", "extent", "top", "top_extent"]
