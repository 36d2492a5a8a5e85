"""`langdesign edit`."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import langdesign_client
import typer
from langdesign_client.errors import InvalidInputError, LangDesignError

from langdesign_command.cli.outcome import FORMATS, Outcome, explain_edit, report
from langdesign_command.cli.plan_files import KeptPlan, PlanOption, kept_plan
from langdesign_command.cli.plan_only import show_reading
from langdesign_command.cli.progress import Bar
from langdesign_command.cli.session import MAX_SEED, JsonOption, Session, session
from langdesign_command.cli.where import BoxOption, ExpressionOption, MaskOption, WholeOption, region
from langdesign_command.cli.writing import check, picture_bytes, write
from langdesign_command.plan_lines import plan_lines

if TYPE_CHECKING:
    from langdesign_client.edit_requests import EditorOptions, Region
    from langdesign_client.edits import EditEvent

_WITH_RESUME = ("resume", "out", "image", "explain", "as_json")  # the picture is what --explain draws over
_PRESERVE = ("none", "attention", "latent", "strict")
_FAMILIES = ("instruct-pix2pix", "inpainting")
_SAMPLERS = ("euler-ancestral", "euler", "ddim", "dpm-solver-plus-plus")


def edit(
    context: typer.Context,
    out: Annotated[Path, typer.Option(help="Where to write the result; its ending says the format.")],
    image: Annotated[
        Path | None, typer.Option(help="The picture: PNG, JPEG or WebP up to 50 megapixels. Required.")
    ] = None,
    instruction: Annotated[
        str | None, typer.Option(help='What to do: "Paint the left chair red". Required.')
    ] = None,
    resume: Annotated[
        str | None, typer.Option(metavar="OPERATION", help="Instead: await an edit begun before, by its id.")
    ] = None,
    key: Annotated[
        str | None, typer.Option(help="Idempotency key: the same key joins the same edit.")
    ] = None,
    mask: MaskOption = None,
    box: BoxOption = None,
    expression: ExpressionOption = None,
    whole: WholeOption = False,
    plan: PlanOption = None,
    preserve: Annotated[
        str | None, typer.Option(help="How strongly the rest is kept: none, attention, latent, strict.")
    ] = None,
    model: Annotated[
        str, typer.Option(help="Which of the models that the services serve; by default their first.")
    ] = "",
    family: Annotated[
        str | None,
        typer.Option(
            help="Family of that model, which --steps and the other knobs of editors are told to: "
            "instruct-pix2pix (the default) or inpainting."
        ),
    ] = None,
    steps: Annotated[int | None, typer.Option(min=1, max=200, help="Denoising steps.")] = None,
    guidance: Annotated[float | None, typer.Option(min=1, max=30, help="Text guidance scale.")] = None,
    image_guidance: Annotated[float | None, typer.Option(min=1, max=10, help="Image guidance scale.")] = None,
    seed: Annotated[int | None, typer.Option(min=0, max=MAX_SEED, help="Seed of the noise.")] = None,
    sampler: Annotated[str | None, typer.Option(help=f"One of {', '.join(_SAMPLERS)}.")] = None,
    feather: Annotated[
        int | None,
        typer.Option(
            min=0, max=128, help="Soft edge around the mask, pixels that the editor sees; default 8 of 512."
        ),
    ] = None,
    native: Annotated[
        bool,
        typer.Option(
            "--native",
            help="Show the editor the whole picture as it is, which takes longer: up to 4 times the pixels "
            "that its network knows, unless the services allow more.",
        ),
    ] = False,
    caption: Annotated[str, typer.Option(help="What the picture shows, when known.")] = "",
    explain: Annotated[
        bool, typer.Option("--explain", help="Also write the mask over the picture beside the result.")
    ] = False,
    plan_only: Annotated[
        bool,
        typer.Option(
            "--plan-only", help="Edit nothing: say how it is read, and write the mask over the picture."
        ),
    ] = False,
    as_json: JsonOption = False,
) -> None:
    """Edit a picture by instruction. What is not said about where, the services find out."""
    here = session(context, as_json=as_json)
    where = region(mask, box, expression, whole=whole)
    if resume is not None:
        _check_alone(context)
    kept = _kept(plan, where, plan_only=plan_only)
    if kept is not None:
        instruction = kept.told_with(instruction)
    _check_start(image, instruction, resume, explain=explain)
    if plan_only:
        if image is None or instruction is None:
            raise InvalidInputError("--plan-only reads a new edit", hint="give --image and --instruction")
        show_reading(here, image, instruction, where, caption, out)
        return
    options = langdesign_client.EditOptions(
        seed=seed,
        preserve=langdesign_client.Preserve(_choice("--preserve", preserve, _PRESERVE)) if preserve else None,
        feather=feather,
        result_format=langdesign_client.ImageFormat(_format(out)),
        native=native,
        editor=_editor(family, steps, guidance, image_guidance, sampler),
    )
    check(out)
    if resume is None:
        _check_lossless(out, preserve, whole=whole)
    with here.client() as client:
        if resume is not None:
            events = client.watch_edit(resume, timeout=here.timeout)
        else:
            events = client.edit(
                image or Path(),
                instruction or "",
                region=where,
                plan=None if kept is None else kept.plan,
                options=options,
                caption=caption,
                model=model,
                idempotency_key=key,
                timeout=here.timeout,
            )
        with _told_in_flags():
            outcome = _follow(here, client, events, seen=kept is not None)
    with _naming_operation(here, outcome.result.operation_id):
        write(out, picture_bytes(outcome.result.image))
    overlay = explain_edit(outcome, image, out) if explain and image else None
    report(here, outcome, out, overlay)


def _check_alone(context: typer.Context) -> None:
    """Refuse what an edit that has begun cannot be told any more, rather than leave it out."""
    sources = {name: context.get_parameter_source(name) for name in context.params}
    given = [
        f"--{name.replace('_', '-')}"
        for name, source in sources.items()
        if name not in _WITH_RESUME and source is not None and source.name != "DEFAULT"
    ]
    if given:
        raise InvalidInputError(
            f"--resume awaits an edit that has been told all, and {', '.join(given)} would change nothing",
            hint="leave it out, or begin a new edit without --resume",
        )


def _check_start(image: Path | None, instruction: str | None, resume: str | None, *, explain: bool) -> None:
    if resume is None and (image is None or instruction is None):
        raise InvalidInputError(
            "An edit needs a picture and an instruction", hint="give --image and --instruction, or --resume"
        )
    if explain and image is None:
        raise InvalidInputError("--explain draws over the picture", hint="give --image too")


def _kept(plan: Path | None, where: "Region | None", *, plan_only: bool) -> KeptPlan | None:
    """Return the plan that was kept in a file; None where none is given."""
    if plan is None:
        return None
    if where is not None or plan_only:
        raise InvalidInputError(
            "--plan says all of what is done and where",
            hint="leave out --plan-only, --mask, --box, --expression and --whole",
        )
    return kept_plan(plan)


def _editor(
    family: str | None,
    steps: int | None,
    guidance: float | None,
    image_guidance: float | None,
    sampler: str | None,
) -> "EditorOptions | None":
    """Return the knobs of a family of editors; None where none is set."""
    solver = langdesign_client.Sampler(_choice("--sampler", sampler, _SAMPLERS)) if sampler else None
    chosen = _choice("--family", family, _FAMILIES) if family else _FAMILIES[0]
    if chosen == "inpainting" and image_guidance is not None:
        raise InvalidInputError(
            "--image-guidance is no knob of inpainting", hint="leave it out, or leave --family out"
        )
    if all(knob is None for knob in (family, steps, guidance, image_guidance, sampler)):
        return None
    if chosen == "inpainting":
        return langdesign_client.InpaintingOptions(steps, guidance, solver)
    return langdesign_client.InstructPix2PixOptions(steps, guidance, image_guidance, solver)


_HINTS = {
    "options.native": "leave --native out: the editor then sees it at the size that its network knows",
    **{
        f"options.{family.replace('-', '_')}": "say with --family which family the model is of"
        for family in _FAMILIES
    },
}
"""By the request's field: what to do, in the command's words."""


@contextmanager
def _told_in_flags() -> Iterator[None]:
    """Say in the command's words what to do about a field that its own flags stand for."""
    try:
        yield
    except InvalidInputError as error:
        hint = next((_HINTS[one.field] for one in error.violations if one.field in _HINTS), None)
        if hint is None:
            raise
        raise InvalidInputError(error.message, hint=hint) from error


