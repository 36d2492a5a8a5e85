"""Parameters that editors share, and how parameters are checked: by pydantic, told as `InvalidParameters`."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Annotated, Any, Self, TypeVar

from langdesign_edits import Preserve
from pydantic import (
    ConfigDict,
    Field,
    ModelWrapValidatorHandler,
    TypeAdapter,
    ValidationError,
    model_validator,
)
from pydantic.dataclasses import dataclass
from pydantic_core import ErrorDetails

from langdesign_diffusion.errors import InvalidParameters

Parameters = TypeVar("Parameters")

BLENDED = frozenset({Preserve.LATENT, Preserve.STRICT})
"""The contracts that put the input back: its latents outside the regions, its detail where it was kept."""

DETAIL = 10.0
"""8-bit levels of change up to which detail comes back; chosen on rendered edits, where 6 to 20 do alike."""

MAX_STEPS = 200
MAX_REGIONS = 16

STRICT = ConfigDict(extra="forbid", strict=True, allow_inf_nan=False)
"""How parameters are read: no field that is not known, no type that is taken for another."""

Instruction = Annotated[str, Field(max_length=1000)]
Steps = Annotated[int, Field(ge=1, le=MAX_STEPS)]
Scale = Annotated[float, Field(ge=1.0, le=30.0)]
Seed = Annotated[int, Field(ge=0, le=2**63 - 1)]
Feather = Annotated[int, Field(ge=0, le=128)]
Detail = Annotated[float, Field(ge=0.0, le=255.0)]
Every = Annotated[int, Field(ge=0, le=MAX_STEPS)]
Share = Annotated[float, Field(ge=0.0, le=1.0)]
Interval = Annotated[tuple[Share, Share], Field(strict=False)]  # JSON has lists
Promise = Annotated[Preserve, Field(strict=False)]  # its name will do

_LONGEST_SHOWN = 60  # characters of a wrong value


@dataclass(frozen=True, slots=True, config=STRICT)
class RegionParameters:
    """One region; its mask travels beside the parameters, in the same order."""

    instruction: Instruction | None = None  # what to do here; None means the edit's whole instruction


Regions = Annotated[tuple[RegionParameters, ...], Field(max_length=MAX_REGIONS, strict=False)]


@dataclass(frozen=True, slots=True, config=STRICT)
class RegularisationParameters:
    """Cross-attention regularisation (Simsar et al., "LIME", arXiv:2312.09256).

    Raises:
        InvalidParameters: on construction, naming the field and a hint.

    """

    alpha: Annotated[float, Field(ge=0.0, le=1e4)] | None = None
    """Penalty subtracted from logits (the paper: 25); None removes the tokens."""
    start: Share = 0.0  # share of the steps at which it begins, 0..1
    end: Share = 0.9  # share of the steps at which it stops, start..1 (LIME: steps 0..26 of 30)
    levels: Annotated[int, Field(ge=1, le=4)] = 2  # how many of the finest UNet levels carry the bias, 1..4
    background_lock: bool = False  # also penalise the effective tokens outside every region

    @model_validator(mode="wrap")
    @classmethod
    def _check(cls, value: object, read: ModelWrapValidatorHandler[Self]) -> Self:
        with told(cls, "regularisation."):
            return read(value)

    def __post_init__(self) -> None:
        """Raise `InvalidParameters` where it would end before it begins."""
        check_order("regularisation.end", self.start, self.end)


def check_order(field: str, start: float, end: float) -> None:
    """Raise `InvalidParameters` where a part of the steps ends before it begins."""
    if end < start:
        raise InvalidParameters(field, f"is {end}; choose a value from {start} to 1.0")


def read_parameters(kind: type[Parameters], text: str | bytes) -> Parameters:
    """Read the JSON object of a class of parameters; what is left out takes its default.

    Raises:
        InvalidParameters: naming the field and a hint.

    """
    with told(kind):
        return TypeAdapter(kind).validate_json(text)


def check_instructions(instruction: str, regions: Sequence[RegionParameters]) -> None:
    """Raise `InvalidParameters` where an instruction is blank that is needed."""
    own = [region.instruction for region in regions]
    for index, text in enumerate(own):
        if text is not None and not text.strip():
            raise InvalidParameters(f"regions[{index}].instruction", "is empty; write it or leave it out")
    if not instruction.strip() and (not own or None in own):
        raise InvalidParameters("instruction", "is empty; write it, or give every region its own")


@contextmanager
def told(kind: type[Any], path: str = "") -> Iterator[None]:
    """Raise pydantic's first error inside the block as `InvalidParameters` of a field under `path`."""
    try:
        yield
    except ValidationError as error:
        names = [one.name for one in dataclasses.fields(kind)]
        raise _invalid(error.errors(include_url=False)[0], names, path) from error


def _invalid(error: ErrorDetails, names: list[str], path: str) -> InvalidParameters:
    kind, at = error["type"], list(error["loc"])
    if at and isinstance(at[0], int):  # of an argument that was given by its place
        at[0] = names[at[0]]
    if kind == "missing" and isinstance(at[-1], int):
        return InvalidParameters(_joined(path, at[:-1]), "must be two numbers, [start, end]")
    field = _joined(path, at) or "parameters"
    match kind:
        case "json_invalid":
            cause = error["msg"].removeprefix("Invalid JSON: ")
            return InvalidParameters(field, f"is not valid JSON ({cause}); send one JSON object")
        case "dataclass_type":
            return InvalidParameters(field, "must be a JSON object")
        case "missing":
            return InvalidParameters(field, 'is missing; write it, or "" if every region has its own')
        case "unexpected_keyword_argument":
            known = f"the fields are {', '.join(names)}" if len(at) == 1 else "leave it out"
            return InvalidParameters(field, f"is unknown; {known}")
        case _:
            wanted = error["msg"].partition(" ")[2]
            return InvalidParameters(field, f"is {repr(error['input'])[:_LONGEST_SHOWN]}; it {wanted}")


def _joined(path: str, at: Sequence[int | str]) -> str:
    """Return a path such as `regions[1].instruction`."""
    parts = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in at)
    return f"{path}{parts.removeprefix('.')}".rstrip(".")
