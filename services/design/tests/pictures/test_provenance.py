import io

import numpy as np
import pytest
from langdesign.design.v1 import design_pb2 as pb
from langdesign_design.composing import Composer, ComposingLimits
from langdesign_design.testing import TENANT, Tree
from langdesign_edits import ImageFormat
from langdesign_media import ProvenancePolicy
from PIL import Image

SIDE = 32


def edit_by(checkpoint, instruction):
    edit = pb.NodeEdit(instruction=instruction)
    edit.result.checkpoint = checkpoint
    return edit.SerializeToString(deterministic=True)


def told(data):
    found = Image.open(io.BytesIO(data)).getxmp()
    return found["xmpmeta"]["RDF"]["Description"] if found else {}


@pytest.fixture
def grown(blobs, guard):
    """Makes a tree under a policy: a root, an edit without effect, an edit, and one of that."""

    async def grow(policy):
        tree = Tree(Composer(blobs, guard, ComposingLimits(cache_bytes=0), policy), blobs)
        root = await tree.root(np.full((SIDE, SIDE, 3), 90, np.uint8))
        mask = np.zeros((SIDE, SIDE), bool)
        mask[4:12, 4:12] = True
        nothing = await tree.whole(root, tree.pixels[root.id], edit=edit_by("", "make it blue"))
        first = await tree.edit(root, mask, edit=edit_by("edit@sha256:aa", "hide the safe"))
        second = await tree.edit(first, mask.T[::-1], seed=1, edit=edit_by("paint@sha256:bb", "add a plant"))
        return tree, {"root": root, "nothing": nothing, "first": first, "second": second}

    return grow


async def file_of(tree, node, **how):
    return (await tree.composer.encoded(TENANT, tree.path(node), **how)).data


@pytest.mark.parametrize(
    "how", [{}, {"image_format": ImageFormat.WEBP}, {"image_format": ImageFormat.JPEG}, {"max_side": 16}]
)
async def test_an_edited_picture_names_every_checkpoint_of_its_path_and_not_what_was_asked(grown, how):
    tree, nodes = await grown(ProvenancePolicy())
    data = await file_of(tree, nodes["second"], **how)
    found = told(data)
    assert found["DigitalSourceType"].endswith("/compositeWithTrainedAlgorithmicMedia")
    assert found["AISystemVersionUsed"] == "edit@sha256:aa, paint@sha256:bb"
    assert b"safe" not in data
    assert told(await file_of(tree, nodes["first"], **how))["AISystemVersionUsed"] == "edit@sha256:aa"


@pytest.mark.parametrize("name", ["root", "nothing"])
async def test_a_picture_that_no_edit_changed_says_nothing(grown, name):
    tree, nodes = await grown(ProvenancePolicy())
    assert told(await file_of(tree, nodes[name])) == {}


async def test_the_policy_tells_instructions_or_nothing(grown):
    tree, nodes = await grown(ProvenancePolicy(instructions=True))
    assert told(await file_of(tree, nodes["second"]))["AIPromptInformation"] == "hide the safe\nadd a plant"
    tree, nodes = await grown(ProvenancePolicy(xmp=False))
    assert told(await file_of(tree, nodes["second"])) == {}
