"""Where a plan's spans lie in the instruction as it was written."""

import unicodedata
from bisect import bisect_right
from dataclasses import replace

from langdesign_reference.plan import Plan, PlannedEdit, Reference


def placed(plan: Plan, composed: str, written: str) -> Plan:
    """Return the plan of a composed instruction (NFC) with the spans of the one that was written.

    Letters with combining marks are several characters there ("ș" of "s" and a comma below).
    """
    ends = [len(unicodedata.normalize("NFC", written[:end])) for end in range(len(written) + 1)]

    def at(index: int) -> int:
        return bisect_right(ends, index) - 1 if index < len(composed) else len(written)

    def reference(one: Reference) -> Reference:
        start, end = at(one.start), at(one.end)
        return replace(one, start=start, end=end, expression=written[start:end]) if one.expression else one

    def edit(one: PlannedEdit) -> PlannedEdit:
        return replace(one, references=tuple(map(reference, one.references)))

    reading = plan.reading
    corrections = tuple(replace(c, start=at(c.start), end=at(c.end)) for c in reading.corrections)
    edits = tuple(map(edit, reading.edits))
    return replace(plan, reading=replace(reading, edits=edits, corrections=corrections))
