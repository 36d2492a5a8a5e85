"""What an agent is told: its subject's prompt, rules, words and shots, and what to write now."""

from __future__ import annotations

import json
import random
from collections import Counter
from collections.abc import Sequence
from functools import lru_cache
from typing import Any, TypedDict

from ..context import Context
from ..schema import Shot
from ..triple import Change
from .slots import Slot

HINTS = 4  # words that a request proposes, so that the next one does not write the same
MOST_COMPLAINTS = 8  # that are sent back


class Message(TypedDict):
    """One message of a chat."""

    role: str
    content: str


def ask(context: Context, slots: Sequence[Slot], rng: random.Random) -> list[Message]:
    """Return the messages that ask an agent to fill slots of its one subject."""
    subject = slots[0].subject
    shots = context.agents[subject].shots
    return [
        {"role": "system", "content": _system(context, subject)},
        {"role": "user", "content": _wish(subject, [shot.change for shot in shots])},
        {"role": "assistant", "content": json.dumps({"triples": [_shown(shot) for shot in shots]})},
        {"role": "user", "content": _wish(subject, [s.change for s in slots], _hints(context, subject, rng))},
    ]


def correct(answer: str, complaints: Sequence[str], left: Sequence[Slot]) -> list[Message]:
    """Return the messages that send an answer back with what is wrong in it."""
    told = "\n".join(f"- {complaint}" for complaint in list(dict.fromkeys(complaints))[:MOST_COMPLAINTS])
    wish = _wish(left[0].subject, [slot.change for slot in left])
    return [
        {"role": "assistant", "content": answer},
        {"role": "user", "content": f"Not all of that can be used:\n{told}\n{wish}"},
    ]


@lru_cache(maxsize=256)
def _system(context: Context, subject: str) -> str:
    agent, ontology = context.agents[subject], context.ontology
    things = [*dict.fromkeys([*agent.essential, *agent.usual])] or [*ontology.things]
    words = {
        "Things": [ontology.things[name].nouns[0] for name in things],
        "Colours": [*ontology.colours],
        "Materials": [material.adjective for material in ontology.materials.values()],
        "Patterns": [*ontology.patterns],
    }
    rules = "\n".join(f"- {rule.strip()}" for rule in agent.rules)
    listed = "\n".join(f"{name}: {', '.join(found)}." for name, found in words.items() if found)
    return f"{agent.system.strip()}\n{rules}\n{listed}\nWrite plain lower-case captions. Answer in JSON."


def _wish(subject: str, changes: Sequence[Change], hints: Sequence[str] = ()) -> str:
    counted = ", ".join(f"{many} x {change}" for change, many in Counter(changes).items())
    hint = f" Where they fit, use: {', '.join(hints)}." if hints else ""
    return f"Write {len(changes)} for the subject {subject}: {counted}. All different.{hint}"


def _hints(context: Context, subject: str, rng: random.Random) -> list[str]:
    agent, ontology = context.agents[subject], context.ontology
    things = [ontology.things[name].nouns[0] for name in (*agent.essential, *agent.usual)]
    words = [*ontology.colours, *(one.adjective for one in ontology.materials.values()), *things]
    return rng.sample(words, min(HINTS, len(words)))


def _shown(shot: Shot) -> dict[str, Any]:
    return shot.model_dump(mode="json")
