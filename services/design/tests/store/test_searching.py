"""Searching nodes by words."""

import pytest
from langdesign_chassis import errors


@pytest.fixture
async def room(caller):
    """A design whose nodes say something."""
    design, root = await caller.design()
    sofa = await caller.edit(root, instruction="Make the SOFA green, 100% wool")
    cafe = await caller.edit(root, instruction="Ein Café in der Straße", title="Ölgemälde")
    note = await caller.remark(await caller.edit(root), note="naïve ideas for sofa_bed", title="Ελλάδα")
    return design, sofa, cafe, note


QUERIES = (
    ("sofa", "note sofa"),
    ("SOFA gre", "sofa"),
    ("green make", "sofa"),
    ("green ideas", ""),
    ("ofa", ""),
    ("cafe", "cafe"),
    ("CAFÉ", "cafe"),
    ("cafe\u0301", "cafe"),
    ("strasse", "cafe"),
    ("STRASSE", "cafe"),
    ("olgemalde", "cafe"),
    ("naive", "note"),
    ("ελλαδα", "note"),
    ("sofa_b", "note"),
    ("s_fa", ""),
    ("100%", "sofa"),
    ("1%", ""),
    ("10_%", ""),
    ("%", ""),
    ("_", ""),
    ("so%", ""),
    ("  ,. ", ""),
    ("wool sofa sofa", "sofa"),
    ("gr\\", "sofa"),
    ("'; DROP TABLE nodes; --", ""),
    ("\x00", ""),
)


async def test_words_or_their_beginnings_find_nodes(caller, room):
    design, *nodes = room
    names = dict(zip((node.id for node in nodes), ("sofa", "cafe", "note"), strict=True))
    for query, expected in QUERIES:
        for where in ("", design.id):
            found = [names[node] for node in await caller.found(query, where)]
            assert " ".join(found) == expected, query


async def test_remarks_replace_what_search_finds(caller, room):
    _, sofa, *_ = room
    await caller.remark(sofa, title="lampshade")
    assert await caller.found("lamp") == [sofa.id]
    await caller.remark(sofa, title="")
    assert await caller.found("lamp") == []
    assert sofa.id in await caller.found("green")


async def test_the_bin_is_not_searched(caller, room):
    design, sofa, cafe, _ = room
    await caller.delete(sofa)
    assert await caller.found("wool") == []
    await caller.store.delete_design(caller.call("DeleteDesign"), design.id)
    assert await caller.found("cafe") == []
    await caller.store.undelete_design(caller.call("UndeleteDesign"), design.id)
    assert await caller.found("cafe") == [cafe.id]


async def test_pages_of_a_search_come_newest_first_without_gaps(caller):
    _, root = await caller.design()
    nodes = [await caller.edit(root, instruction=f"lamp {number}") for number in range(7)]
    found, token = [], ""
    while True:
        page = await caller.store.search("acme", "", "lamp", 3, token)
        found += [node.id for node in page.items]
        await caller.edit(root, instruction="lamp later")  # does not come into pages after
        if not (token := page.next_token):
            break
    assert found == [node.id for node in reversed(nodes)]
    first = await caller.store.search("acme", "", "lamp", 3, "")
    with pytest.raises(errors.InvalidArgument):
        await caller.store.search("acme", "", "other words", 3, first.next_token)
