"""Prompts and their worked examples, read from `data/prompts/<language>.json`."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from importlib import resources
from typing import Any

from langdesign_reference.plan import Operation

MAX_REFERENCES = 6
"""References of one kind that an answer may hold."""


@dataclass(frozen=True)
class Prompt:
    """What precedes the instruction, as chat messages: the system's text and worked examples.

    Attributes:
        messages: For a whole plan.
        naming: For the name of the one thing that the edit is about, which takes a few tokens only.
        nothing: What is named where the edit is about no thing in particular.

    """

    messages: tuple[dict[str, str], ...]
    naming: tuple[dict[str, str], ...]
    nothing: str

    def ask(self, instruction: str, caption: str) -> list[dict[str, str]]:
        """Return the whole chat for an instruction, with the caption of the picture when there is one."""
        question = f"{instruction}\n(The picture shows: {caption})" if caption else instruction
        return [*self.messages, {"role": "user", "content": question}]

    def ask_name(self, instruction: str) -> list[dict[str, str]]:
        """Return the whole chat that asks what an instruction is about."""
        return [*self.naming, {"role": "user", "content": instruction}]


def load_prompt(language: str) -> Prompt:
    """Read the prompt of one of `langdesign_reference.lexicon.LANGUAGES`."""
    file = resources.files("langdesign_reference").joinpath("data", "prompts", f"{language}.json")
    data = json.loads(file.read_text("utf-8"))
    return Prompt(_messages(data), _messages(data["naming"]), data["naming"]["nothing"])


def _messages(data: Mapping[str, Any]) -> tuple[dict[str, str], ...]:
    messages = [{"role": "system", "content": data["system"]}]
    for shot in data["shots"]:
        # Without spaces an answer takes fewer tokens, and the model writes as the examples do.
        answer = json.dumps(shot["answer"], ensure_ascii=False, separators=(",", ":"))
        messages += [
            {"role": "user", "content": shot["instruction"]},
            {"role": "assistant", "content": answer},
        ]
    return tuple(messages)


def answer_schema(spans: list[str]) -> dict[str, Any]:
    """Return the JSON schema of an answer whose references are among `spans`."""
    references = {"type": "array", "items": {"type": "string", "enum": spans}, "maxItems": MAX_REFERENCES}
    return {
        "type": "object",
        "properties": {
            "do": {"type": "string", "enum": [operation.value for operation in Operation]},
            "what": references,
            "where": references,
        },
        "required": ["do", "what", "where"],
        "additionalProperties": False,
    }


def name_schema(names: list[str]) -> dict[str, Any]:
    """Return the JSON schema of an answer that is one of `names`."""
    return {"type": "string", "enum": names}
