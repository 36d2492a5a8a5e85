"""Renders an overlay whose images are named by the digests of one build.

python deploy/delivery/render.py staging --registry ghcr.io/you/langdesign --digests digests > staging.yaml

The folder of digests has a file for each image, `editing` and so on, that holds `sha256:...`.
"""

import argparse
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
OVERLAYS = ROOT / "deploy/overlays"
RUNS = "specialise"
"""The image of training runs: no workload has it, the setting TRAINING_KUBERNETES_IMAGE names it."""
_DIGEST = re.compile(r"sha256:[0-9a-f]{64}")
_VOLUME = re.compile(r"^\s+reference: (\S+)$", re.MULTILINE)
"""The image of a volume: the weights."""
_EXAMPLE = re.compile(r"\b(?:[\w-]+\.)*example\.com\b")
"""A host that nobody has (RFC 2606)."""


def read_digests(folder: Path) -> dict[str, str]:
    """Return the digest of each image by its name.

    Raises:
        SystemExit: A file holds none, or there is no file.

    """
    found = {path.name: path.read_text("utf-8").strip() for path in sorted(folder.iterdir())}
    wrong = [name for name, digest in found.items() if not _DIGEST.fullmatch(digest)]
    if wrong or not found:
        raise SystemExit(f"{folder} holds no digest `sha256:...` of {', '.join(wrong) or 'any image'}")
    return found


def kustomization(
    base: str, registry: str, digests: Mapping[str, str], namespace: str, *, runs: bool
) -> dict[str, Any]:
    """Return a kustomization over an overlay that names every image by its digest.

    Args:
        base: The overlay's folder, relative to the kustomization's.
        registry: Where the images are, such as ``ghcr.io/you/langdesign``.
        digests: Digests of the images by name.
        namespace: The overlay's.
        runs: Whether the overlay's training runs have an image of their own.

    """
    images = [
        {"name": f"langdesign/{name}", "newName": f"{registry}/{name}", "digest": digest}
        for name, digest in digests.items()
        if name != RUNS
    ]
    made: dict[str, Any] = {
        "apiVersion": "kustomize.config.k8s.io/v1beta1",
        "kind": "Kustomization",
        "resources": [base],
        "images": images,
    }
    if runs:
        image = f"TRAINING_KUBERNETES_IMAGE={registry}/{RUNS}@{digests[RUNS]}"
        training = {"name": "training", "namespace": namespace, "behavior": "merge", "literals": [image]}
        made["configMapGenerator"] = [training]
    return made


def render(overlay: str, registry: str, digests: Mapping[str, str]) -> str:
    """Return the manifests of an overlay as YAML.

    Raises:
        SystemExit: It does not render, an image of ours, or of weights, is left that no digest names, or a
            host is left that only stands for the place's own.

    """
    source = (OVERLAYS / overlay / "kustomization.yaml").read_text("utf-8")
    namespace = re.search(r"^namespace: (\S+)$", source, re.MULTILINE)
    if namespace is None:
        raise SystemExit(f"{overlay} names no namespace")
    with tempfile.TemporaryDirectory(dir=ROOT / "deploy", prefix=".rendered-") as folder:
        base = os.path.relpath(OVERLAYS / overlay, folder)
        made = kustomization(
            base, registry, digests, namespace[1], runs="TRAINING_KUBERNETES_IMAGE" in source
        )
        (Path(folder) / "kustomization.yaml").write_text(json.dumps(made), "utf-8")
        manifests = _kustomize(folder)
    missing = list(_missing(overlay, manifests))
    if missing:
        raise SystemExit("\n".join(missing))
    return manifests


def _missing(overlay: str, manifests: str) -> Iterator[str]:
    """Yield a line for each kind of thing that has to be set before the manifests are of use."""
    if left := sorted(set(re.findall(r"image: (langdesign/\S+)", manifests))):
        yield f"{overlay} names images without a digest: {', '.join(left)}"
    if weights := sorted({one for one in _VOLUME.findall(manifests) if "@sha256:" not in one}):
        yield (
            f"{overlay} mounts weights without a digest: {', '.join(weights)}; "
            "`python -m langdesign_registry push ... --component` pins them (deploy/weights/README.md)"
        )
    if hosts := sorted(set(_EXAMPLE.findall(manifests))):
        yield (
            f"{overlay} still has the names that this repository came with: {', '.join(hosts)}; "
            f"write yours into the files of deploy/overlays/{overlay} (deploy/base/place.env explains them)"
        )


def _kustomize(folder: str) -> str:
    kubectl = shutil.which("kubectl", path=str(Path(sys.executable).parent)) or "kubectl"
    done = subprocess.run([kubectl, "kustomize", folder], capture_output=True, text=True, check=False)
    if done.returncode or done.stderr:
        raise SystemExit(f"kubectl kustomize failed or warned: {done.stderr.strip()}")
    return done.stdout


def main() -> None:
    """Print the manifests."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("overlay", help="folder in deploy/overlays")
    parser.add_argument("--registry", required=True, help="where the images are")
    parser.add_argument("--digests", type=Path, required=True, help="folder of the images' digests")
    arguments = parser.parse_args()
    sys.stdout.write(render(arguments.overlay, arguments.registry, read_digests(arguments.digests)))


if __name__ == "__main__":
    main()
