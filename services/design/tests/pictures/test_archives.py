"""Designs as archives, and back."""

import asyncio
import io
import json
import operator
import uuid
import zipfile
from dataclasses import replace
from functools import reduce

import numpy as np
import pytest
import pytest_asyncio
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from langdesign.design.v1 import design_pb2 as pb
from langdesign_design.archive import ArchiveLimits, Pictures, adopt, export, read
from langdesign_design.composing import Composer, ComposingLimits
from langdesign_design.errors import ArchiveError, PathError
from langdesign_design.nodes import NodeState
from langdesign_design.testing import TENANT, Tree, box, noise
from langdesign_media import BlobStore, ImageGuard, digest, encode, mask_to_png
from langdesign_media.testing import display_p3
from PIL import Image

SIZE = 40, 60
LOCAL = {"created": "2026-01-01T00:00:00"}
LONG = {"pixels": f"{digest(b'')}\n"}


async def planted(tree):
    """A tree with two branches and a join, and all that people can say of nodes."""
    root = await tree.root(noise(*SIZE), profile=display_p3())
    left = await tree.edit(root, box(SIZE, 2, 2, 9, 9), 2, instruction="make the sofa green", group="a")
    right = await tree.edit(
        root, box(SIZE, 20, 40, 9, 9), seed=1, instruction="Ändere die Lampe", group="a", note="ask Ștefan"
    )
    below = await tree.edit(left, box(SIZE, 4, 4, 9, 9), seed=2, instruction="darker", favourite=True)
    await tree.whole(below, noise(*SIZE, seed=9), instruction="at night", title="Evening", hidden=True)
    result = await tree.composer.merge(TENANT, tree.path(below), tree.path(right))
    both = tree.pixels[below.id].copy()
    both[20:29, 40:49] = tree.pixels[right.id][20:29, 40:49]
    tree.put(below, result, both, merged=right.id)
    return tree


async def exported(tree, pictures=Pictures.LEAVES, tenant=TENANT):
    return b"".join([part async for part in export(tree.design, tree.nodes, tree.composer, tenant, pictures)])


def files(data):
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        assert archive.testzip() is None
        return {name: archive.read(name) for name in archive.namelist()}


def zipped(content, method=zipfile.ZIP_STORED):
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", method) as archive:
        for name, data in content.items():
            archive.writestr(name, data)
    return target.getvalue()


def changed(content, **fields):
    """The files, with fields of `design.json` changed: of the design, or of a node as `node3`."""
    document = json.loads(content["design.json"])
    for name, value in fields.items():
        if name.removeprefix("node").isdigit():
            document["nodes"][int(name[4:])].update(value)
        else:
            document[name] = value
    return {**content, "design.json": json.dumps(document).encode()}


def without(content, *place):
    """The files, with a field of `design.json` left out: of the design, or below names and numbers."""
    document = json.loads(content["design.json"])
    *above, name = place
    del reduce(operator.getitem, above, document)[name]
    return {**content, "design.json": json.dumps(document).encode()}


def nested(content):
    """The files, with an edit that holds lists within lists."""
    deep = b'"edit": {"plan": ' + b"[" * 10**5 + b"]" * 10**5 + b"},"
    document = content["design.json"].replace(b'"number": 1,', b'"number": 1, ' + deep)
    return {**content, "design.json": document}


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def archive(guard, tmp_path_factory):
    """The archive of a planted tree; no test changes it, so it is made once."""
    blobs = BlobStore.open(str(tmp_path_factory.mktemp("planted")))
    tree = Tree(Composer(blobs, guard, ComposingLimits(cache_bytes=0)), blobs)
    return await exported(await planted(tree))


@pytest.fixture
def other(tmp_path, guard):
    """Another service's composer, and its blobs."""
    blobs = BlobStore.open(str(tmp_path / "elsewhere"))
    return Tree(Composer(blobs, guard), blobs)


async def imported(data, tree, guard, tenant="ben"):
    content = await read(data, guard)
    tree.nodes = list(await adopt(content, tree.composer, tenant, lambda: uuid.uuid4().hex))
    return content


