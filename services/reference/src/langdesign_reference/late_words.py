"""What comes late in telegraphic style, after a comma: a place, a value."""

from langdesign_reference.arguments import take_apart
from langdesign_reference.clause import Clause
from langdesign_reference.cutting import Joint
from langdesign_reference.lexicon import Lexicon
from langdesign_reference.meanings import all_attributes
from langdesign_reference.phrases import is_indefinite, starts_with_preposition, trim
from langdesign_reference.words import Words


def names_spot(clause: Clause, lexicon: Lexicon) -> bool:
    """Whether a clause is a place without a preposition: "add a plant, corner by the door"."""
    body = trim(clause.body, lexicon)
    spot = lexicon.heads.spots.length_at(body, 0)
    told = body[spot:]
    plain = not told or starts_with_preposition(told, lexicon) > 0
    return clause.joint is Joint.COMMA and spot > 0 and plain


def described(words: Words, value: Words, lexicon: Lexicon) -> Words:
    """Return a thing with a value that comes last where it belongs; nothing where it has no place in it.

    "2 stools at the bar, black leather" are black leather stools at the bar, "velvet for the bed, deep red"
    is deep red velvet for the bed.
    """
    links = (i for i in range(1, len(words)) if lexicon.prepositions.value_for.length_at(words, i))
    if any(all_attributes(words[:index], lexicon) for index in links):
        return [*value, *words]
    placed = take_apart("add", words, lexicon)
    new = is_indefinite(words, lexicon) and bool(placed.link) and placed.link != placed.second
    return [*placed.theme, *value, *placed.link, *placed.second] if new else ()
