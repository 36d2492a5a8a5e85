"""Prompts and their worked examples, read from `data/prompts`."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from importlib import resources
from typing import Any


@dataclass(frozen=True)
class Prompt:
    """What precedes an instruction, as chat messages: the system's text and worked examples."""

    messages: tuple[dict[str, str], ...]

    def ask(self, instruction: str, caption: str = "") -> list[dict[str, str]]:
        """Return the whole chat for an instruction, with the caption of the picture when there is one."""
        return [*self.messages, {"role": "user", "content": _question(instruction, caption)}]


@dataclass(frozen=True)
class Naming:
    """How a language model is asked for the one thing that an instruction is about.

    Attributes:
        prompt: What precedes the instruction.
        nothing: What is named where it is about no thing in particular.

    """

    prompt: Prompt
    nothing: str


def load_prompt() -> Prompt:
    """Read the prompt for plans, one for every language."""
    return Prompt(_messages(_data("reading.json")))


def load_namings() -> dict[str, Naming]:
    """Read the prompts for names, by language: those of the parser, which alone is confirmed by a name."""
    return {
        language: Naming(Prompt(_messages(data)), data["nothing"])
        for language, data in _data("naming.json").items()
    }


def _data(name: str) -> Any:
    file = resources.files("langdesign_reference").joinpath("data", "prompts", name)
    return json.loads(file.read_text("utf-8"))


def _messages(data: Mapping[str, Any]) -> tuple[dict[str, str], ...]:
    messages = [{"role": "system", "content": data["system"]}]
    for shot in data["shots"]:
        # Without spaces an answer takes fewer tokens, and the model writes as the examples do.
        answer = json.dumps(shot["answer"], ensure_ascii=False, separators=(",", ":"))
        messages += [
            {"role": "user", "content": _question(shot["instruction"], shot.get("caption", ""))},
            {"role": "assistant", "content": answer},
        ]
    return tuple(messages)


def _question(instruction: str, caption: str) -> str:
    return f"{instruction}\n(The picture shows: {caption})" if caption else instruction