async def test_an_export_an_import_and_an_export_are_equal(tree, other, guard):
    first = await exported(await planted(tree), Pictures.ALL)

    content = await imported(first, other, guard)

    design = replace(tree.design, id=other.nodes[0].design, root=other.nodes[0].id, title=content.title)
    parts = export(design, other.nodes, other.composer, "ben", Pictures.ALL)
    assert b"".join([part async for part in parts]) == first


async def test_an_import_has_all_that_was_there_under_new_names(tree, other, guard):
    await planted(tree)

    content = await imported(await exported(tree), other, guard)

    assert content.title == tree.design.title
    assert not {node.id for node in tree.nodes} & {node.id for node in other.nodes}
    was = {node.result.pixels: node for node in tree.nodes}
    now = {node.id: node for node in other.nodes}
    for node in other.nodes:
        before = was[node.result.pixels]
        for name in (
            "instruction",
            "title",
            "note",
            "favourite",
            "hidden",
            "mask",
            "depth",
            "create_time",
            "edit",
        ):
            assert getattr(node, name) == getattr(before, name)
        assert node.result.report == before.result.report
        assert bool(node.result.keyframe) == bool(before.result.keyframe)
        composed = await other.composer.picture("ben", other.path(node))
        assert np.array_equal(composed.pixels, tree.pixels[before.id])
        assert composed.profile == display_p3()
    join = next(node for node in other.nodes if node.merged)
    assert now[join.merged].instruction == "Ändere die Lampe"
    groups = {node.group for node in other.nodes if node.group}
    assert len(groups) == 1
    assert "a" not in groups


async def test_an_archive_holds_the_pictures_asked_for(tree):
    await planted(tree)
    every = {f"pictures/{number:04}.png" for number in range(1, len(tree.nodes))}

    for pictures, expected in ((Pictures.NONE, set()), (Pictures.ALL, every)):
        names = set(files(await exported(tree, pictures)))
        assert {name for name in names if name.startswith("pictures")} == expected
        assert {"design.json", "root.png", "contact-sheet.jpg"} <= names
    content = files(await exported(tree, Pictures.LEAVES))
    document = json.loads(content["design.json"])["nodes"]
    parents = {node.get("parent") for node in document}
    wanted = {n["number"] for n in document if n["number"] not in parents or n.get("favourite")}
    assert {name for name in content if name.startswith("pictures")} == {
        f"pictures/{number:04}.png" for number in wanted
    }


async def test_composed_pictures_in_an_archive_are_the_nodes(tree, guard):
    content = files(await exported(await planted(tree), Pictures.ALL))
    pixels = {node.result.pixels: tree.pixels[node.id] for node in tree.nodes}

    for node in json.loads(content["design.json"])["nodes"][1:]:
        picture = await guard.decode(content[f"pictures/{node['number']:04}.png"])
        assert np.array_equal(picture.pixels, pixels[node["pixels"]])
        assert picture.profile == display_p3()


async def test_the_roots_picture_is_in_an_archive_as_it_was_given(tree, other, guard):
    target, exif = io.BytesIO(), Image.Exif()
    exif[0x0112] = 8
    Image.fromarray(noise(30, 50)).save(target, "JPEG", exif=exif)
    root = tree.put(None, await tree.composer.root(TENANT, target.getvalue()), noise(50, 30))

    data = await exported(tree)
    await imported(data, other, guard)

    assert files(data)["root.jpg"] == target.getvalue()
    assert (other.nodes[0].result.width, other.nodes[0].result.pixels) == (30, root.result.pixels)


async def test_an_archive_comes_in_parts_of_a_mebibyte_at_most(tree):
    size = 900, 1100
    root = await tree.root(noise(*size))
    await tree.whole(root, noise(*size, seed=1))

    parts = [part async for part in export(tree.design, tree.nodes, tree.composer, TENANT, Pictures.ALL)]

    assert max(map(len, parts)) == 1024 * 1024
    assert len(files(b"".join(parts))) == 5


async def test_nodes_without_a_picture_are_left_out(tree, guard):
    await planted(tree)
    count = len(tree.nodes)
    tree.nodes.append(
        replace(tree.nodes[1], id="running", state=NodeState.RUNNING, result=None, parent=tree.nodes[0].id)
    )

    content = await read(await exported(tree), guard)

    assert len(content.nodes) == count


