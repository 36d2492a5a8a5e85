"""What an edit is asked for: where it may act, and how it is done."""

from dataclasses import dataclass
from enum import StrEnum

from langdesign.editing.v1 import editing_pb2
from langdesign.media.v1 import media_pb2

from langdesign_client import media
from langdesign_client.calls import new_key
from langdesign_client.errors import InvalidInputError
from langdesign_client.messages import new_message, of_kind
from langdesign_client.references import Plan, plan_message


class Preserve(StrEnum):
    """How strongly what was not asked for is kept."""

    NONE = "none"
    ATTENTION = "attention"
    LATENT = "latent"
    STRICT = "strict"


class Sampler(StrEnum):
    """A solver of the diffusion process."""

    EULER_ANCESTRAL = "euler-ancestral"
    EULER = "euler"
    DDIM = "ddim"
    DPM_SOLVER_PLUS_PLUS = "dpm-solver-plus-plus"


@dataclass(frozen=True)
class Expression:
    """A region given by a referring expression of 1..400 characters, which the segmentation service finds."""

    text: str


@dataclass(frozen=True)
class Whole:
    """The whole picture as region."""


Region = media.Mask | media.Box | Expression | Whole
"""Where an edit may act."""


@dataclass(frozen=True)
class InstructPix2PixOptions:
    """Knobs of InstructPix2Pix; None takes what the checkpoint advises, else the service's default."""

    steps: int | None = None  # denoising steps, 1..200; else 20
    guidance_scale: float | None = None  # s_T: how strongly the text steers, 1..30; else 7.5
    image_guidance_scale: float | None = None  # s_I: how strongly the input picture steers, 1..10; else 1.5
    sampler: Sampler | None = None  # default euler-ancestral
    background_lock: bool = False  # also penalise the instruction's words outside the region


@dataclass(frozen=True)
class InpaintingOptions:
    """Knobs of Stable Diffusion inpainting; None takes the service's default."""

    steps: int | None = None  # denoising steps, 1..200; default 20
    guidance_scale: float | None = None  # how strongly the text steers, 1..30; default 7.5
    sampler: Sampler | None = None  # default euler-ancestral


EditorOptions = InstructPix2PixOptions | InpaintingOptions
"""Knobs of one family of editors."""
_EDITORS = EditorOptions | None


@dataclass(frozen=True)
class EditOptions:
    """How an edit is done; None takes the service's default."""

    seed: int | None = None  # >= 0, default 0
    preserve: Preserve | None = None  # default strict
    feather: int | None = None  # pixels of what the editor sees, 0..128, default 8 of 512, 2 of 128
    preview_every: int | None = None  # steps, 0..200, 0 means no previews, default 5
    result_format: media.ImageFormat | None = None  # default PNG
    native: bool = False  # show the editor the whole picture as it is, up to what the services allow
    editor: EditorOptions | None = None  # knobs of the model's family


def edit_request(
    image: media.ImageSource,
    instruction: str,
    *,
    region: Region | None = None,
    plan: Plan | None = None,
    options: EditOptions | None = None,
    caption: str = "",
    model: str = "",
    idempotency_key: str | None = None,
) -> editing_pb2.EditRequest:
    """Return the request for an edit; the key is made where none is given.

    Raises:
        InvalidInputError: the picture or mask is unreadable, of another format, or too large; the plan has a
            word that the contract has not; an argument is of another type.

    """
    return new_message(
        editing_pb2.EditRequest,
        idempotency_key=idempotency_key or new_key(),
        image=media.picture_message(image),
        instruction=instruction,
        region=region_message(region),
        plan=None if plan is None else plan_message(plan),
        options=options_message(EditOptions() if options is None else options),
        caption=caption,
        model=model,
    )


def region_message(region: Region | None) -> editing_pb2.Region | None:
    """Return the contract's message for a region.

    Raises:
        InvalidInputError: it is none, or a part of it is of another type.

    """
    match region:
        case None:
            return None
        case media.Mask(png=png):
            return new_message(editing_pb2.Region, mask=new_message(media_pb2.Mask, png=png))
        case media.Box(x=x, y=y, width=width, height=height):
            return new_message(
                editing_pb2.Region, box=new_message(media_pb2.Box, x=x, y=y, width=width, height=height)
            )
        case Expression(text=text):
            return new_message(editing_pb2.Region, expression=text)
        case Whole():
            return new_message(editing_pb2.Region, whole=True)
    raise InvalidInputError(
        f"region is of type {type(region).__name__}",
        hint='give a Mask, a Box, Expression("the left chair") or Whole()',
    )


def options_message(options: EditOptions) -> editing_pb2.EditOptions:
    """Return the contract's message for the options.

    Raises:
        InvalidInputError: they, or one of them, are of another type.

    """
    of_kind(options, EditOptions, "options", "give EditOptions(...)")
    families = "give InstructPix2PixOptions or InpaintingOptions"
    of_kind(options.editor, _EDITORS, "options.editor", families)
    message = new_message(
        editing_pb2.EditOptions,
        seed=options.seed,
        preserve=media.enum_value(editing_pb2.Preserve, options.preserve),  # type: ignore[arg-type] # the enum's own number
        feather=options.feather,
        preview_every=options.preview_every,
        native=options.native,
        result_format=media.enum_value(media_pb2.ImageFormat, options.result_format),  # type: ignore[arg-type] # the enum's own number
    )
    match options.editor:
        case InstructPix2PixOptions() as editor:
            message.instruct_pix2pix.CopyFrom(_pix2pix_message(editor))
        case InpaintingOptions() as editor:
            message.inpainting.CopyFrom(_inpainting_message(editor))
    return message


def _pix2pix_message(options: InstructPix2PixOptions) -> editing_pb2.InstructPix2PixOptions:
    return new_message(
        editing_pb2.InstructPix2PixOptions,
        steps=options.steps,
        guidance_scale=options.guidance_scale,
        image_guidance_scale=options.image_guidance_scale,
        sampler=media.enum_value(editing_pb2.Sampler, options.sampler),  # type: ignore[arg-type] # the enum's own number
        background_lock=options.background_lock,
    )


def _inpainting_message(options: InpaintingOptions) -> editing_pb2.InpaintingOptions:
    return new_message(
        editing_pb2.InpaintingOptions,
        steps=options.steps,
        guidance_scale=options.guidance_scale,
        sampler=media.enum_value(editing_pb2.Sampler, options.sampler),  # type: ignore[arg-type] # the enum's own number
    )
