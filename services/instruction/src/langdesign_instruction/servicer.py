"""Converts, calls, converts: `langdesign.instruction.v1`."""

import base64
import binascii
import logging
from collections.abc import AsyncIterator
from contextlib import aclosing

import grpc
from langdesign.instruction.v1 import instruction_pb2 as pb
from langdesign.instruction.v1 import instruction_pb2_grpc
from langdesign_chassis import current_tenant, errors
from langdesign_chassis.enums import contract_values
from langdesign_triples import Budget, Change, Context, InvalidContext, SubjectKind, Triple, TriplesError

from langdesign_instruction.desk import Desk, Written
from langdesign_instruction.errors import InstructionError
from langdesign_instruction.orders import Order, read_token, resume_token
from langdesign_instruction.statuses import order_error, writing_error

_log = logging.getLogger(__name__)
_PAGE = 100
_CHANGES = contract_values(Change, pb.Change)
_KINDS = contract_values(SubjectKind, pb.SubjectKind)


class InstructionServicer(instruction_pb2_grpc.InstructionServiceServicer):
    """Serves `GenerateTriples` and `ListContexts`.

    Args:
        desk: What takes orders.
        language_model: Whether a language model writes where a request does not say who does.

    """

    def __init__(self, desk: Desk, *, language_model: bool) -> None:
        self._desk = desk
        self._language_model = language_model

    async def GenerateTriples(  # noqa: N802 - the contract's name
        self,
        request: pb.GenerateTriplesRequest,
        context: grpc.aio.ServicerContext[pb.GenerateTriplesRequest, pb.GenerateTriplesResponse],
    ) -> AsyncIterator[pb.GenerateTriplesResponse]:
        """Stream triples as they are accepted."""
        try:
            order = self._order(request)
            delivered = read_token(order, request.resume_token) if request.resume_token else 0
            written = self._desk.write(order, delivered)
        except (InstructionError, InvalidContext) as error:
            raise order_error(error) from error
        try:
            async with aclosing(written) as stream:
                async for one in stream:
                    delivered += 1
                    yield _response(one, resume_token(order, delivered))
        except TriplesError as error:
            _log.warning("a stream ends early", extra={"delivered": delivered, "reason": str(error)})
            raise writing_error(error) from error

    async def ListContexts(  # noqa: N802 - the contract's name
        self,
        request: pb.ListContextsRequest,
        context: grpc.aio.ServicerContext[pb.ListContextsRequest, pb.ListContextsResponse],
    ) -> pb.ListContextsResponse:
        """List the contexts, by name."""
        found, more = self._desk.contexts(_read_page_token(request.page_token), request.page_size or _PAGE)
        return pb.ListContextsResponse(
            contexts=[_context(one) for one in found],
            next_page_token=_page_token(found[-1].name) if more else "",
        )

    def _order(self, request: pb.GenerateTriplesRequest) -> Order:
        chosen = request.writer == pb.WRITER_LANGUAGE_MODEL
        unsaid = request.writer == pb.WRITER_UNSPECIFIED
        return Order(
            context=self._desk.context(request.context),
            subjects=tuple(request.subjects),
            count=request.count,
            seed=request.seed,
            language_model=chosen or (unsaid and self._language_model),
            budget=Budget(request.budget.tokens, request.budget.dollars),
            tenant=current_tenant(),
        )


def _response(written: Written, token: str) -> pb.GenerateTriplesResponse:
    return pb.GenerateTriplesResponse(
        triple=_triple(written.triple),
        rejected=sum(written.rejections.values()),
        rejections=written.rejections,
        spent=pb.Budget(tokens=written.spent.tokens, dollars=written.spent.dollars),
        resume_token=token,
    )


def _triple(triple: Triple) -> pb.Triple:
    return pb.Triple(
        input=triple.input,
        edit=triple.edit,
        output=triple.output,
        change=_CHANGES[triple.change],
        subject=triple.subject,
        subject_kind=_KINDS[triple.subject_kind],
        target_before=triple.target_before,
        target_after=triple.target_after,
    )


def _context(context: Context) -> pb.Context:
    return pb.Context(
        name=context.name, description=context.description, objects=context.objects, rooms=context.rooms
    )


def _page_token(name: str) -> str:
    return base64.urlsafe_b64encode(name.encode()).decode()


def _read_page_token(token: str) -> str:
    try:
        return base64.b64decode(token, altchars=b"-_", validate=True).decode("ascii")
    except (binascii.Error, ValueError) as error:
        raise errors.InvalidArgument(
            "page_token is of no page of this list",
            field="page_token",
            hint="send next_page_token of this list",
        ) from error
