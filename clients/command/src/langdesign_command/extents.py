"""How much of a picture edits act on and change, in plain English."""

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from langdesign_client.edits import ChangeReport
    from langdesign_client.where import EditRegion

TINY = 0.01
"""Share of the picture below which a region that was found is worth a look, 0..1."""


def tiny_lines(regions: "Sequence[EditRegion]") -> Iterator[str]:
    """Yield which edits act on so little that was found by words that it may be another thing.

    Of a region that the caller drew the caller knows.
    """
    for one in regions:
        if one.no_target_probability is not None and 0 < one.coverage < TINY and not one.no_op_reason:
            which = f"{one.edit + 1}. " if len(regions) > 1 else ""
            yield (
                f"{which}only {max(one.coverage, 0.001):.1%} of the picture: is it the right place? "
                "If not, name it in another way or mark it"
            )


def changes(report: "ChangeReport") -> str:
    """Return what changed, and of how much: "changed inside 99.5% of 2.1% of the picture, outside 0.00%"."""
    inside, outside = report.inside, report.outside
    of = ""
    if inside.pixels and outside.pixels:
        share = inside.pixels / (inside.pixels + outside.pixels)
        of = f" of {max(share, 0.001):.1%} of the picture"
    return f"changed inside {inside.changed_share:.1%}{of}, outside {outside.changed_share:.2%}"
