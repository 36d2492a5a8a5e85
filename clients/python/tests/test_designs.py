"""Designs through both clients, over a real server that keeps them in memory."""

import pytest
from langdesign.design.v1 import design_pb2
from langdesign_client import (
    AsyncClient,
    Client,
    ConflictError,
    Connection,
    Expression,
    InvalidInputError,
    NotFoundError,
    ResumePolicy,
    UnavailableError,
    designs,
    nodes,
    tree,
)

QUICK = ResumePolicy(attempts=3, first=0.001, longest=0.002)


@pytest.fixture
def client(serve_designs, designing):
    """Returns a client of a servicer, by default of a new one."""
    opened = []

    def connect(servicer=None):
        address = serve_designs(servicer or designing())
        opened.append(Client(Connection(addresses={"design": address}), resume=QUICK))
        return opened[-1]

    yield connect
    for one in opened:
        one.close()


@pytest.fixture(params=["blocking", "asynchronous"])
def collect(request, serve_designs):
    """Collects what a method of either client streams, from a servicer that has one design."""

    async def run(servicer, method, *arguments, most=None, **options):
        connection = Connection(addresses={"design": serve_designs(servicer)})
        if not servicer.designs:
            with Client(connection) as client:
                client.call(designs.create(PICTURE, "Bedroom"))
        told = []
        if request.param == "blocking":
            with Client(connection, resume=QUICK) as client:
                for one in getattr(client, method)(*arguments, **options):
                    told.append(one)
                    if len(told) == most:
                        break
        else:
            async with AsyncClient(connection, resume=QUICK) as client:
                async for one in getattr(client, method)(*arguments, **options):
                    told.append(one)
                    if len(told) == most:
                        break
        return told

    return run


PICTURE = b"\x89PNG\r\n\x1a\n"


def words(told):
    """Return nodes as (number, state), events as (number, sequence)."""
    return [
        (one.name.rpartition("/")[2], one.state)
        if isinstance(one, tree.Node)
        else (one.node.rpartition("/")[2], one.event.sequence)
        for one in told
    ]


CREATED = [
    *[("1", "running"), ("2", "running")],
    *[("1", 1), ("2", 1), ("1", 2), ("2", 2)],
    *[("1", "ready"), ("2", "ready")],
]


@pytest.mark.parametrize("break_after", [[], [0], [3], [1, 7, 6], [7, 7]])
async def test_candidates_are_told_once_each_over_broken_lines(collect, designing, break_after):
    servicer = designing(break_after)
    told = await collect(
        servicer,
        "create_nodes",
        "designs/1/nodes/root",
        "Paint it red",
        candidates=2,
        region=Expression("the chair"),
    )

    assert words(told) == CREATED
    assert len(servicer.nodes) == 3
    assert len({request.idempotency_key for request in servicer.requests}) == 1
    last = told[-1]
    assert (last.instruction, last.edit.region, last.edit.seed) == (
        "Paint it red",
        Expression("the chair"),
        1,
    )
    assert last.edit.result.report.inside.changed_share == 0.5
    assert last.path_report.outside == tree.ChangeStatistics(200, 0, 0, None)


async def test_an_edit_that_fails_is_a_node_that_says_why(collect, designing):
    told = await collect(designing(failing=["Fly"]), "create_nodes", "designs/1/nodes/root", "Fly")

    assert (told[-1].state, told[-1].failure) == ("failed", "no model is ready")


async def test_a_line_that_keeps_breaking_is_given_up_and_says_that_the_edit_goes_on(collect, designing):
    with pytest.raises(UnavailableError, match="broke 4 times") as caught:
        await collect(designing([1] * 40), "create_nodes", "designs/1/nodes/root", "Paint it")
    assert "goes on in the service" in caught.value.line


async def test_a_replay_goes_on_over_a_broken_line(collect, designing):
    servicer = designing()
    await collect(servicer, "create_nodes", "designs/1/nodes/root", "Paint it", candidates=3)
    servicer.break_after = [2]
    told = await collect(servicer, "replay_node", "designs/1/nodes/3", validate_only=True)

    assert [one.node[-1] for one in told] == ["1", "2", "3"]
    assert all(one.identical and one.made is None for one in told)


