"""What a caller may ask of one edit: frozen, validated, with a JSON round trip."""

from __future__ import annotations

import dataclasses
import json
import math
from dataclasses import dataclass, field
from typing import Any, Literal, cast, get_args

from langdesign_diffusion.errors import InvalidParameters

Preserve = Literal["none", "attention", "latent", "strict"]
SamplerName = Literal["euler_ancestral", "euler", "ddim", "dpmpp_2m"]

BLENDED: frozenset[Preserve] = frozenset({"latent", "strict"})
"""The contracts that put the input back: its latents outside the regions, its detail where it was kept."""

DETAIL = 10.0
"""8-bit levels of change up to which detail comes back; chosen on rendered edits, where 6 to 20 do alike."""

MAX_STEPS = 200
MAX_REGIONS = 16
MAX_INSTRUCTION_LENGTH = 1000
MAX_SEED = 2**63 - 1


@dataclass(frozen=True, slots=True)
class RegularisationParameters:
    """Cross-attention regularisation (Simsar et al., "LIME", arXiv:2312.09256)."""

    alpha: float | None = None  # penalty subtracted from logits (the paper: 25); None removes the tokens
    start: float = 0.0  # share of the steps at which it begins, 0..1
    end: float = 0.9  # share of the steps at which it stops, start..1 (LIME: steps 0..26 of 30)
    levels: int = 2  # how many of the finest UNet levels carry the bias, 1..4
    background_lock: bool = False  # also penalise the effective tokens outside every region

    def __post_init__(self) -> None:
        """Raise `InvalidParameters` unless every field is in range."""
        if self.alpha is not None:
            _within("regularisation.alpha", self.alpha, 0.0, 1e4)
        _within("regularisation.start", self.start, 0.0, 1.0)
        _within("regularisation.end", self.end, self.start, 1.0)
        _within("regularisation.levels", self.levels, 1, 4)


@dataclass(frozen=True, slots=True)
class RegionParameters:
    """One region; its mask travels beside the parameters, in the same order."""

    instruction: str | None = None  # what to do here; None means the edit's whole instruction


@dataclass(frozen=True, slots=True)
class EditParameters:
    """One edit.

    Raises:
        InvalidParameters: on construction, naming the field and the mend.

    """

    instruction: str  # what to do, e.g. "make the chair red"; may be "" if every region has its own
    steps: int = 20  # denoising steps, 1..200
    guidance_scale: float = 7.5  # s_T: how strongly the text steers, 1..30
    image_guidance_scale: float = 1.5  # s_I: how strongly the input image steers, 1..10
    seed: int = 0  # 0..2^63-1; a seed means the same noise on every machine and batch
    sampler: SamplerName = "euler_ancestral"
    guidance_interval: tuple[float, float] | None = None  # guide only in this share of the steps
    regularisation: RegularisationParameters | None = field(
        default_factory=RegularisationParameters
    )  # None: off
    preserve: Preserve = "attention"  # what is promised outside the regions
    feather: int = 8  # px over which an edit fades out around its region, 0..128
    detail: float = DETAIL  # change, in 8-bit levels, up to which the input's detail comes back; 0: none does
    preview_every: int = 0  # steps between previews; 0: none
    regions: tuple[RegionParameters, ...] = ()

    def __post_init__(self) -> None:
        """Raise `InvalidParameters` unless every field is in range."""
        _within("steps", self.steps, 1, MAX_STEPS)
        _within("guidance_scale", self.guidance_scale, 1.0, 30.0)
        _within("image_guidance_scale", self.image_guidance_scale, 1.0, 10.0)
        _within("seed", self.seed, 0, MAX_SEED)
        _within("feather", self.feather, 0, 128)
        _within("detail", self.detail, 0.0, 255.0)
        _within("preview_every", self.preview_every, 0, MAX_STEPS)
        _one_of("sampler", self.sampler, get_args(SamplerName))
        _one_of("preserve", self.preserve, get_args(Preserve))
        self._check_interval()
        self._check_instructions()
        if self.preserve == "attention" and self.regularisation is None:
            raise InvalidParameters(
                "regularisation", 'preserve="attention" is done by regularisation: set it, or preserve="none"'
            )

    def _check_interval(self) -> None:
        if self.guidance_interval is not None:
            start, end = self.guidance_interval
            _within("guidance_interval[0]", start, 0.0, 1.0)
            _within("guidance_interval[1]", end, start, 1.0)

    def _check_instructions(self) -> None:
        if len(self.regions) > MAX_REGIONS:
            raise InvalidParameters("regions", f"has {len(self.regions)}, at most {MAX_REGIONS} are taken")
        _check_text("instruction", self.instruction)
        own = [region.instruction for region in self.regions]
        for index, text in enumerate(own):
            if text is not None:
                _check_text(f"regions[{index}].instruction", text)
                if not text.strip():
                    raise InvalidParameters(
                        f"regions[{index}].instruction", "is empty; write it or leave it out"
                    )
        if not self.instruction.strip() and (not own or None in own):
            raise InvalidParameters("instruction", "is empty; write it, or give every region its own")

    def to_json(self) -> str:
        """Return the JSON object that `from_json` reads back to an equal value."""
        return json.dumps(dataclasses.asdict(self))

    @classmethod
    def from_json(cls, text: str | bytes) -> EditParameters:
        """Read a JSON object; fields left out take their defaults, unknown ones are refused.

        Raises:
            InvalidParameters: naming the field and the mend.

        """
        try:
            value = json.loads(text)
        except ValueError as error:
            raise InvalidParameters("parameters", "is not valid JSON; send one JSON object") from error
        return cast(EditParameters, _read(cls, value, ""))


