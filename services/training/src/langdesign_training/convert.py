"""Between the messages of `langdesign.training.v1` and the values of this service."""

import base64
import binascii
import hashlib
from collections.abc import Sequence
from typing import TypeVar

from google.protobuf.message import Message
from google.protobuf.timestamp_pb2 import Timestamp
from langdesign.training.v1 import training_pb2 as pb
from langdesign_chassis import errors
from langdesign_registry import Check, Model, Version

from langdesign_training.runs import Kind, Run, State

T = TypeVar("T")
KINDS = {
    pb.RUN_KIND_SPECIALISE: Kind.SPECIALISE,
    pb.RUN_KIND_DATASET: Kind.DATASET,
    pb.RUN_KIND_FINETUNE: Kind.FINETUNE,
    pb.RUN_KIND_EVALUATE: Kind.EVALUATE,
}
STATES = {
    pb.RUN_STATE_PENDING: State.PENDING,
    pb.RUN_STATE_RUNNING: State.RUNNING,
    pb.RUN_STATE_SUCCEEDED: State.SUCCEEDED,
    pb.RUN_STATE_FAILED: State.FAILED,
    pb.RUN_STATE_CANCELLED: State.CANCELLED,
}
_KIND_NUMBERS = {kind: number for number, kind in KINDS.items()}
_STATE_NUMBERS = {state: number for number, state in STATES.items()}


def run_message(run: Run) -> pb.Run:
    """Return a run as a message."""
    message = pb.Run(
        name=f"runs/{run.id}",
        kind=_KIND_NUMBERS[run.kind],
        state=_STATE_NUMBERS[run.state],
        recipe=run.recipe,
        overrides=run.overrides,
        stage="" if run.state.ended or run.state is State.PENDING else run.progress.stage,
        progress=run.progress.share,
        metrics=run.progress.metrics,
        model_version=run.progress.model_version,
        failure=run.failure,
        create_time=_timestamp(run.create_time),
    )
    if run.start_time is not None:
        message.start_time.CopyFrom(_timestamp(run.start_time))
    if run.end_time is not None:
        message.end_time.CopyFrom(_timestamp(run.end_time))
    return message


def version_message(version: Version) -> pb.ModelVersion:
    """Return a version as a message."""
    message = pb.ModelVersion(
        name=version.name,
        model=version.model,
        version=version.version,
        aliases=version.aliases,
        digest=version.digest,
        run=version.run,
        metrics=version.metrics,
        dataset_digest=version.dataset_digest,
        recipe=version.recipe,
        code_version=version.code_version,
        signed_by=version.signed_by,
    )
    message.create_time.FromDatetime(version.create_time)
    return message


def model_message(model: Model) -> pb.Model:
    """Return a model as a message."""
    return pb.Model(
        name=f"models/{model.name}", description=model.description, latest_version=model.latest_version
    )


def check_message(check: Check) -> pb.PromotionCheck:
    """Return a condition of a promotion as a message."""
    return pb.PromotionCheck(
        metric=check.metric,
        before=check.before,
        after=check.after,
        difference_low=check.difference_low,
        difference_high=check.difference_high,
        condition=check.condition,
        held=check.held,
    )


def fingerprint(request: Message) -> bytes:
    """Return what is equal for equal requests only, 32 bytes."""
    name = request.DESCRIPTOR.full_name.encode()
    return hashlib.sha256(name + b"\0" + request.SerializeToString(deterministic=True)).digest()


def page_token(*parts: str) -> str:
    """Return a page token that holds some texts."""
    return base64.urlsafe_b64encode("\n".join(parts).encode()).decode()


def read_page_token(token: str, parts: int) -> Sequence[str]:
    """Return the texts of a page token.

    Raises:
        errors.InvalidArgument: it is none of ours.

    """
    try:
        found = base64.urlsafe_b64decode(token.encode("ascii")).decode().split("\n")
    except (binascii.Error, ValueError):
        found = []
    if len(found) != parts:
        raise bad_token()
    return found


def bad_token() -> errors.InvalidArgument:
    """Return the error for a page token that does not fit."""
    return errors.InvalidArgument(
        "page_token is of no page of this list",
        field="page_token",
        hint="send next_page_token of this list",
    )


def _timestamp(microseconds: int) -> Timestamp:
    stamp = Timestamp()
    stamp.FromMicroseconds(microseconds)
    return stamp
