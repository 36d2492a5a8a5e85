"""Caption / edit / caption triples."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from langdesign.instruction.v1 import instruction_pb2

from langdesign_client.calls import Listing, Page, Streaming, Unary, method
from langdesign_client.media import enum_name, enum_value
from langdesign_client.messages import new_message, of_kind


class Writer(StrEnum):
    """Who writes triples."""

    GRAMMAR = "grammar"
    LANGUAGE_MODEL = "language-model"


@dataclass(frozen=True)
class Budget:
    """What may be, or was, spent on a language model; 0 means no bound of its own."""

    tokens: int = 0  # read and written together
    dollars: float = 0.0  # at the deployment's prices


@dataclass(frozen=True)
class Triple:
    """A caption, an instruction, the edited caption; `change` is the one feature that changes.

    `target_before` and `target_after` refer to what changes, in the picture before and after.
    """

    input: str
    edit: str
    output: str
    change: str
    subject: str
    subject_kind: str
    target_before: str = ""
    target_after: str = ""


@dataclass(frozen=True)
class Written:
    """An accepted triple, what the checks rejected and what was spent so far.

    `resume_token`, given to `generate` with the same other arguments, goes on after this triple.
    """

    triple: Triple
    rejected: int
    rejections: Mapping[str, int] = field(default_factory=dict)  # by check
    spent: Budget = field(default_factory=Budget)
    resume_token: str = ""


@dataclass(frozen=True)
class Context:
    """A field of work, with its single objects and its rooms."""

    name: str
    description: str
    objects: tuple[str, ...]
    rooms: tuple[str, ...]


def generate(
    context: str,
    count: int,
    *,
    subjects: Sequence[str] = (),
    seed: int = 0,
    writer: Writer | None = None,
    budget: Budget | None = None,
    resume_token: str = "",
) -> Streaming[Written]:
    """Ask for 1..100000 triples for a context such as ``interior``.

    Args:
        context: its name.
        count: how many in all.
        subjects: only for these; none means all of them.
        seed: the same one writes the same triples (grammar), or goes on with the same job (language model).
        writer: who writes; None leaves it to the deployment.
        budget: what may be spent on a language model, within the deployment's own bound.
        resume_token: of the last triple received; the stream goes on after it.

    """
    of_kind(budget, Budget | None, "budget", "give Budget(tokens=..., dollars=...)")
    request = new_message(
        instruction_pb2.GenerateTriplesRequest,
        context=context,
        subjects=subjects,
        count=count,
        seed=seed,
        writer=enum_value(instruction_pb2.Writer, writer),  # type: ignore[arg-type] # the enum's own number
        budget=new_message(instruction_pb2.Budget, tokens=budget.tokens, dollars=budget.dollars)
        if budget
        else None,
        resume_token=resume_token,
    )
    return Streaming(
        method(instruction_pb2.DESCRIPTOR, "InstructionService", "GenerateTriples"), request, _read_written
    )


def list_contexts(page_size: int = 0) -> Listing[Context]:
    """Ask for the contexts that the deployment knows, by name."""
    listing = method(instruction_pb2.DESCRIPTOR, "InstructionService", "ListContexts")

    def page(token: str) -> Unary[Page[Context]]:
        request = new_message(instruction_pb2.ListContextsRequest, page_size=page_size, page_token=token)
        return Unary(
            listing,
            request,
            lambda response: Page(
                tuple(_read_context(item) for item in response.contexts), response.next_page_token
            ),
        )

    return page


def _read_written(message: instruction_pb2.GenerateTriplesResponse) -> Written:
    triple = message.triple
    return Written(
        Triple(
            triple.input,
            triple.edit,
            triple.output,
            enum_name(instruction_pb2.Change, triple.change),
            triple.subject,
            enum_name(instruction_pb2.SubjectKind, triple.subject_kind),
            triple.target_before,
            triple.target_after,
        ),
        message.rejected,
        dict(message.rejections),
        Budget(message.spent.tokens, message.spent.dollars),
        message.resume_token,
    )


def _read_context(message: instruction_pb2.Context) -> Context:
    return Context(message.name, message.description, tuple(message.objects), tuple(message.rooms))
