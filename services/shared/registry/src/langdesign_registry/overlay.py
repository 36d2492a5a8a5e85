"""What puts an image of weights into an overlay: a kustomize component, written whole."""

from __future__ import annotations

from pathlib import Path

from .errors import InvalidArtifact

FILE = "kustomization.yaml"
IMAGE = "langdesign/models"
"""What manifests call the image of weights."""

ANNOTATION = "langdesign.dev/models"
"""Annotation of the pods that use the weights, with the image by its digest."""

_FIRST_LINE = "# The weights of this overlay, written by `python -m langdesign_registry push --component`."
_TEMPLATE = """\
{first_line}
# A commit of this file is a rollout, its revert the way back. Keep it the last of the overlay's components.
apiVersion: kustomize.config.k8s.io/v1alpha1
kind: Component
images:
  - name: {image}
    newName: {repository}
    digest: {digest}
patches:
  # Results name the version, and what is loaded has this digest or never becomes ready.
  - target: {{kind: Deployment, name: model-server}}
    patch: |-
      - op: add
        path: /spec/template/spec/containers/0/env/-
        value: {{name: MODEL_VERSION, value: {version}}}
      - op: add
        path: /spec/template/spec/containers/0/env/-
        value: {{name: MODEL_DIGEST, value: "{artifact}"}}
  - target: {{kind: Deployment|StatefulSet, name: model-server|editing|segmentation}}
    patch: |-
      apiVersion: apps/v1
      kind: Deployment
      metadata:
        name: any
      spec:
        template:
          metadata:
            annotations:
              {annotation}: {repository}@{digest}
"""


def component(repository: str, digest: str, version: str, artifact: str) -> str:
    """Return the component that deploys an image of weights, YAML.

    Args:
        repository: `HOST/NAME` of the image.
        digest: of the image, `sha256:...`.
        version: the version's name, `MODEL@VERSION`.
        artifact: digest of the artifact in it, `sha256:...`.

    """
    return _TEMPLATE.format(
        first_line=_FIRST_LINE,
        image=IMAGE,
        annotation=ANNOTATION,
        repository=repository,
        digest=digest,
        version=version,
        artifact=artifact,
    )


def write_component(folder: Path, text: str) -> None:
    """Write a component into its folder, in place of the one that was written there before.

    Raises:
        InvalidArtifact: the folder holds a kustomization of another kind.

    """
    file = folder / FILE
    if file.exists() and not file.read_text("utf-8").startswith(_FIRST_LINE):
        raise InvalidArtifact(
            f"{folder.name}/{FILE} was not written by `push`; give a folder of its own, such as "
            "deploy/overlays/production/weights"
        )
    folder.mkdir(parents=True, exist_ok=True)
    file.write_text(text, "utf-8")
