"""A context: a folder of data that says what an editor is to be made a specialist for.

FOLDER/context.toml      name, description, curriculum and operation mix
FOLDER/ontology.toml     things, colours, materials and patterns
FOLDER/agents/NAME.toml  one for each subject: prompt, shots, rules, and what its captions name
FOLDER/phrases.toml      words of instructions; what it leaves out is the library's own
"""

from __future__ import annotations

import hashlib
import json
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from types import MappingProxyType
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from .errors import InvalidContext
from .schema import Agent, Curriculum, Header, Ontology, Phrases
from .triple import Change, SubjectKind

HEADER = "context.toml"
MOST_BYTES = 1 << 20  # of one file

_Model = TypeVar("_Model", bound=BaseModel)


@dataclass(frozen=True, eq=False)
class Context:
    """A field of work that an editor can be made a specialist for."""

    name: str
    description: str  # a sentence
    rendered: bool  # whether the renderer's scenes show it, as a second source of pairs
    curriculum: Curriculum
    operations: Mapping[Change, float]  # weight of each change
    agents: Mapping[str, Agent]  # by subject
    ontology: Ontology
    phrases: Phrases
    digest: str  # "sha256:..." of what its files say

    @property
    def objects(self) -> tuple[str, ...]:
        """Single objects, in the order of the curriculum."""
        return self.curriculum.objects

    @property
    def rooms(self) -> tuple[str, ...]:
        """Rooms or other scenes, in the order of the curriculum."""
        return self.curriculum.rooms

    def kind(self, subject: str) -> SubjectKind:
        """Return what kind of subject that is.

        Raises:
            InvalidContext: the context has no such subject.

        """
        self.check_subjects([subject])
        return SubjectKind.OBJECT if subject in self.objects else SubjectKind.ROOM

    def check_subjects(self, subjects: list[str] | tuple[str, ...]) -> None:
        """Look whether the context has subjects.

        Raises:
            InvalidContext: it lacks one.

        """
        if strange := [name for name in subjects if name not in self.agents]:
            raise InvalidContext(
                f"The context {self.name!r} has no subject {', '.join(map(repr, strange))}; "
                f"choose from {', '.join([*self.objects, *self.rooms])}"
            )


def list_contexts(root: Path) -> tuple[Context, ...]:
    """Return the contexts of a folder, by name.

    Raises:
        InvalidContext: there is no such folder, or one of them is not what it should be.

    """
    if not root.is_dir():
        raise InvalidContext(f"There is no folder {root}; give one that holds a folder for each context")
    return tuple(load_context(path.parent) for path in sorted(root.glob(f"*/{HEADER}")))


def load_context(folder: Path) -> Context:
    """Return the context that a folder holds.

    Raises:
        InvalidContext: a file is missing, is no TOML, or says what cannot be.

    """
    header = _parsed(folder / HEADER, Header)
    if header.name != folder.resolve().name:
        raise InvalidContext(
            f"{folder / HEADER}, name: it is {header.name!r}, and the folder {folder.resolve().name!r}; "
            "call both the same"
        )
    ontology = _parsed(folder / "ontology.toml", Ontology)
    agents = {name: _agent(folder, name) for name in (*header.curriculum.objects, *header.curriculum.rooms)}
    for name, agent in agents.items():
        _check_agent(_agent_path(folder, name), name, agent, ontology, header.curriculum)
    phrases = _phrases(folder / "phrases.toml")
    return Context(
        name=header.name,
        description=header.description,
        rendered=header.rendered,
        curriculum=header.curriculum,
        operations=MappingProxyType(dict(header.operations)),
        agents=MappingProxyType(agents),
        ontology=ontology,
        phrases=phrases,
        digest=_digest(header, ontology, phrases, *agents.values()),
    )


def _agent_path(folder: Path, subject: str) -> Path:
    return folder / "agents" / f"{subject.replace(' ', '-')}.toml"


def _agent(folder: Path, subject: str) -> Agent:
    return _parsed(_agent_path(folder, subject), Agent)


def _check_agent(path: Path, name: str, agent: Agent, ontology: Ontology, curriculum: Curriculum) -> None:
    if agent.subject != name:
        raise InvalidContext(f"{path}, subject: it is {agent.subject!r}; the curriculum calls it {name!r}")
    named = (*agent.essential, *agent.usual, *((name,) if name in curriculum.objects else ()))
    if strange := sorted({thing for thing in named if thing not in ontology.things}):
        raise InvalidContext(
            f"{path}: {', '.join(strange)} is no thing of ontology.toml; add [things.{strange[0]!r}] there"
        )
    if name in curriculum.rooms and not (agent.scene and agent.essential):
        raise InvalidContext(
            f"{path}: a room needs scene (how its captions begin) and essential (things that they name)"
        )


def _phrases(path: Path) -> Phrases:
    own = _read(path) if path.is_file() else {}
    default = tomllib.loads(resources.files(__package__).joinpath("phrases.toml").read_text(encoding="utf-8"))
    return _validated(path, {**default, **own}, Phrases)


def _parsed(path: Path, model: type[_Model]) -> _Model:
    return _validated(path, _read(path), model)


def _read(path: Path) -> dict[str, Any]:
    try:
        if path.stat().st_size > MOST_BYTES:
            raise InvalidContext(f"{path} has more than {MOST_BYTES} bytes; a context is written by hand")
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise InvalidContext(f"{path} is missing; contexts/README.md says what a context needs") from error
    except (OSError, UnicodeDecodeError) as error:
        raise InvalidContext(f"{path} cannot be read: {error}; write it as TOML in UTF-8") from error
    except tomllib.TOMLDecodeError as error:
        raise InvalidContext(f"{path} is no TOML: {error}; correct that line") from error


def _validated(path: Path, data: Mapping[str, Any], model: type[_Model]) -> _Model:
    try:
        return model.model_validate(data)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        field = ".".join(str(part) for part in first["loc"]) or "its fields"
        raise InvalidContext(f"{path}, {field}: {first['msg']}; correct it there") from error


def _digest(*parts: BaseModel) -> str:
    told = json.dumps([part.model_dump(mode="json") for part in parts], sort_keys=True)
    return f"sha256:{hashlib.sha256(told.encode()).hexdigest()}"
