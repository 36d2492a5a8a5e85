"""The services of a local run, as a table of data, and what a run of some of them needs."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType

from langdesign_client.addresses import LOCAL_PORTS
from langdesign_client.errors import InvalidInputError

from langdesign_command.errors import StartError

HOST = "127.0.0.1"
"""Local services listen on loopback only."""

_SHARES_CORES = {"OMP_WAIT_POLICY": "PASSIVE"}
"""Servers that compute on the same cores must not spin while they wait: it slows each other tenfold."""

_METRICS = 2000  # a service's metrics page is this far above its port


@dataclass(frozen=True)
class Service:
    """One process of the local run."""

    # Its name in logs and in `--only`.
    name: str
    # Its ports by use; the first is where others call it.
    ports: Mapping[str, int]
    # Services that have to be healthy before it starts.
    needs: tuple[str, ...] = ()
    # Variables; `{name}` is the address of a service, `{data}` the data folder, `{root}` the checkout.
    environment: Mapping[str, str] = field(default_factory=dict)
    # Path of its HTTP health page on the port `http`; None means gRPC's health service.
    health: str | None = None
    # Python module that runs it; None for the servers that `processes` knows by name.
    module: str | None = None
    # Seconds until it has to be healthy.
    patience: float = 120.0


def _service(stem: str, needs: tuple[str, ...], environment: Mapping[str, str]) -> Service:
    port = LOCAL_PORTS[stem]
    return Service(
        stem,
        ports={"grpc": port, "metrics": port + _METRICS},
        needs=needs,
        environment=environment,
        module=f"langdesign_{stem}",
    )


SERVICES = (
    Service(
        "triton",
        ports={"grpc": 8001, "http": 8000, "metrics": 8002},
        environment=_SHARES_CORES,
        health="/v2/health/ready",
        patience=300.0,
    ),
    Service("llama", ports={"http": 7010}, environment=_SHARES_CORES, health="/health"),
    _service(
        "instruction",
        needs=(),
        environment={"INSTRUCTION_CONTEXTS": "{root}/contexts", "INSTRUCTION_SPOOL": "{data}/triples"},
    ),
    _service(
        "reference",
        needs=("llama",),
        environment={
            "REFERENCE_LLM_BASE_URL": "http://{llama}/v1",
            # llama.cpp samples unless it is told not to.
            "REFERENCE_LLM_PARAMETERS": '{{"temperature": 0, "seed": 0}}',
        },
    ),
    _service(
        "segmentation",
        needs=("triton",),
        environment={"TRITON_ADDR": "{triton}", "SEGMENTATION_BLOBS": "{data}/blobs"},
    ),
    _service(
        "editing",
        needs=("triton", "reference", "segmentation"),
        environment={
            "TRITON_ADDR": "{triton}",
            "REFERENCE_ADDR": "{reference}",
            "SEGMENTATION_ADDR": "{segmentation}",
            "EDITING_BLOBS": "{data}/blobs",
            "EDITING_OPERATIONS": "sqlite:///{data}/operations.sqlite",
        },
    ),
    _service(
        "design",
        needs=("editing",),
        environment={
            "EDITING_ADDR": "{editing}",
            "DESIGN_DATABASE": "sqlite:///{data}/design.sqlite",
            "DESIGN_BLOBS": "{data}/blobs",
            "DESIGN_SHARED_BLOBS": "true",
        },
    ),
    _service(
        "training",
        needs=(),
        environment={
            "TRAINING_DATABASE": "sqlite:///{data}/training.sqlite",
            "TRAINING_REGISTRY": "sqlite:///{data}/registry/mlflow.db",
            "TRAINING_RUNS": "{data}/runs",
            "TRAINING_CONTEXTS": "{root}/contexts",
            "TRAINING_MODELS": "{root}/deploy/models/mini",
            "TRAINING_KEYS": "{data}/keys",
        },
    ),
    Service(
        "gateway",
        ports={"http": 8080, "admin": 10080},
        needs=("design", "editing"),
        environment={f"{stem.upper()}_ADDR": f"{{{stem}}}" for stem in LOCAL_PORTS},
        health="/healthz",
    ),
)
"""Every service of the local run; a service comes after those that it needs."""

BY_NAME = MappingProxyType({service.name: service for service in SERVICES})


def chosen(only: Sequence[str]) -> tuple[Service, ...]:
    """Return the services named, or all of them for an empty list, in the table's order.

    Raises:
        InvalidInputError: a name is not in the table.

    """
    if unknown := [name for name in only if name not in BY_NAME]:
        raise InvalidInputError(
            f"No service is called {unknown[0]!r}", hint=f"choose from {', '.join(BY_NAME)}"
        )
    return tuple(service for service in SERVICES if not only or service.name in only)


def address(service: Service, offset: int) -> str:
    """Return where others call a service."""
    return f"{HOST}:{next(iter(service.ports.values())) + offset}"


def addresses(offset: int) -> dict[str, str]:
    """Return the address of every service of the table."""
    return {service.name: address(service, offset) for service in SERVICES}


def environment(service: Service, offset: int, data: str, root: str) -> dict[str, str]:
    """Return a service's own variables, addresses and folders filled in."""
    places = addresses(offset) | {"data": data, "root": root}
    own = {name: value.format(**places) for name, value in service.environment.items()}
    if service.module is None:
        return own
    return own | {
        "LANGDESIGN_LISTEN": address(service, offset),
        "LANGDESIGN_TELEMETRY_METRICS": f"{HOST}:{service.ports['metrics'] + offset}",
    }


def levels(services: Iterable[Service]) -> list[list[Service]]:
    """Return the services in steps, such that each step needs only the steps before it."""
    waiting, done, steps = list(services), set[str](), list[list[Service]]()
    names = {service.name for service in waiting}
    while waiting:
        step = [service for service in waiting if names.intersection(service.needs) <= done]
        if not step:
            raise StartError(
                "The services need each other in a circle", hint="correct the table in local/stack.py"
            )
        steps.append(step)
        done |= {service.name for service in step}
        waiting = [service for service in waiting if service not in step]
    return steps
