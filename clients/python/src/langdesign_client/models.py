"""The registry of models: versions are immutable, aliases point at one."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Literal, get_args

from langdesign.training.v1 import training_pb2

from langdesign_client.calls import Listing, Page, Unary, method, new_key
from langdesign_client.messages import new_message


@dataclass(frozen=True)
class Model:
    """A model (`models/{model}`) and the number of its newest version."""

    name: str
    description: str
    latest_version: int


@dataclass(frozen=True)
class ModelVersion:
    """A version (`models/{model}@{version}`): what it is, where it comes from, and how good it is.

    Digests are `sha256:...`: of its files, of the data set that it was tuned on, of the public key whose
    signature holds. Texts are empty where there is nothing to tell. `metrics` is its evaluation, by name.
    """

    name: str
    model: str
    version: int
    aliases: tuple[str, ...]
    digest: str
    run: str
    metrics: Mapping[str, float]
    create_time: datetime
    dataset_digest: str = ""
    recipe: str = ""
    code_version: str = ""
    signed_by: str = ""


@dataclass(frozen=True)
class PromotionCheck:
    """A condition of a promotion: figures before and after, and the 95% interval of their difference.

    Figures are None where the evaluations do not tell them.
    """

    metric: str
    before: float | None
    after: float | None
    difference_low: float | None
    difference_high: float | None
    condition: str
    held: bool


@dataclass(frozen=True)
class Promotion:
    """What became of a promotion: whether the alias points at the version now, and every condition."""

    promoted: bool
    checks: tuple[PromotionCheck, ...]
    version: ModelVersion


def list_models(page_size: int = 0) -> Listing[Model]:
    """Ask for the models by name."""

    def page(token: str) -> Unary[Page[Model]]:
        request = new_message(training_pb2.ListModelsRequest, page_size=page_size, page_token=token)
        return Unary(
            _method("ListModels"),
            request,
            lambda response: Page(
                tuple(Model(item.name, item.description, item.latest_version) for item in response.models),
                response.next_page_token,
            ),
        )

    return page


def list_versions(model: str, page_size: int = 0) -> Listing[ModelVersion]:
    """Ask for the versions of a model (`models/{model}`), newest first."""

    def page(token: str) -> Unary[Page[ModelVersion]]:
        request = new_message(
            training_pb2.ListModelVersionsRequest, parent=model, page_size=page_size, page_token=token
        )
        return Unary(
            _method("ListModelVersions"),
            request,
            lambda response: Page(
                tuple(_read_version(item) for item in response.versions), response.next_page_token
            ),
        )

    return page


def get_version(name: str) -> Unary[ModelVersion]:
    """Ask for a version by number or alias: `models/{model}@{version-or-alias}`."""
    return Unary(
        _method("GetModelVersion"), new_message(training_pb2.GetModelVersionRequest, name=name), _version_of
    )


def set_alias(version: str, alias: str) -> Unary[ModelVersion]:
    """Point an alias at a version, creating it where it is new."""
    request = new_message(
        training_pb2.SetModelAliasRequest, idempotency_key=new_key(), version=version, alias=alias
    )
    return Unary(_method("SetModelAlias"), request, _version_of)


def delete_alias(name: str) -> Unary[None]:
    """Delete an alias, `models/{model}@{alias}`; the version stays."""
    request = new_message(training_pb2.DeleteModelAliasRequest, idempotency_key=new_key(), name=name)
    return Unary(_method("DeleteModelAlias"), request, lambda _: None)


def promote(version: str, alias: str) -> Unary[Promotion]:
    """Point an alias at a version whose evaluation is good enough; a refusal moves nothing, and is told."""
    request = new_message(
        training_pb2.PromoteModelRequest, idempotency_key=new_key(), version=version, alias=alias
    )
    return Unary(_method("PromoteModel"), request, _promotion_of)


def roll_back(name: str) -> Unary[ModelVersion]:
    """Point an alias, `models/{model}@{alias}`, back at the version before its last move."""
    request = new_message(training_pb2.RollBackModelRequest, idempotency_key=new_key(), name=name)
    return Unary(_method("RollBackModel"), request, _version_of)


def _method(name: str) -> Any:
    return method(training_pb2.DESCRIPTOR, "RegistryService", name)


def _version_of(response: Any) -> ModelVersion:
    return _read_version(response.version)


_Figure = Literal["before", "after", "difference_low", "difference_high"]
_FIGURES: tuple[_Figure, ...] = get_args(_Figure)
"""Figures of a check, each absent where the evaluations do not tell it."""


def _promotion_of(response: training_pb2.PromoteModelResponse) -> Promotion:
    checks = tuple(
        PromotionCheck(
            metric=check.metric,
            **{name: getattr(check, name) if check.HasField(name) else None for name in _FIGURES},
            condition=check.condition,
            held=check.held,
        )
        for check in response.checks
    )
    return Promotion(response.promoted, checks, _read_version(response.version))


def _read_version(message: training_pb2.ModelVersion) -> ModelVersion:
    return ModelVersion(
        name=message.name,
        model=message.model,
        version=message.version,
        aliases=tuple(message.aliases),
        digest=message.digest,
        run=message.run,
        metrics=dict(message.metrics),
        create_time=message.create_time.ToDatetime(UTC),
        dataset_digest=message.dataset_digest,
        recipe=message.recipe,
        code_version=message.code_version,
        signed_by=message.signed_by,
    )
