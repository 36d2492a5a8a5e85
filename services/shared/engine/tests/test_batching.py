"""Requests join and leave at step boundaries."""

import numpy as np
import pytest
from langdesign_engine import Finished, Previewed, Started

WAIT = 10.0


def test_an_edit_joins_a_running_batch_at_the_next_step_and_leaves_when_its_own_steps_are_done(
    editor, start, submit, gate
):
    editor.before = held = gate("denoise")
    engine = start(slots=4)
    long = submit(engine, "long", steps=5)
    assert held.reached.wait(WAIT)
    short = submit(engine, "short", steps=2)
    held.opened.set()
    long.result(WAIT)
    short.result(WAIT)
    assert editor.batches == [["long"], ["long", "short"], ["long", "short"], ["long"], ["long"]]


def test_an_edit_in_a_batch_equals_the_same_edit_alone(start, submit):
    engine = start(slots=8)
    alone = [submit(engine, "x", steps=3 + i, seed=i).result(WAIT).image for i in range(6)]
    together = [submit(engine, "x", steps=3 + i, seed=i) for i in range(6)]
    for solo, ticket in zip(alone, together, strict=True):
        np.testing.assert_allclose(ticket.result(WAIT).image, solo, atol=1e-6)


def test_shapes_never_mix_and_share_the_time_by_work(editor, start, submit, gate):
    editor.before = held = gate("encode")
    engine = start(slots=4)
    tickets = [
        submit(engine, "small 1"),
        submit(engine, "large", height=128),
        submit(engine, "small 2"),
        submit(engine, "small 3"),
    ]
    held.opened.set()
    for ticket in tickets:
        ticket.result(WAIT)
    small, large = ["small 1", "small 2", "small 3"], ["large"]
    assert editor.batches == [small, large, small, small, large, small, large, large]


def test_a_large_edit_holds_small_ones_up_for_one_of_its_steps_and_not_for_each_of_theirs(
    editor, start, submit, gate, figure
):
    editor.before = held = gate("encode")
    engine = start(slots=2)
    tickets = [submit(engine, "large", steps=3, height=512), submit(engine, "small", steps=6)]
    held.opened.set()
    for ticket in tickets:
        ticket.result(WAIT)
    last = max(place for place, batch in enumerate(editor.batches) if "small" in batch)
    waited = sum("large" in batch for batch in editor.batches[:last])
    figure(f"promise 20: a small edit waited for {waited} steps of a large one beside it", waited=waited)
    assert editor.batches == [["large"], *[["small"]] * 6, ["large"], ["large"]]


def test_a_large_edit_gets_its_share_however_many_small_ones_come(editor, start, submit, gate):
    editor.before = held = gate("encode")
    engine = start(slots=2)
    tickets = [submit(engine, "large", steps=2, height=128)]
    tickets += [submit(engine, f"small {number}", steps=2) for number in range(4)]
    held.opened.set()
    for ticket in tickets:
        ticket.result(WAIT)
    assert editor.batches.index(["large"], 1) <= 4


def test_of_more_edits_than_a_batch_holds_the_oldest_go_first(editor, start, submit, gate):
    editor.before = held = gate("encode")
    engine = start(slots=3, batch_size=2)
    tickets = [submit(engine, name, steps=2) for name in "abc"]
    held.opened.set()
    for ticket in tickets:
        ticket.result(WAIT)
    assert editor.batches == [["a", "b"], ["a", "b"], ["c"], ["c"]]


def test_edits_beyond_the_slots_wait_for_one_to_end(editor, start, submit, gate):
    first, second = gate("encode"), gate("denoise")
    editor.before = lambda phase, names: (first(phase, names), second(phase, names))
    engine = start(slots=2)
    tickets = [submit(engine, name, steps=2) for name in "abcd"]
    first.opened.set()
    assert second.reached.wait(WAIT)
    assert (engine.metrics().slots_used, engine.metrics().queue_length) == (2, 2)
    second.opened.set()
    for ticket in tickets:
        ticket.result(WAIT)
    assert editor.batches == [["a", "b"]] * 2 + [["c", "d"]] * 2


def test_batches_are_padded_to_the_row_buckets_and_never_outgrow_them(editor, start, submit, gate):
    editor.before = held = gate("encode")
    engine = start(slots=3, row_buckets=(4, 6))
    tickets = [submit(engine, name, steps=1) for name in "abc"]
    held.opened.set()
    for ticket in tickets:
        ticket.result(WAIT)
    assert editor.batches == [["a", "b"], ["c"]]
    assert editor.paddings == [6, 4]
    assert engine.metrics().padded_rows == 1


def test_an_edit_that_outgrows_every_row_bucket_runs_unpadded(editor, start, submit):
    engine = start(row_buckets=(2,))
    submit(engine, "a", steps=2).result(WAIT)
    assert editor.paddings == [None, None]


def test_previews_come_every_k_steps_but_not_in_place_of_the_result(start, submit):
    events = list(submit(start(), "x", steps=6, preview_every=2).events())
    assert events[0] == Started(steps=6)
    assert [(event.step, event.steps) for event in events if isinstance(event, Previewed)] == [(2, 6), (4, 6)]
    assert isinstance(events[-1], Finished)
    assert len(events) == 4


async def test_events_can_be_followed_from_asyncio(start, submit):
    ticket = submit(start(), "x", steps=4, preview_every=1)
    kinds = [type(event) async for event in ticket]
    assert kinds == [Started, Previewed, Previewed, Previewed, Finished]
    assert [type(event) async for event in ticket] == kinds, "a late reader sees the same events"


def test_a_finished_edit_tells_the_time_of_each_phase(start, submit):
    *_, last = submit(start(), "x").events()
    seconds = last.timings
    assert min(seconds.queue, seconds.encode, seconds.denoise, seconds.decode) > 0


def test_result_gives_up_waiting_but_the_edit_goes_on(editor, start, submit, gate):
    editor.before = held = gate("decode")
    ticket = submit(start(), "x")
    assert held.reached.wait(WAIT)
    with pytest.raises(TimeoutError, match="goes on"):
        ticket.result(0.01)
    held.opened.set()
    assert ticket.result(WAIT)


def test_metrics_count_steps_batches_and_outcomes(start, submit):
    engine = start(slots=2)
    submit(engine, "x", steps=7).result(WAIT)
    figures = engine.metrics()
    assert (figures.steps, figures.edit_steps, figures.count("completed")) == (7, 7, 1)
    assert (figures.slots, figures.slots_used, figures.queue_length) == (2, 0, 0)
    assert min(figures.step_seconds, figures.encode_seconds, figures.decode_seconds) > 0
    samples = {(sample.name, sample.labels): sample.value for sample in figures.samples()}
    assert samples["langdesign_engine_edit_steps_total", ()] == 7
    assert samples["langdesign_engine_edits_total", (("outcome", "completed"),)] == 1


def test_a_large_picture_counts_as_the_work_that_it_is(editor, start, submit, gate):
    editor.before = held = gate("denoise", "held")
    engine = start(slots=1)
    ended = []
    tickets = [submit(engine, "held", tenant="other")]
    assert held.reached.wait(WAIT)
    for name, side in (("large", 128), ("large too", 128)):
        tickets.append(submit(engine, name, tenant="a", height=side, width=side))
    tickets += [submit(engine, f"small {number}", tenant="b") for number in range(4)]
    editor.before = lambda at, names: ended.extend(names) if at == "decode" else None
    held.opened.set()
    for ticket in tickets:
        ticket.result(WAIT)
    assert ended == ["held", "large", "small 0", "small 1", "small 2", "small 3", "large too"]
