"""The queue is bounded, and fair between tenants."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from langdesign_engine import EngineOptions, QueueFull
from langdesign_engine.fair_queue import FairQueue

WAIT = 10.0


def test_an_edit_beyond_the_bound_is_refused_at_once(editor, start, submit, gate):
    editor.before = held = gate("denoise")
    engine = start(slots=1, queue_limit=2)
    submit(engine, "running")
    assert held.reached.wait(WAIT)
    waiting = [submit(engine, "waits") for _ in range(2)]
    with pytest.raises(QueueFull, match="try again later"):
        submit(engine, "too many")
    assert engine.metrics().count("rejected") == 1
    waiting[0].cancel()
    assert submit(engine, "takes the freed place")
    held.opened.set()


def test_a_tenant_may_be_kept_from_filling_the_whole_queue():
    queue = FairQueue(limit=8, tenant_limit=2)
    queue.push("a1", "a", 1)
    queue.push("a2", "a", 1)
    with pytest.raises(QueueFull, match="of this tenant"):
        queue.push("a3", "a", 1)
    queue.push("b1", "b", 1)


def test_a_tenant_that_floods_the_queue_does_not_starve_another(editor, start, submit, gate):
    editor.before = held = gate("denoise")
    engine = start(slots=1)
    flood = [submit(engine, f"flood {i}", tenant="loud", steps=1) for i in range(6)]
    assert held.reached.wait(WAIT)
    quiet = submit(engine, "quiet", tenant="quiet", steps=1)
    held.opened.set()
    for ticket in [*flood, quiet]:
        ticket.result(WAIT)
    order = [name for batch in editor.batches for name in batch]
    assert order.index("quiet") <= 2


def test_tenants_share_by_cost_not_by_number_of_edits():
    queue = FairQueue(limit=100)
    for index in range(30):
        queue.push(("long", index), "long", 40)
        queue.push(("short", index), "short", 10)
    first = [queue.pop()[0] for _ in range(25)]
    assert first.count("short") == 20
    assert first.count("long") == 5


def test_idling_earns_no_claim():
    queue = FairQueue(limit=100)
    for index in range(20):
        queue.push(index, "busy", 1)
    for _ in range(10):
        queue.pop()
    for index in range(10):
        queue.push(100 + index, "late", 1)
    served = [queue.pop() for _ in range(10)]
    assert sum(item >= 100 for item in served) == 5


@given(st.lists(st.tuples(st.sampled_from("abc"), st.floats(1, 200)), max_size=40))
def test_every_item_comes_out_once_and_in_its_tenants_order(entries):
    queue = FairQueue(limit=100)
    for index, (tenant, cost) in enumerate(entries):
        queue.push((tenant, index), tenant, cost)
    dropped = queue.remove(lambda item: item[1] % 5 == 4)
    out = []
    while (item := queue.pop()) is not None:
        out.append(item)
    assert sorted([*out, *dropped], key=lambda item: item[1]) == [(t, i) for i, (t, _) in enumerate(entries)]
    for tenant in "abc":
        own = [index for name, index in out if name == tenant]
        assert own == sorted(own)
    assert not queue._served or max(queue._served.values()) > queue._now


@pytest.mark.parametrize(
    "fields",
    [
        {"slots": 0},
        {"batch_size": 0},
        {"queue_limit": 0},
        {"tenant_queue_limit": 0},
        {"row_buckets": (6, 3)},
        {"precision": "half"},
    ],
)
def test_options_out_of_range_are_refused(fields):
    with pytest.raises(ValueError, match=next(iter(fields))):
        EngineOptions(**fields)
