"""English prepositions of the relations in which added and moved things stand to their anchors."""

from langdesign_reference.plan import Relation

PREPOSITIONS = {
    Relation.ON: "on",
    Relation.ABOVE: "above",
    Relation.BELOW: "under",
    Relation.BESIDE: "next to",
    Relation.LEFT: "to the left of",
    Relation.RIGHT: "to the right of",
    Relation.IN_FRONT: "in front of",
    Relation.BEHIND: "behind",
    Relation.INSIDE: "in",
}
"""For a relation that is not stated, who writes the English has a word of their own."""