async def test_nodes_that_are_no_tree_are_not_exported(tree):
    await planted(tree)

    with pytest.raises(PathError, match="one root"):
        [part async for part in export(tree.design, tree.nodes[1:], tree.composer, TENANT, Pictures.NONE)]


async def test_a_contact_sheet_shows_every_node_with_its_words(tree, guard):
    content = files(await exported(await planted(tree)))

    sheet = await guard.decode(content["contact-sheet.jpg"])

    inked = np.abs(sheet.pixels.astype(int) - (251, 250, 248)).max(axis=2) > 60
    assert not inked[:15].any()
    for row in range(2):
        for column in range(3):
            top, left = 92 + row * (171 + 84 + 28), 28 + column * 284
            assert sheet.pixels[top : top + 171, left : left + 256].std() > 20
            assert inked[top + 171 : top + 171 + 60, left : left + 256].sum() > 100


async def test_a_design_of_one_picture_and_no_title_has_an_archive(tree, other, guard):
    await tree.root(noise(3, 5))

    content = await imported(await exported(tree), other, guard)

    assert len(content.nodes) == len(other.nodes) == 1


REFUSED = [
    (
        "one patch gone",
        lambda f: {n: d for n, d in f.items() if n != "patches/0002.patch"},
        "lacks patches/0002",
    ),
    ("root gone", lambda f: {n: d for n, d in f.items() if n != "root.png"}, r"lacks root\.png"),
    ("document gone", lambda f: {n: d for n, d in f.items() if n != "design.json"}, "not of a design"),
    ("a file too many", lambda f: {**f, "run.exe": b"MZ"}, "a file that is not of the design"),
    ("a path upwards", lambda f: {**f, "../../etc/passwd": b"x"}, "a file that is not of the design"),
    ("no JSON", lambda f: {**f, "design.json": b"{"}, "not of a design"),
    ("other JSON", lambda f: {**f, "design.json": b"[1, 2]"}, "not of a design"),
    ("nested JSON", lambda f: {**f, "design.json": b"[" * 10**6}, "not of a design"),
    ("another program's", lambda f: changed(f, format="sketch"), "not of a design"),
    ("a later version", lambda f: changed(f, version=2), "version 2, and up to 1 is read"),
    ("an unknown field", lambda f: changed(f, layers=[]), "damaged at layers"),
    ("a long title", lambda f: changed(f, title="x" * 201), "damaged at title;"),
    ("no nodes", lambda f: changed(f, nodes=[]), "damaged at nodes;"),
    (
        "no UTF-8",
        lambda f: {**f, "design.json": f["design.json"].replace(b"sofa", b"\xff")},
        "not of a design",
    ),
    ("an edit nested without end", nested, "not of a design"),
    ("no title", lambda f: without(f, "title"), "damaged at title;"),
    (
        "a node without its time",
        lambda f: without(f, "nodes", 3, "created"),
        r"damaged at nodes\.3\.created;",
    ),
    ("a time of no zone", lambda f: changed(f, node0=LOCAL), r"damaged at nodes\.0\.created;"),
    ("a field of a later node", lambda f: changed(f, node2={"x": 1}), r"damaged at nodes\.2\.x;"),
    ("a digest that goes on", lambda f: changed(f, node1=LONG), r"damaged at nodes\.1\.pixels;"),
    ("a node that is a text", lambda f: changed(f, nodes=["root"]), r"damaged at nodes\.0;"),
    ("a root without a width", lambda f: without(f, "root", "width"), r"damaged at root\.width;"),
    ("a root of a later format", lambda f: changed(f, root={"format": "avif"}), r"damaged at root\.format;"),
    ("two roots", lambda f: changed(f, node2={"parent": None}), "no tree: see number 2"),
    ("a circle", lambda f: changed(f, node2={"parent": 3}), "no tree: see number 2"),
    ("its own parent", lambda f: changed(f, node2={"parent": 2}), "no tree: see number 2"),
    ("a parent beyond", lambda f: changed(f, node2={"parent": 99}), "no tree: see number 2"),
    ("joined to nothing", lambda f: changed(f, node2={"merged": 99}), "no tree: see number 2"),
    ("numbers twice", lambda f: changed(f, node2={"number": 1}), "no tree: see number 2"),
    ("a patched root", lambda f: changed(f, node0={"patch": digest(b"")}), "no tree: see number 0"),
    (
        "an unreadable edit",
        lambda f: changed(f, node1={"edit": {"instruction": 3}}),
        "edit of number 1 is damaged",
    ),
    ("a later edit", lambda f: changed(f, node1={"edit": {"wizard": 3}}), "edit of number 1 is damaged"),
    ("other pixels", lambda f: changed(f, node3={"pixels": digest(b"")}), "picture of number 3 is not"),
    ("another parent", lambda f: changed(f, node2={"parent": 0}), "picture of number [0-9] is not"),
    (
        "another patch",
        lambda f: {**f, "patches/0001.patch": f["patches/0002.patch"]},
        "0001.patch .* was changed",
    ),
    (
        "another root",
        lambda f: {**f, "root.png": encode(noise(*SIZE, seed=5))},
        r"root\.png is not the picture",
    ),
    (
        "a broken root",
        lambda f: {**f, "root.png": f["root.png"][:99]},
        r"root\.png in the archive is truncated",
    ),
    ("a text for root", lambda f: {**f, "root.png": b"hello"}, r"root\.png in the archive is not PNG"),
    ("another mask", lambda f: {**f, "masks/0001.png": f["masks/0002.png"]}, "masks/0001.png .* was changed"),
    (
        "a mask of another size",
        lambda f: {**f, "masks/0001.png": mask_to_png(np.ones((3, 3), np.bool_))},
        "masks/0001.png in the archive is 3x3 pixels",
    ),
    (
        "a forged patch",
        lambda f: changed({**f, "patches/0001.patch": b"hello"}, node1={"patch": digest(b"hello")}),
        "0001.patch: these bytes are no patch",
    ),
]


