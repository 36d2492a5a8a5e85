"""The walk of an edit in ARCHITECTURE.md is true, and short."""

import importlib
import re

HAND_OVERS = 14  # more means that an edit got another stop on its way; let one go first


def _walk(root):
    text = (root / "ARCHITECTURE.md").read_text()
    section = text.split("### An edit, hop by hop")[1].split("\n## ")[0]
    return re.findall(r"^\| (\d+) \| `([\w.]+)` \|", section, re.MULTILINE)


def _resolve(name):
    parts = name.split(".")
    for cut in range(len(parts), 0, -1):
        try:
            found = importlib.import_module(".".join(parts[:cut]))
        except ModuleNotFoundError:
            continue
        for attribute in parts[cut:]:
            found = getattr(found, attribute)
        return found
    raise AssertionError(f"{name} cannot be imported")


def test_every_stop_of_an_edit_exists(root):
    stops = [_resolve(name) for _, name in _walk(root)]
    assert all(map(callable, stops))


def test_an_edit_is_handed_over_no_more_often_than_the_walk_says(root):
    numbers = [int(number) for number, _ in _walk(root)]
    assert numbers == list(range(1, HAND_OVERS + 1))
