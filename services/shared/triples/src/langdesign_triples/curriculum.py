"""In which order subjects are written for: rounds of single objects first and rooms after."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from .context import Context


def subjects_in_turn(context: Context, subjects: Sequence[str] = ()) -> Iterator[str]:
    """Yield the subject of each triple, without end.

    A round has some triples of objects and then some of rooms, however many are asked for, so that the first
    ones of a long run are those of a short one.

    Args:
        context: whose curriculum it is.
        subjects: only these; empty means all.

    Raises:
        InvalidContext: the context lacks one of them.

    """
    context.check_subjects(tuple(subjects))
    wanted = set(subjects) or {*context.objects, *context.rooms}
    objects = [name for name in context.objects if name in wanted]
    rooms = [name for name in context.rooms if name in wanted]
    curriculum = context.curriculum
    first = max(1, curriculum.objects_first) if objects and not rooms else curriculum.objects_first
    after = max(1, curriculum.rooms_after) if rooms and not objects else curriculum.rooms_after
    round_ = 0
    while True:
        for names, many in ((objects, first), (rooms, after)):
            yield from (names[(round_ * many + nth) % len(names)] for nth in range(many if names else 0))
        round_ += 1
