"""The checkout as data: its folder, its rendered manifests, and the schemas that validate them."""

import functools
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

Manifest = dict[str, Any]
ROOT = Path(__file__).resolve().parents[2]
OVERLAYS = sorted(path.parent.name for path in (ROOT / "deploy/overlays").glob("*/kustomization.yaml"))
SCHEMAS = ROOT.parent / "shared" / "schemas"
WORKLOADS = ("Deployment", "StatefulSet")


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
    """Folder of the public schemas; tests skip where it is absent."""
    if not SCHEMAS.is_dir():
        pytest.skip("the public schemas are not beside this checkout (../shared/schemas)")
    return SCHEMAS


@functools.cache
def rendered(folder: Path) -> tuple[Manifest, ...]:
    """Objects of a kustomization, as `kubectl kustomize` renders them offline."""
    kubectl = shutil.which("kubectl", path=str(Path(sys.executable).parent)) or "kubectl"
    done = subprocess.run([kubectl, "kustomize", str(folder)], capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"{folder.relative_to(ROOT)} does not render: {done.stderr}"
    assert not done.stderr, f"{folder.relative_to(ROOT)} renders with warnings: {done.stderr}"
    return tuple(yaml.safe_load_all(done.stdout))


@pytest.fixture(scope="session")
def render() -> Callable[[Path], tuple[Manifest, ...]]:
    """Renders a folder."""
    return rendered


@pytest.fixture(params=OVERLAYS)
def manifests(request: pytest.FixtureRequest) -> tuple[Manifest, ...]:
    """Objects of each overlay in turn."""
    return rendered(ROOT / "deploy/overlays" / request.param)


@pytest.fixture
def workloads(manifests: tuple[Manifest, ...]) -> dict[str, Manifest]:
    """Deployments and StatefulSets of each overlay in turn, by name."""
    return {one["metadata"]["name"]: one for one in manifests if one["kind"] in WORKLOADS}


@pytest.fixture
def pods(workloads: dict[str, Manifest]) -> dict[str, Manifest]:
    """Pod specifications of each overlay in turn, by workload."""
    return {name: one["spec"]["template"]["spec"] for name, one in workloads.items()}


@pytest.fixture
def containers(pods: dict[str, Manifest]) -> list[tuple[str, Manifest]]:
    """Every container, init containers too, with its workload's name."""
    return [
        (name, container)
        for name, pod in pods.items()
        for container in (*pod.get("initContainers", ()), *pod["containers"])
    ]
