"""Caption / edit / caption triples."""

from collections.abc import Sequence
from dataclasses import dataclass

from langdesign.instruction.v1 import instruction_pb2

from langdesign_client.calls import Listing, Page, Streaming, Unary, method
from langdesign_client.media import enum_name


@dataclass(frozen=True)
class Triple:
    """A caption, an instruction, the edited caption; `change` is the one feature that changes."""

    input: str
    edit: str
    output: str
    change: str
    subject: str
    subject_kind: str


@dataclass(frozen=True)
class Written:
    """An accepted triple, and how many the checks rejected so far."""

    triple: Triple
    rejected: int


@dataclass(frozen=True)
class Context:
    """A field of work, with its single objects and its rooms."""

    name: str
    description: str
    objects: tuple[str, ...]
    rooms: tuple[str, ...]


def generate(context: str, count: int, *, subjects: Sequence[str] = (), seed: int = 0) -> Streaming[Written]:
    """Ask for 1..100000 triples for a context such as ``interior``; no subjects means all of them."""
    request = instruction_pb2.GenerateTriplesRequest(
        context=context, subjects=subjects, count=count, seed=seed
    )
    return Streaming(
        method(instruction_pb2.DESCRIPTOR, "InstructionService", "GenerateTriples"), request, _read_written
    )


def list_contexts(page_size: int = 0) -> Listing[Context]:
    """Ask for the contexts that the deployment knows, by name."""
    listing = method(instruction_pb2.DESCRIPTOR, "InstructionService", "ListContexts")

    def page(token: str) -> Unary[Page[Context]]:
        request = instruction_pb2.ListContextsRequest(page_size=page_size, page_token=token)
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
        ),
        message.rejected,
    )


def _read_context(message: instruction_pb2.Context) -> Context:
    return Context(message.name, message.description, tuple(message.objects), tuple(message.rooms))