async def test_an_edit_whose_plan_is_of_an_earlier_version_keeps_its_words(archive, guard):
    plan = {"operation": "OPERATION_RECOLOUR", "scope": "SCOPE_REGION", "confidence": 0.5}
    old = {"edit": {"instruction": "make the sofa green", "plan": {"plan": plan}}}

    found = await read(zipped(changed(files(archive), node1=old)), guard)

    edit = pb.NodeEdit.FromString(found.nodes[1].edit)
    assert (edit.instruction, edit.plan.plan.confidence) == ("make the sofa green", 0.5)


@pytest.mark.parametrize(("what", "change", "said"), REFUSED, ids=[case[0] for case in REFUSED])
async def test_what_is_foreign_or_damaged_is_refused_with_one_sentence(archive, guard, what, change, said):
    with pytest.raises(ArchiveError, match=said) as caught:
        await read(zipped(change(files(archive))), guard)

    assert caught.value.hint
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("data", [b"", b"PK\x05\x06", b"hello" * 99, encode(noise(3, 3))])
async def test_what_is_no_archive_is_refused(guard, data):
    with pytest.raises(ArchiveError, match="no ZIP archive"):
        await read(data, guard)


async def test_an_archive_that_another_program_packed_again_is_read(archive, guard):
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as packed:
        packed.mkdir("patches")
        for name, data in sorted(files(archive).items()):
            packed.writestr(name, data)

    assert len((await read(target.getvalue(), guard)).nodes) == 6


