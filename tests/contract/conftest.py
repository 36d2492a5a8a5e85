"""The checkout as data: its folder, its rendered manifests, and the schemas that validate them."""

import functools
import importlib
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
import yaml

Manifest = dict[str, Any]
ROOT = Path(__file__).resolve().parents[2]
OVERLAYS = sorted(path.parent.name for path in (ROOT / "deploy/overlays").glob("*/kustomization.yaml"))
WORKLOADS = ("Deployment", "StatefulSet")
COMBINATIONS = {
    "production-gke": ("production", "profiles/gke"),
    "production-eks": ("production", "profiles/eks"),
    "production-openshift": ("production", "profiles/openshift"),
    "staging-everything": (
        "staging",
        "components/postgres",
        "components/autoscaling",
        "components/pull-secret",
    ),
    "staging-mig": ("staging", "components/mig"),
    "staging-time-slicing": ("staging", "components/time-slicing"),
}
"""What operators add to an overlay: the overlay, then components and profiles."""
PLACES = (*OVERLAYS, *COMBINATIONS)


@pytest.fixture(scope="session")
def root() -> Path:
    """Folder of the checkout."""
    return ROOT


@pytest.fixture(scope="session")
def services() -> list[str]:
    """Stems of the services, by their folders."""
    return sorted(path.parent.name for path in (ROOT / "services").glob("*/pyproject.toml"))


@pytest.fixture(scope="session")
def schemas() -> Path:
    """Folder of the schemas."""
    return ROOT / "deploy/schemas"


@pytest.fixture(scope="session")
def validate() -> Iterator[ModuleType]:
    """The program that deliveries hold their manifests against schemas with, as a module."""
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(str(ROOT / "deploy/delivery"))
        yield importlib.import_module("validate")


@pytest.fixture
def tool(monkeypatch: pytest.MonkeyPatch) -> Callable[[str], ModuleType]:
    """Imports a program of deploy/images."""
    monkeypatch.syspath_prepend(str(ROOT / "deploy/images"))
    return importlib.import_module


@functools.cache
def rendered(folder: Path) -> tuple[Manifest, ...]:
    """Objects of a kustomization, as `kubectl kustomize` renders them offline."""
    kubectl = shutil.which("kubectl", path=str(Path(sys.executable).parent)) or "kubectl"
    done = subprocess.run([kubectl, "kustomize", str(folder)], capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"{folder} does not render: {done.stderr}"
    assert not done.stderr, f"{folder} renders with warnings: {done.stderr}"
    return tuple(yaml.load_all(done.stdout, Loader=yaml.CSafeLoader))


@pytest.fixture(scope="session")
def render() -> Callable[[Path], tuple[Manifest, ...]]:
    """Renders a folder."""
    return rendered


@pytest.fixture(scope="session")
def combine(tmp_path_factory: pytest.TempPathFactory) -> Callable[..., tuple[Manifest, ...]]:
    """Renders a folder of `deploy` with components and profiles, also named by their folders."""

    @functools.cache
    def combined(resource: str, *components: str) -> tuple[Manifest, ...]:
        folder = tmp_path_factory.mktemp("combined")
        place = os.path.relpath(ROOT / "deploy", folder)
        own = yaml.safe_load((ROOT / "deploy" / resource / "kustomization.yaml").read_text())
        kustomization = {
            # As if the components were in the overlay's own list.
            **({"namespace": own["namespace"]} if "namespace" in own else {}),
            "resources": [f"{place}/{resource}"],
            "components": [f"{place}/{component}" for component in components],
        }
        (folder / "kustomization.yaml").write_text(yaml.safe_dump(kustomization))
        return rendered(folder)

    return combined


@pytest.fixture(params=PLACES)
def place(request: pytest.FixtureRequest) -> str:
    """Each overlay, then each combination, by name."""
    return str(request.param)


@pytest.fixture
def manifests(place: str, combine: Callable[..., tuple[Manifest, ...]]) -> tuple[Manifest, ...]:
    """Objects of each overlay in turn, and of what operators make of them."""
    if place in OVERLAYS:
        return rendered(ROOT / "deploy/overlays" / place)
    overlay, *components = COMBINATIONS[place]
    return combine(f"overlays/{overlay}", *components)


@pytest.fixture
def namespace(place: str) -> str:
    """The namespace of its own that a place has."""
    overlay = place if place in OVERLAYS else COMBINATIONS[place][0]
    return {"local": "langdesign", "local-gpu": "langdesign-gpu"}.get(overlay, f"langdesign-{overlay}")


@pytest.fixture
def workloads(manifests: tuple[Manifest, ...]) -> dict[str, Manifest]:
    """Deployments and StatefulSets of each place in turn, by name."""
    return {one["metadata"]["name"]: one for one in manifests if one["kind"] in WORKLOADS}


@pytest.fixture
def pods(workloads: dict[str, Manifest]) -> dict[str, Manifest]:
    """Pod specifications of each place in turn, by workload."""
    return {name: one["spec"]["template"]["spec"] for name, one in workloads.items()}


@pytest.fixture
def containers(pods: dict[str, Manifest]) -> list[tuple[str, Manifest]]:
    """Every container, init containers too, with its workload's name."""
    return [
        (name, container)
        for name, pod in pods.items()
        for container in (*pod.get("initContainers", ()), *pod["containers"])
    ]
