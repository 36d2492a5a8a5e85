"""Runs: datasets, fine-tuning, evaluation."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

from langdesign.training.v1 import training_pb2

from langdesign_client.calls import Listing, Page, Streaming, Unary, method, new_key
from langdesign_client.media import enum_name, enum_value
from langdesign_client.messages import new_message


class RunKind(StrEnum):
    """What a run does."""

    SPECIALISE = "specialise"
    DATASET = "dataset"
    FINETUNE = "finetune"
    EVALUATE = "evaluate"


class RunState(StrEnum):
    """State of a run."""

    PENDING = "pending"
    RUNNING = "running"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    CANCELLED = "cancelled"


@dataclass(frozen=True)
class Run:
    """A run (`runs/{id}`); `progress` is the stage's share done, `failure` says why and the hint."""

    name: str
    kind: str
    state: str
    recipe: str
    overrides: Mapping[str, str]
    stage: str
    progress: float
    metrics: Mapping[str, float]
    model_version: str
    failure: str
    create_time: datetime
    start_time: datetime | None
    end_time: datetime | None

    @property
    def ended(self) -> bool:
        """Whether it succeeded, failed or was cancelled."""
        return self.state in {RunState.SUCCEEDED, RunState.FAILED, RunState.CANCELLED}


def create(kind: RunKind, recipe: str, overrides: Mapping[str, str] | None = None) -> Unary[Run]:
    """Create a run of a recipe, with at most 100 of its settings changed."""
    request = new_message(
        training_pb2.CreateRunRequest,
        idempotency_key=new_key(),
        kind=enum_value(training_pb2.RunKind, kind),  # type: ignore[arg-type] # the enum's own number
        recipe=recipe,
        overrides=overrides,
    )
    return Unary(_method("CreateRun"), request, _run_of)


def get(name: str) -> Unary[Run]:
    """Ask for a run by its name, `runs/{id}`."""
    return Unary(_method("GetRun"), new_message(training_pb2.GetRunRequest, name=name), _run_of)


def cancel(name: str) -> Unary[Run]:
    """Cancel a run; cancelling an ended one changes nothing."""
    request = new_message(training_pb2.CancelRunRequest, idempotency_key=new_key(), name=name)
    return Unary(_method("CancelRun"), request, _run_of)


def watch(name: str) -> Streaming[Run]:
    """Stream a run as it stands, then after every change, until it ends."""
    return Streaming(_method("WatchRun"), new_message(training_pb2.WatchRunRequest, name=name), _run_of)


def list_runs(state: RunState | None = None, page_size: int = 0) -> Listing[Run]:
    """Ask for the runs, newest first."""

    def page(token: str) -> Unary[Page[Run]]:
        request = new_message(
            training_pb2.ListRunsRequest,
            page_size=page_size,
            page_token=token,
            state=enum_value(training_pb2.RunState, state),  # type: ignore[arg-type] # the enum's own number
        )
        return Unary(
            _method("ListRuns"),
            request,
            lambda response: Page(tuple(_read_run(item) for item in response.runs), response.next_page_token),
        )

    return page


def _method(name: str) -> Any:
    return method(training_pb2.DESCRIPTOR, "TrainingService", name)


def _run_of(response: Any) -> Run:
    return _read_run(response.run)


def _read_run(message: training_pb2.Run) -> Run:
    return Run(
        name=message.name,
        kind=enum_name(training_pb2.RunKind, message.kind),
        state=enum_name(training_pb2.RunState, message.state),
        recipe=message.recipe,
        overrides=dict(message.overrides),
        stage=message.stage,
        progress=message.progress,
        metrics=dict(message.metrics),
        model_version=message.model_version,
        failure=message.failure,
        create_time=message.create_time.ToDatetime(UTC),
        start_time=message.start_time.ToDatetime(UTC) if message.HasField("start_time") else None,
        end_time=message.end_time.ToDatetime(UTC) if message.HasField("end_time") else None,
    )