async def test_archives_that_unpack_to_much_are_refused_before_they_do(archive, guard):
    content = files(archive)
    bomb = zipped({**content, "pictures/0001.png": bytes(2**24)}, zipfile.ZIP_DEFLATED)
    assert len(bomb) < 2**20

    with pytest.raises(ArchiveError, match="would unpack to 16,777,216 bytes, and 1,048,576"):
        await read(bomb, guard, ArchiveLimits(file_bytes=2**20))
    with pytest.raises(ArchiveError, match=r"would unpack to .* export it without pictures"):
        await read(bomb, guard, ArchiveLimits(total_bytes=2**20))
    with pytest.raises(ArchiveError, match=r"would unpack to .* and 1,000 are taken"):
        await read(archive, guard, ArchiveLimits(document_bytes=1000))
    with pytest.raises(ArchiveError, match="has 40 files; a design has at most 2 nodes"):
        await read(zipped({str(number): b"" for number in range(40)}), guard, ArchiveLimits(nodes=2))
    with pytest.raises(ArchiveError, match="has 6 nodes, and 5 are taken"):
        await read(archive, guard, ArchiveLimits(nodes=5))
    with pytest.raises(ArchiveError, match="is 3 edits deep, and 2 are taken"):
        await read(archive, guard, ArchiveLimits(depth=2))
    with pytest.raises(ArchiveError, match="more than 10,000 pixels together"):
        await read(archive, guard, ArchiveLimits(pixels=10_000))


async def test_a_file_that_is_longer_than_it_says_is_refused(archive, guard):
    content = {**files(archive), "design.json": b" " * 5000}
    packed = bytearray(zipped(content, zipfile.ZIP_DEFLATED))
    entry = packed.rfind(b"PK\x01\x02", 0, packed.rfind(b"design.json"))
    packed[entry + 24 : entry + 28] = (4000).to_bytes(4, "little")

    with pytest.raises(ArchiveError, match=r"design\.json in the archive is damaged"):
        await read(bytes(packed), guard)


async def test_encrypted_and_unusually_packed_archives_are_refused(archive, guard):
    for method in (zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA):
        with pytest.raises(ArchiveError, match="unusual way"):
            await read(zipped(files(archive), method), guard)
    locked = bytearray(archive)
    locked[locked.rfind(b"PK\x01\x02") + 8] |= 1
    with pytest.raises(ArchiveError, match="encrypted"):
        await read(bytes(locked), guard)


async def test_two_files_of_one_name_are_refused(archive, guard):
    target = io.BytesIO(archive)
    with zipfile.ZipFile(target, "a") as packed, pytest.warns(UserWarning, match="Duplicate"):
        packed.writestr("design.json", b"{}")

    with pytest.raises(ArchiveError, match="two files of one name"):
        await read(target.getvalue(), guard)


async def test_a_tree_is_checked_whatever_memory_it_may_take(tree, guard):
    node = await tree.root(noise(*SIZE))
    spine = [node]
    for seed in range(12):
        spine.append(await tree.edit(spine[-1], box(SIZE, seed, seed, 9, 9), seed=seed))
        await tree.edit(spine[-2], box(SIZE, seed, 2 * seed, 9, 9), seed=seed + 50)
    data = await exported(tree, Pictures.NONE)

    for most in (0, 10_000, 100_000):
        assert len((await read(data, guard, ArchiveLimits(memory_bytes=most))).nodes) == 25


@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data())
def test_any_damage_is_refused_or_harmless(flawed, data):
    whole, expected, loop, guard = flawed
    broken = bytearray(whole)
    for _ in range(data.draw(st.integers(1, 3))):
        broken[data.draw(st.integers(0, len(broken) - 1))] = data.draw(st.integers(0, 255))
    cut = data.draw(st.sampled_from([len(broken), len(broken), data.draw(st.integers(0, len(broken)))]))

    try:
        content = loop.run_until_complete(read(bytes(broken[:cut]), guard))
    except ArchiveError:
        return
    assert [node.document.pixels for node in content.nodes] == expected


@pytest.fixture(scope="module")
def flawed(tmp_path_factory):
    """A small archive, and a decoder that outlives one example."""

    async def made(guard):
        blobs = BlobStore.open(str(tmp_path_factory.mktemp("blobs")))
        tree = Tree(Composer(blobs, guard, ComposingLimits(cache_bytes=0)), blobs)
        root = await tree.root(noise(6, 9))
        await tree.edit(root, box((6, 9), 1, 1, 2, 2), instruction="red")
        data = await exported(tree, Pictures.NONE)
        return data, [node.result.pixels for node in tree.nodes]

    with asyncio.Runner() as runner:
        guard = runner.run(ImageGuard(workers=1).__aenter__())
        yield *runner.run(made(guard)), runner.get_loop(), guard
        runner.run(guard.__aexit__(None, None, None))