def _within(field: str, value: float, low: float, high: float) -> None:
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        raise InvalidParameters(field, f"must be a number, not {type(value).__name__}")
    if not math.isfinite(value) or not low <= value <= high:
        raise InvalidParameters(field, f"is {value}; choose a value from {low} to {high}")


def _one_of(field: str, value: str, choices: tuple[str, ...]) -> None:
    if value not in choices:
        raise InvalidParameters(field, f"is {value!r}; choose one of {', '.join(choices)}")


def _check_text(field: str, text: str) -> None:
    if len(text) > MAX_INSTRUCTION_LENGTH:
        raise InvalidParameters(field, f"has {len(text)} characters; the most is {MAX_INSTRUCTION_LENGTH}")
    if any("\ud800" <= character <= "\udfff" for character in text):
        raise InvalidParameters(field, "has half of a surrogate pair; send valid Unicode text")


_NESTED: dict[str, Any] = {"regularisation": RegularisationParameters}
_OPTIONAL = {"regularisation", "guidance_interval", "alpha"}
_TYPES: dict[str, tuple[type, ...]] = {
    "bool": (bool,),
    "int": (int,),
    "float": (int, float),
    "float | None": (int, float),
    "str": (str,),
    "str | None": (str, type(None)),
    "SamplerName": (str,),
    "Preserve": (str,),
}


def _read(kind: Any, value: Any, path: str) -> Any:
    if not isinstance(value, dict):
        raise InvalidParameters(path.rstrip(".") or "parameters", "must be a JSON object")
    fields = {declared.name: declared for declared in dataclasses.fields(kind)}
    for name in value:
        if name not in fields:
            raise InvalidParameters(f"{path}{name}", f"is unknown; the fields are {', '.join(fields)}")
    if kind is EditParameters and "instruction" not in value:
        raise InvalidParameters("instruction", 'is missing; write it, or "" if every region has its own')
    return kind(**{name: _read_field(name, fields[name].type, value[name], path) for name in value})


def _read_field(name: str, declared: Any, value: Any, path: str) -> Any:
    if value is None and name in _OPTIONAL:
        return None
    if name in _NESTED:
        return _read(_NESTED[name], value, f"{path}{name}.")
    if name == "regions":
        return tuple(
            _read(RegionParameters, item, f"{path}regions[{index}].")
            for index, item in enumerate(_listed(f"{path}{name}", value))
        )
    if name == "guidance_interval":
        return _pair(f"{path}{name}", value)
    allowed = _TYPES[declared]
    if not isinstance(value, allowed) or (isinstance(value, bool) and bool not in allowed):
        raise InvalidParameters(f"{path}{name}", f"must be {declared}, not {type(value).__name__}")
    return float(cast(float, value)) if declared.startswith("float") else value


def _listed(field: str, value: Any) -> list[Any]:
    if not isinstance(value, list):
        raise InvalidParameters(field, "must be a JSON array")
    return value


def _pair(field: str, value: Any) -> tuple[float, float]:
    items = _listed(field, value)
    if len(items) != 2:
        raise InvalidParameters(field, "must be two numbers, [start, end], each a share of the steps")
    for index, item in enumerate(items):
        _within(f"{field}[{index}]", item, 0.0, 1.0)
    return float(items[0]), float(items[1])
