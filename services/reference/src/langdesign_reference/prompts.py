"""Prompts and their worked examples, read from `data/prompts/<language>.json`."""

import json
from dataclasses import dataclass
from importlib import resources
from typing import Any

from langdesign_reference.plan import Operation

MAX_REFERENCES = 6
"""References of one kind that an answer may hold."""


@dataclass(frozen=True)
class Prompt:
    """What precedes the instruction: the system's text and worked examples, as chat messages."""

    messages: tuple[dict[str, str], ...]

    def ask(self, instruction: str, caption: str) -> list[dict[str, str]]:
        """Return the whole chat for an instruction, with the caption of the picture when there is one."""
        question = f"{instruction}\n(The picture shows: {caption})" if caption else instruction
        return [*self.messages, {"role": "user", "content": question}]


def load_prompt(language: str) -> Prompt:
    """Read the prompt of one of `langdesign_reference.lexicon.LANGUAGES`."""
    file = resources.files("langdesign_reference").joinpath("data", "prompts", f"{language}.json")
    data = json.loads(file.read_text("utf-8"))
    messages = [{"role": "system", "content": data["system"]}]
    for shot in data["shots"]:
        # Without spaces an answer takes fewer tokens, and the model writes as the examples do.
        answer = json.dumps(shot["answer"], ensure_ascii=False, separators=(",", ":"))
        messages += [
            {"role": "user", "content": shot["instruction"]},
            {"role": "assistant", "content": answer},
        ]
    return Prompt(tuple(messages))


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
