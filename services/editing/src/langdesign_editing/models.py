"""The models that the deployment serves, and which of them an edit is for."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from langdesign_chassis import errors
from langdesign_chassis.declaring import listed
from langdesign_edits import EditSpec, InvalidSpec

from langdesign_editing.backend import Backend
from langdesign_editing.failures import edit_error
from langdesign_editing.families import FAMILIES
from langdesign_editing.sampling import Sampling

_NAME = re.compile(r"[A-Za-z0-9_.-]{1,64}")


def served_models(text: str) -> dict[str, str]:
    """Return the family of each model of a list such as ``edit=instruct_pix2pix,inpaint=inpainting``.

    Raises:
        ValueError: It is no such list, names a model twice, or a family that there is none of.

    """
    served: dict[str, str] = {}
    for entry in listed(text):
        name, _, family = (part.strip() for part in entry.partition("="))
        if not _NAME.fullmatch(name) or name in served:
            raise ValueError(f"{entry!r} names no further model; write NAME=FAMILY,NAME=FAMILY")
        if family not in FAMILIES:
            known = ", ".join(FAMILIES)
            raise ValueError(f"{entry!r} names no family; write {name}=FAMILY with one of {known}")
        served[name] = family
    return served


def advice_files(text: str, served: Mapping[str, str]) -> dict[str, Path]:
    """Return the files of models of a list such as ``edit=FILE,inpaint=FILE``, or of one file alone.

    Args:
        text: The list; a file alone is the default model's, "" names none.
        served: What `served_models` returns.

    Raises:
        ValueError: It names a model that is not served, or one twice.

    """
    if text and text.partition("=")[0].strip() not in served:
        return {next(iter(served)): Path(text)}
    files: dict[str, Path] = {}
    for entry in filter(None, listed(text)):
        name, _, file = (part.strip() for part in entry.partition("="))
        if name not in served or name in files or not file:
            known = ", ".join(served)
            raise ValueError(f"{entry!r} names no further model's file; write NAME=FILE of {known}")
        files[name] = Path(file)
    return files


@dataclass(frozen=True)
class Model:
    """One model that is served.

    Attributes:
        name: What callers and Triton call it.
        family: The family of editors that it is of, a key of `families.FAMILIES`.
        sampling: For what a caller does not say.
        backend: Edits pictures of any size by it.

    """

    name: str
    family: str
    sampling: Sampling
    backend: Backend


class Models:
    """The models that are served, by their names.

    Args:
        models: At least one; the first is the default.

    """

    def __init__(self, models: Sequence[Model]) -> None:
        self._models = {model.name: model for model in models}
        self._default = models[0].name

    def __getitem__(self, name: str) -> Model:
        """Return a model by the name that a completed spec holds."""
        return self._models[name]

    def __iter__(self) -> Iterator[Model]:
        """Iterate over the models, the default first."""
        return iter(self._models.values())

    def completed(self, spec: EditSpec) -> EditSpec:
        """Return what is asked with its model named, and with the options of that model's family.

        Raises:
            errors.InvalidArgument: No such model is served, the options are those of another family, or its
                family does not keep what is asked.

        """
        model = self._asked(spec.model)
        options = FAMILIES[model.family].options() if spec.editor is None else spec.editor
        if options.family != model.family:
            raise errors.InvalidArgument(
                f"the model {model.name} is of the family {model.family}, not of {options.family}",
                field=f"options.{options.family}",
                hint=self._other_ways(model, options.family),
            )
        try:
            return replace(spec, model=model.name, editor=options)
        except InvalidSpec as error:
            raise edit_error(error, f"options.{error.field}") from error

    def _asked(self, name: str) -> Model:
        model = self._models.get(name or self._default)
        if model is None:
            raise errors.InvalidArgument(
                f"the model {name} is not served; there are {', '.join(self._models)}",
                field="model",
                hint=f"choose one of them, or leave model out for {self._default}",
            )
        return model

    def _other_ways(self, model: Model, family: str) -> str:
        others = [other.name for other in self._models.values() if other.family == family]
        choice = f", or choose a model of {family}: {', '.join(others)}" if others else ""
        return f"send options.{model.family}{choice}"
