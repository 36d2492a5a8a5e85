"""The list of promises. `docs/promises.md` is made from it: `langdesign bench promises --markdown`."""

from langdesign_command.promises.engine import ENGINE
from langdesign_command.promises.pictures import PICTURES
from langdesign_command.promises.promise import Promise
from langdesign_command.promises.serving import SERVING
from langdesign_command.promises.trust import TRUST

PROMISES: tuple[Promise, ...] = tuple(
    sorted((*ENGINE, *PICTURES, *SERVING, *TRUST), key=lambda one: one.number)
)
"""All of them, by number."""
