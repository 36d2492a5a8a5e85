"""One edit, step by step: what the services answer, and what the networks compute in between."""

from __future__ import annotations

import io
import json
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import torch
from drawing import ACCENT, INK, PAPER, Panel, figure, font, wrapped, write
from langdesign_client import Client, Connection, EditOptions, EditResult, MaskFound, PlanRead
from langdesign_command.overlay import inside_of
from langdesign_diffusion.tokens import tokenise
from langdesign_edits import Pixels, Preserve
from langdesign_edits.focus import Focus, Window, crop, crop_mask
from langdesign_instruct_pix2pix.editor import Editor
from langdesign_instruct_pix2pix.parameters import EditParameters
from langdesign_instruct_pix2pix.state import Pix2PixRequest, Pix2PixState
from langdesign_rela import Predictor
from numpy.typing import NDArray
from PIL import Image, ImageDraw

INSTRUCTION = "Make the curtain red and remove the piano"
SEED = 1
FEATHER = 2  # px of the network, as the service takes it for this one
MODELS = "deploy/models/mini"


@dataclass(frozen=True)
class Told:
    """What the services answered to one edit."""

    plan: PlanRead
    where: MaskFound
    result: EditResult
    room: Pixels = field(repr=False)

    @property
    def mask(self) -> NDArray[np.bool_]:
        """Where the edit acts, `[H, W]`."""
        assert self.where.mask is not None  # noqa: S101 - the bed is found, or there is nothing to show
        return np.asarray(inside_of(self.where.mask.png)) > 0

    @property
    def after(self) -> Pixels:
        """The result's pixels."""
        return np.asarray(Image.open(io.BytesIO(self.result.image.data)).convert("RGB"))


def draw(room: Pixels, addresses: dict[str, str]) -> None:
    """Draw the figures of one edit."""
    told = _ask(room, addresses)
    focus = _focus(told)
    editor = Editor.load(f"{MODELS}/edit")
    state, estimates = _denoise(editor, told, focus)
    write("method-where", _where(told))
    write("method-bias", _bias(editor, told, focus, state))
    write("method-steps", _steps(estimates))
    write("method-back", _back(told, focus, editor, state))


def _ask(room: Pixels, addresses: dict[str, str]) -> Told:
    png = io.BytesIO()
    Image.fromarray(room).save(png, "PNG")
    options = EditOptions(seed=SEED)  # preserving strictly, as by default
    with Client(Connection(addresses=addresses)) as client:
        events = list(client.edit(png.getvalue(), INSTRUCTION, options=options))
    plan = next(event for event in events if isinstance(event, PlanRead))
    where = next(event for event in events if isinstance(event, MaskFound))
    result = next(event for event in events if isinstance(event, EditResult))
    return Told(plan, where, result, room)


def _focus(told: Told) -> Focus:
    seen = told.result.focus
    assert seen is not None  # noqa: S101 - an edit that was done has one
    return Focus(
        Window(seen.box.y, seen.box.x, seen.box.height, seen.box.width), (seen.height, seen.width), False
    )


def _denoise(editor: Editor, told: Told, focus: Focus) -> tuple[Pix2PixState, list[Pixels]]:
    """Return the same edit in this process, and its estimate of the result after each step."""
    instruction = next(one.instruction for one in told.result.edits if not one.no_op_reason)
    advised = json.loads(Path(f"{MODELS}/edit/sampling.json").read_text("utf-8"))
    knobs = {name: advised[name] for name in ("steps", "guidance_scale", "image_guidance_scale")}
    # Of a crop the service asks for `latent`; what `strict` adds is done where the crop is put back.
    parameters = EditParameters(instruction, seed=SEED, preserve=Preserve.LATENT, feather=FEATHER, **knobs)
    masks = crop_mask(told.mask, focus)[None].astype(np.uint8) * 255
    state = editor.prepare(Pix2PixRequest(crop(told.room, focus), masks, parameters))
    estimates = []
    while not state.done:
        editor.denoise_step([state])
        estimates.append(editor.uncomposited(state))
    return state, estimates


def _where(told: Told) -> Image.Image:
    assert told.plan.plan is not None  # noqa: S101 - the instruction was read
    things = [edit.references[0].english for edit in told.plan.plan.edits]
    segmented = Predictor.from_folder(f"{MODELS}/segment").predict(told.room, things)
    masked = told.room.copy()
    masked[~told.mask] = (masked[~told.mask] * 0.25 + 180).astype(np.uint8)
    size = f"{told.room.shape[1]} x {told.room.shape[0]} pixels"
    reasons = {one.edit: one.no_op_reason for one in told.result.edits}
    panels = [
        Panel("1. The picture", Image.fromarray(told.room), size),
        Panel("2. What was read", _plan(told), "the parser, and a small language model that confirms it"),
    ]
    for at, thing in enumerate(things):
        sure = f"ReLA's probability; that nothing is meant: {segmented.no_target[at]:.3f}"
        verdict = ", so it is certified absent" if reasons.get(at) == "no_target" else ""
        title = f"{at + 3}. Where is {thing}?"
        panels.append(Panel(title, _heat(told.room, segmented.probability[at]), sure + verdict))
    region = f"{told.mask.mean():.1%} of the picture"
    panels.append(Panel(f"{len(things) + 3}. The region", Image.fromarray(masked), region))
    return figure(panels, columns=3, side=220)


