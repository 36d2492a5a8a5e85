"""The images that are built, listed once: what builds, checks or delivers them reads this list.

`python3 deploy/images/catalogue.py builds` prints a line for each, its name and its recipe; `matrix` prints
them as the `include` of a matrix of GitHub's workflows. It needs Python's standard library alone.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

Use = Literal["workload", "run", "job"]
"""Who starts an image: a workload of the manifests; a run of training, as TRAINING_KUBERNETES_IMAGE names it;
a job, such as `skaffold verify`."""


@dataclass(frozen=True)
class Image:
    """An image, and what it is made of."""

    recipe: str  # Dockerfile below the checkout, which is its context; all are given their name as SERVICE
    distributions: Sequence[
        str
    ] = ()  # whose needs it holds; none where no Python package of the lock is inside
    extras: bool = False  # whether the extras of its distributions are inside, too
    use: Use = "workload"
    large: bool = False  # whether a hosted runner has to make room for it first


def _service(stem: str) -> Image:
    return Image("services/Dockerfile", (f"langdesign-{stem}",), extras=True)


_MODELS = ("edits", "engine", "diffusion", "instruct-pix2pix", "inpainting", "rela", "registry", "supervisor")

IMAGES: Mapping[str, Image] = {
    **{
        stem: _service(stem)
        for stem in ("instruction", "reference", "segmentation", "editing", "design", "training")
    },
    "gateway": Image("deploy/gateway/Dockerfile"),
    "model-server": Image(
        "services/model_server/Dockerfile",
        ("torch", *(f"langdesign-{stem}" for stem in _MODELS)),
        large=True,
    ),
    "specialise": Image("training/Dockerfile", ("langdesign-specialise",), use="run", large=True),
    "client": Image("clients/Dockerfile", ("langdesign",), use="job"),
}
"""Every image, `langdesign/<name>`, by its name."""


def builds() -> str:
    """Return a line for each image: its name and its recipe."""
    return "\n".join(f"{name} {image.recipe}" for name, image in IMAGES.items())


def matrix() -> str:
    """Return the images as the `include` of a workflow's matrix, in JSON on one line."""
    return json.dumps(
        [{"image": name, "dockerfile": image.recipe, "large": image.large} for name, image in IMAGES.items()]
    )


def main() -> None:
    """Print the list in the form that is asked for."""
    forms = {"builds": builds, "matrix": matrix}
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("form", choices=forms)
    print(forms[parser.parse_args().form]())  # noqa: T201 - what it is for


if __name__ == "__main__":
    main()
