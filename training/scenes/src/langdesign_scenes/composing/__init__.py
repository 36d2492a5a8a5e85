"""Layout: which rooms and objects a set shows, and which changes lead from one picture to another."""

from .plan import plan_family
from .projection import Sight, project, sights

__all__ = ["Sight", "plan_family", "project", "sights"]