def _plan(told: Told) -> Image.Image:
    drawn = Image.new("RGB", (440, 440), PAPER)
    pen = ImageDraw.Draw(drawn)
    title = font(11, bold=True)
    pen.multiline_text((16, 20), "\n".join(wrapped(f"“{INSTRUCTION}”", title, 400)), INK, title)
    top = 92
    assert told.plan.plan is not None  # noqa: S101 - the instruction was read
    outcomes = {one.edit: one for one in told.result.edits}
    for at, edit in enumerate(told.plan.plan.edits):
        reason = outcomes[at].no_op_reason if at in outcomes else ""
        lines = [
            f"{at + 1}. {edit.operation}",
            *(f"    {one.role}: {one.expression}" for one in edit.references),
            f"    to the editor: {edit.instruction}",
            f"    {'not done: ' + reason.replace('_', ' ') if reason else 'done'}",
        ]
        for line in lines:
            pen.text((16, top), line, ACCENT if line.startswith("    not") else INK, font(10))
            top += 32
        top += 16
    return drawn


def _heat(picture: Pixels, probability: NDArray[np.float32]) -> Image.Image:
    grey = picture.mean(axis=2, keepdims=True).repeat(3, axis=2) * 0.55
    colour = np.array([233, 87, 41], np.float32)
    weight = probability[..., None] * 0.85
    return Image.fromarray((grey * (1 - weight) + colour * weight).astype(np.uint8))


def _bias(editor: Editor, told: Told, focus: Focus, state: Pix2PixState) -> Image.Image:
    """Draw, token by token, where the bias lets positions read it."""
    instruction = state.parameters.instruction
    ids, spans = tokenise(editor.checkpoint.tokenizer, instruction)
    names = ["start", *(instruction[left:right] for left, right in spans[1:-1]), "end"]
    height, width = state.latents.shape[-2:]
    bias = state.biases[height * width][0, 0].reshape(height, width, -1)
    seen = np.asarray(Image.fromarray(crop(told.room, focus)).resize((width * 8, height * 8)))
    panels = [Panel("the crop", Image.fromarray(seen), f"{height} x {width} positions of attention")]
    for at, name in enumerate(names[: len(ids)]):
        penalised = (bias[..., at] < 0).numpy().repeat(8, axis=0).repeat(8, axis=1)
        drawn = seen * 0.45 + 130
        drawn[penalised] = seen[penalised] * 0.25 + np.array([170, 55, 25]) * 0.75
        told_here = "held back in the region" if penalised.any() else "read everywhere"
        panels.append(Panel(f"“{name}”", Image.fromarray(drawn.astype(np.uint8)), told_here))
    return figure(panels, columns=4, side=160)


def _steps(estimates: list[Pixels]) -> Image.Image:
    last = len(estimates)
    chosen = sorted({1, 2, 4, 6, 9, last})
    panels = [Panel(f"step {at} of {last}", Image.fromarray(estimates[at - 1])) for at in chosen]
    return figure(panels, columns=3, side=220)


def _back(told: Told, focus: Focus, editor: Editor, state: Pix2PixState) -> Image.Image:
    boxed = Image.fromarray(told.room)
    left, top = focus.box.left, focus.box.top
    ImageDraw.Draw(boxed).rectangle(
        (left, top, left + focus.box.width - 1, top + focus.box.height - 1), outline=ACCENT, width=4
    )
    with torch.inference_mode():
        edited = editor.picture(state)
    difference = np.abs(told.after.astype(int) - told.room.astype(int)).max(axis=2)
    shown = np.clip(difference * 4, 0, 255).astype(np.uint8)
    outside = told.result.report.outside
    differing = round(outside.changed_share * outside.pixels)
    seen = f"{focus.size[1]} x {focus.size[0]}"
    return figure(
        [
            Panel(
                "6. The crop",
                boxed,
                f"{focus.box.width} x {focus.box.height} pixels, shown to the network at {seen}",
            ),
            Panel("7. The crop, edited", Image.fromarray(edited), seen),
            Panel("8. Put back", Image.fromarray(told.after), "enlarged, with the picture's own fine detail"),
            Panel(
                "9. What differs, x4",
                Image.fromarray(shown),
                f"{differing} of {outside.pixels:,} pixels differ outside the region and its feather",
            ),
        ],
        columns=2,
        side=330,
    )