async def test_a_watch_goes_on_where_the_line_broke_even_within_a_revision(collect, designing):
    servicer = designing()
    await collect(servicer, "create_nodes", "designs/1/nodes/root", "Paint it", candidates=3)
    servicer.break_after = [2, 1]
    # Broken at the first revision of two changes; its second change must not be lost.
    told = await collect(servicer, "watch_design", "designs/1", most=6)

    names = [one.item.name if one.item else "current" for one in told]
    assert names == ["designs/1", *(f"designs/1/nodes/{key}" for key in ("root", 1, 2, 3)), "current"]
    assert [one.revision for one in told] == [1, 2, 2, 3, 3, 3]


async def test_a_watch_that_is_up_to_date_goes_on_with_what_is_new_alone(collect, designing):
    class Growing(designing):
        def WatchDesign(self, request, context):
            yield from super().WatchDesign(request, context)
            self.nodes["designs/1/nodes/new"] = design_pb2.Node(name="designs/1/nodes/new")

    servicer = Growing()
    await collect(servicer, "create_nodes", "designs/1/nodes/root", "Paint it", candidates=3)
    told = await collect(servicer, "watch_design", "designs/1", most=7)

    assert told[5].item is None
    assert told[6].item.name == "designs/1/nodes/new"
    # Asked for the last revision once more, as the line may have broken within it.
    assert [told[4].revision, servicer.requests[-1].after_revision] == [3, 2]


async def test_a_design_that_is_not_there_is_told_at_once(collect, designing):
    with pytest.raises(NotFoundError, match="designs/7"):
        await collect(designing(), "watch_design", "designs/7")


def test_a_design_goes_to_the_bin_and_comes_back(client, picture):
    here = client()
    design = here.call(designs.create(picture, "Bedroom"))

    gone = here.call(designs.delete(design.name))
    assert (gone.purge_time - gone.delete_time).days == 30
    assert list(here.list(designs.list_designs())) == []
    assert [one.name for one in here.list(designs.list_designs(deleted=True))] == [design.name]
    assert here.call(designs.undelete(design.name)).delete_time is None
    assert here.call(designs.rename(design.name, "Kitchen")).title == "Kitchen"


def test_what_people_say_about_a_node_changes_field_by_field(client, picture):
    here = client()
    root = here.call(designs.create(picture)).root

    here.call(nodes.update(root, title="first", note="the light is good"))
    node = here.call(nodes.update(root, title="", favourite=True))

    assert (node.title, node.note, node.favourite, node.hidden) == ("", "the light is good", True, False)


def test_an_archive_comes_in_parts_and_goes_back(client, picture, tmp_path):
    here = client()
    name = here.call(designs.create(picture)).name

    archive = b"".join(here.stream(designs.export(name, designs.ExportPictures.ALL)))
    (tmp_path / "d.zip").write_bytes(archive)

    assert archive == b"PKdesigns/1"
    assert here.call(designs.import_archive(tmp_path / "d.zip")).name == "designs/imported"
    with pytest.raises(InvalidInputError, match="damaged"):
        here.call(designs.import_archive(b"GIF89a"))


def test_pictures_plans_comparisons_and_joins_are_read(client, picture):
    here = client()
    root = here.call(designs.create(picture)).root

    assert here.call(nodes.picture(root)).image.data == picture
    assert [one.image.suffix for one in here.call(nodes.thumbnails([root]))] == [".jpg"]
    read = here.call(nodes.plan(root, "Paint the chair red"))
    assert (read.plan.edits[0].references[0].expression, read.coverage, read.mask) == (
        "the chair",
        0.25,
        None,
    )
    found = here.call(nodes.compare(root, f"{root}2"))
    assert (found.difference.changed_share, found.changed) == (0.125, None)
    assert here.call(nodes.merge(root, f"{root}2")).merged == f"{root}2"
    with pytest.raises(ConflictError, match="same place"):
        here.call(nodes.merge(root, root))


def test_a_picture_too_large_for_an_archive_is_told_before_it_is_sent(client):
    with pytest.raises(InvalidInputError, match="limit is 160 MiB"):
        designs.import_archive(b"P" * (160 * 2**20 + 1))
