"""Procedural interiors, path traced, with their captions, exact masks, expressions and edits."""

from langdesign_scenes.dataset import Edit, Expression, Family, Instance, SceneSet, State, read_family
from langdesign_scenes.description import Camera, Finish, Light, Scene, Thing, Window
from langdesign_scenes.errors import DatasetError, SceneError, ScenesError

__all__ = [
    "Camera",
    "DatasetError",
    "Edit",
    "Expression",
    "Family",
    "Finish",
    "Instance",
    "Light",
    "Scene",
    "SceneError",
    "SceneSet",
    "ScenesError",
    "State",
    "Thing",
    "Window",
    "read_family",
]