def _choice(option: str, value: str, values: tuple[str, ...]) -> str:
    if value not in values:
        raise InvalidInputError(f"{option} {value} is unknown", hint=f"choose from {', '.join(values)}")
    return value


def _check_lossless(out: Path, preserve: str | None, *, whole: bool) -> None:
    if preserve in (None, "strict") and not whole and _format(out) == "jpeg":
        raise InvalidInputError(
            f"--out {out.name} is a JPEG, which changes pixels that edits keep bit for bit",
            hint=f"say --out {out.stem}.png or {out.stem}.webp (both lossless), or --preserve latent",
        )


def _format(out: Path) -> str:
    if out.suffix.lower() not in FORMATS:
        raise InvalidInputError(
            f"--out {out} has no known ending", hint=f"end it with {', '.join(sorted(FORMATS))}"
        )
    return FORMATS[out.suffix.lower()]


@contextmanager
def _naming_operation(here: Session, operation: str) -> Iterator[None]:
    """Keep the way to a result that is done, where it cannot be written here."""
    try:
        yield
    except LangDesignError as error:
        error.operation_id, error.resumable = operation, True
        _tell_way_back(here, error)
        raise


def _tell_way_back(here: Session, error: LangDesignError) -> None:
    if error.resumable:
        here.console().print(
            f"edit {error.operation_id}: await it with --resume {error.operation_id}",
            markup=False,
            highlight=False,
            soft_wrap=True,
        )


def _follow(
    here: Session, client: "langdesign_client.Client", events: Iterator["EditEvent"], *, seen: bool
) -> Outcome:
    plan, mask, operation = None, None, ""
    try:
        with Bar(here) as bar:
            for event in events:
                operation = event.operation_id
                if isinstance(event, langdesign_client.EditResult):
                    return Outcome(plan, mask, event)
                if isinstance(event, langdesign_client.Preview):
                    bar.step(event.step, event.steps)
                elif isinstance(event, langdesign_client.MaskFound):
                    mask = event
                    bar.say(*([f"region: {event.coverage:.1%} of the picture"] if event.coverage else ()))
                elif isinstance(event, langdesign_client.PlanRead):
                    plan = event.plan
                    bar.say(*plan_lines(plan, seen=seen))
    except LangDesignError as error:
        _tell_way_back(here, error)
        raise
    except KeyboardInterrupt:
        if operation:
            client.call(langdesign_client.edits.cancel_edit(operation), timeout=5)
        raise
    raise LangDesignError("The edit ended without a result", hint="try again")
