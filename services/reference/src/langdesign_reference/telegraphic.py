"""Reads what has no verb: "sofa blue", "no carpet", "a plant by the window", "cosier"."""

from dataclasses import replace

from langdesign_reference.arguments import source_of, take_apart
from langdesign_reference.frames import Draft, Named, Part
from langdesign_reference.interpretation import interpret
from langdesign_reference.lexicon import Lexicon
from langdesign_reference.meanings import all_attributes, meaning
from langdesign_reference.phrases import (
    Kind,
    find,
    is_definite,
    is_indefinite,
    is_pronoun,
    names_noun,
    phrase,
    trim,
    without_directions,
)
from langdesign_reference.plan import Operation, Role
from langdesign_reference.values import content_start, split_value
from langdesign_reference.words import Words


def read_bare(words: Words, lexicon: Lexicon, *, wanted: bool, instead: bool = False) -> Draft | None:
    """Return what a clause without a verb asks for; None where it only names something."""
    new = not is_definite(words, lexicon) or not lexicon.definite_by_article
    if instead and new and not lexicon.words.no.length_at(words, 0):
        return _addition(words, lexicon)
    found = (
        _denial(words, lexicon)
        or _out_or_in(words, lexicon)
        or _wish(words, lexicon)
        or _value_for(words, lexicon)
        or _new_thing(words, lexicon, wanted=wanted)
        or _thing_with_value(words, lexicon, wanted=wanted)
        or _value_before_thing(words, lexicon, wanted=wanted)
    )
    return found or (_addition(words, lexicon) if wanted and not is_definite(words, lexicon) else None)


_FEW = 5
"""Words of the longest phrase after which "in" is a verb: "parquet in", not "a room I can relax in"."""


def _denial(words: Words, lexicon: Lexicon) -> Draft | None:
    start, length = lexicon.words.no.find(words) or (0, 0)
    rest = trim(words[start + length :], lexicon)
    within = is_definite(words, lexicon) and lexicon.verbs.remove.length_at(words, start)
    if not length or not rest or (start and not within):  # "the room without the tv"
        return None
    draft = interpret(
        "deny",
        words[start : start + length],
        [take_apart("deny", rest, lexicon).theme],
        Part(rest),
        lexicon,
    )
    return replace(draft, denied=True)


def _out_or_in(words: Words, lexicon: Lexicon) -> Draft | None:
    end = len(words)
    off = source_of(words, lexicon)
    if off and sum(off) < len(words):  # "books off table"
        place = trim(words[sum(off) :], lexicon)
        belongs = lexicon.words.of.length_at(words, off[0]) and not lexicon.heads.surfaces.length_before(
            place, len(place)
        )  # "Farbe von der Tür", but "Bilder von der Wand"
        made = lexicon.prepositions.result.length_at(words, off[0]) or belongs
        taken = words[: off[0]]
        every = lexicon.keeping.everything.length_at(taken, 0) == len(taken)
        if not made and (every or names_noun(taken, lexicon)):
            part = Part(words[: off[0]], aside=words[sum(off) :])
            return interpret("remove", (), [part.theme], part, lexicon)
    out = lexicon.telegraph.out.length_before(words, end)
    heads = (lexicon.heads.light, lexicon.heads.adjustable)
    shines = any(head.length_before(words, end - out) for head in heads)
    if lexicon.attribute_before(words, end) > out:  # "lamp turned off"
        out = 0
    if 0 < out < end and not (shines and lexicon.attributes.states.length_at(words, end - out)):
        part = Part(words[: end - out])
        return replace(interpret("remove", (), [part.theme], part, lexicon), denied=True)
    into = lexicon.telegraph.into.length_before(words, end)
    into = 0 if lexicon.attribute_before(words, end) > into else into  # "more lived in"
    if 0 < into < end <= _FEW:
        return replace(_addition(words[: end - into], lexicon), instead=True)
    return None


def _wish(words: Words, lexicon: Lexicon) -> Draft | None:
    trimmed = trim(words, lexicon)
    noun = lexicon.noun_at(words, 0)
    if 0 < noun < len(words) and all_attributes(words[noun:], lexicon):  # "tiles herringbone"
        return None
    like = lexicon.attributes.likeness.length_at(words, 0)
    more = 0 if like else lexicon.attributes.more.length_at(words, 0)
    counted = _more_of(words, more, lexicon) if more else None
    if counted:
        return counted
    definite = is_definite(words, lexicon) and not like and lexicon.definite_by_article
    if definite or not (like or more or _says_how(words, trimmed, lexicon)):
        return None
    operation, known = meaning(words, lexicon, linked=bool(like), whole=True)
    light = lexicon.heads.light.length_before(trimmed, len(trimmed))
    if light and phrase(trimmed, lexicon).kind is Kind.WHOLE:
        operation, known = Operation.OTHER, True
    if operation not in {Operation.OTHER, Operation.RESTYLE, Operation.RECOLOUR}:
        return None
    return Draft(operation, (), value=tuple(trimmed or words), guessed=not known, wish=True)


def _more_of(words: Words, more: int, lexicon: Lexicon) -> Draft | None:
    """Read "more daylight", a wish, "more plants", an addition, and "fewer cushions"."""
    head = trim(words[more:], lexicon)
    shines = lexicon.heads.light.length_at(head, 0) and not lexicon.noun_at(head, 0)
    if lexicon.heads.condition.length_at(head, 0) or shines:
        return Draft(Operation.OTHER, (), value=tuple(trim(words, lexicon)), wish=True)
    if not lexicon.noun_before(head, len(head)) or _describes(head, lexicon):
        return None
    if lexicon.attributes.less.length_at(words, 0):
        return interpret("remove", (), [head], Part(head), lexicon)
    return _addition(words, lexicon)


def _says_how(words: Words, trimmed: Words, lexicon: Lexicon) -> bool:
    """Whether a phrase only says how something should be: "calm and simple", "softer light"."""
    if words[0].key == "something" and not find(words, lexicon.prepositions.anchor, lexicon, 1):
        return not names_noun(words, lexicon)  # "something fresher for spring"
    rest = trimmed[lexicon.words.indefinite.length_at(trimmed, 0) :] if len(trimmed) > 1 else trimmed
    last = len(rest) - 1
    if rest is not trimmed and lexicon.noun_at(rest, last) and lexicon.attribute_length(rest, last):
        return False  # "a new carpet"
    if all_attributes(words, lexicon) or (rest is not trimmed and all_attributes(rest, lexicon)):
        return True
    end = len(trimmed)
    light = phrase(trimmed, lexicon).kind is Kind.WHOLE and lexicon.heads.light.length_before(trimmed, end)
    described = lexicon.heads.style.length_before(trimmed, end) and not names_noun(trimmed, lexicon)
    return bool(light or described or _describes_whole(trimmed, lexicon))


def _describes_whole(words: Words, lexicon: Lexicon) -> bool:
    """Whether a phrase says of the whole picture how it should be: "a room that feels like a forest"."""
    start = lexicon.words.indefinite.length_at(words, 0)
    room = (
        0 if lexicon.heads.ambiguous.length_at(words, start) else lexicon.heads.whole.length_at(words, start)
    )
    if start and room and not lexicon.noun_at(words, start + room):
        return True
    end = len(words)
    placed = find(words, lexicon.prepositions.anchor, lexicon, 1)  # "a lamp in the corner of the room"
    if placed or lexicon.words.pronouns.length_before(words, end):  # "a round mirror above it"
        return False
    ends = lexicon.heads.whole.length_before(words, end) and not lexicon.heads.ambiguous.length_before(
        words, end
    )
    if start and ends and not lexicon.noun_before(words, end):  # "a proper country kitchen"
        return True
    described = any(lexicon.attribute_length(words, index) for index in range(len(words)))
    return described and not is_definite(words, lexicon) and phrase(words, lexicon).kind is Kind.WHOLE


def _describes(words: Words, lexicon: Lexicon) -> bool:
    """Whether the last word says how something is, and no noun of a thing follows it."""
    end = len(words)
    style = lexicon.heads.style.length_before(words, end) or lexicon.heads.light.length_before(words, end)
    return bool(lexicon.attribute_before(words, end) or style)


def _value_for(words: Words, lexicon: Lexicon) -> Draft | None:
    """Read "sage green for the cupboards", "new upholstery in linen for the chairs"."""
    for index in range(1, len(words) - 1):
        length = lexicon.prepositions.value_for.length_at(words, index)
        theme = words[index + length :]
        value = all_attributes(words[:index], lexicon) or _names_look(words[:index], lexicon)
        if length and value and not _goes_on_with_value(theme, lexicon):
            return interpret("change", (), [theme], Part(theme, words[:index]), lexicon)
    return None


def _goes_on_with_value(words: Words, lexicon: Lexicon) -> bool:
    """Whether a value follows, not its thing: the "grey linen" of "in grey linen for the chairs"."""
    if all_attributes(words[content_start(words, lexicon) :], lexicon):
        return True
    links = (i for i in range(1, len(words) - 1) if lexicon.prepositions.value_for.length_at(words, i))
    return any(all_attributes(words[:index], lexicon) for index in links)


def _names_look(words: Words, lexicon: Lexicon) -> bool:
    """Whether a phrase names a look or a colour: "a cottage look", "upholstery in linen", "white paint"."""
    made = find(words, lexicon.prepositions.result, lexicon, 1)
    named = words[: made[0]] if made and all_attributes(words[sum(made) :], lexicon) else words
    heads = (lexicon.heads.style, lexicon.heads.colour)
    styled = any(head.length_before(named, len(named)) for head in heads)
    return styled and not is_definite(named, lexicon) and not names_noun(_uncounted(named, lexicon), lexicon)


def _uncounted(words: Words, lexicon: Lexicon) -> Words:
    return words[lexicon.words.indefinite.length_at(words, 0) :]  # "a coat of white paint" is no coat


def _new_thing(words: Words, lexicon: Lexicon, *, wanted: bool) -> Draft | None:
    """Read "a plant by the window"; a floor or a wall is there already: "a wooden floor"."""
    if is_definite(words, lexicon) and (lexicon.definite_by_article or not wanted):
        return None
    placed = take_apart("add", words, lexicon)
    if is_indefinite(words, lexicon):
        built = _value_before_thing(placed.theme, lexicon, wanted=True)
        return built or interpret("add", (), [placed.theme], placed, lexicon)
    built = _value_before_thing(placed.theme, lexicon, wanted=True) if placed.second else None
    if built and built.operation in {Operation.RECOLOUR, Operation.RESTYLE}:  # "brick wall behind bed"
        theme = words[len(built.value) :]
        return replace(built, named=(Named(phrase(theme, lexicon), Role.TARGET),))
    if placed.second and not split_value(words, lexicon).value and not is_pronoun(placed.theme, lexicon):
        return interpret("add", (), [placed.theme], placed, lexicon)
    return None


def _addition(words: Words, lexicon: Lexicon) -> Draft:
    placed = take_apart("add", words, lexicon)
    return interpret("add", (), [placed.theme], placed, lexicon)


def _is_unknown(part: Part, lexicon: Lexicon) -> bool:
    """Whether nothing but a place after a noun says that the last word is a value."""
    single = len(part.second) == 1 and not part.link
    return (
        single and part.second[0].key not in lexicon.vocabulary and not all_attributes(part.second, lexicon)
    )


_TOWARDS = frozenset(("la", "spre", "mai"))
"""How a direction starts that tells nothing apart: "patul la dreapta", not "patul din dreapta"."""


def _going(words: Words, lexicon: Lexicon) -> Draft | None:
    """Read "lampa de deasupra mesei mai jos": a direction after a noun that a place tells apart."""
    theme = without_directions(words, lexicon)
    told = find(theme, lexicon.prepositions.anchor, lexicon, 1)
    goes = words[len(theme)].key in _TOWARDS if len(theme) < len(words) else False
    if not (told or goes) or len(theme) == len(trim(words, lexicon)) or not names_noun(theme, lexicon):
        return None
    while theme and lexicon.attributes.degrees.length_before(theme, len(theme)):
        theme = theme[:-1]
    part = Part(theme, words[len(theme) :])
    return interpret("move", (), [theme], part, lexicon)


def _wanted_there(words: Words, lexicon: Lexicon) -> Draft | None:
    """Read "I'd like the lamp on the other side of the bed"."""
    goes = take_apart("move", words, lexicon)
    return interpret("move", (), [goes.theme], goes, lexicon) if goes.second and goes.link else None


def _goes_somewhere(words: Words, lexicon: Lexicon) -> Draft | None:
    """Read "sofa left", "the sofa a bit closer to the window"."""
    if not lexicon.definite_by_article and (goes := _going(words, lexicon)):
        return goes
    if not is_definite(words, lexicon):
        part = take_apart("move", words, lexicon)
        if part.second and not part.link and lexicon.noun_before(part.theme, len(part.theme)):
            return interpret("move", (), [part.theme], part, lexicon)
    nearer = find(words, lexicon.prepositions.destination, lexicon, 1)
    if not nearer or not lexicon.prepositions.nearing.length_at(words, nearer[0]):
        return None
    start = nearer[0] - lexicon.attributes.more.length_before(words, nearer[0])
    part = Part(words[:start], words[sum(nearer) :], words[nearer[0] : sum(nearer)])
    return interpret("move", (), [part.theme], part, lexicon)


def _thing_with_value(words: Words, lexicon: Lexicon, *, wanted: bool) -> Draft | None:
    if goes := _goes_somewhere(words, lexicon):
        return goes
    part = take_apart("bare", words, lexicon)
    if not part.second or not trim(part.theme, lexicon):
        return _wanted_there(words, lexicon) if wanted and is_definite(words, lexicon) else None
    if is_definite(words, lexicon) and not wanted and _is_unknown(part, lexicon):  # "the door squeaks"
        return None
    named = names_noun(part.theme, lexicon) or is_pronoun(trim(part.theme, lexicon), lexicon)
    if len(part.theme) == 1 and is_indefinite(part.second, lexicon) and not named:
        return None  # a verb in no list: "zog a plant"
    towards = lexicon.prepositions.destination.length_at(part.link, 0)
    there = lexicon.heads.spots.find(part.second) and not is_indefinite(part.second, lexicon)
    if towards and there:  # "mirror to opposite wall"
        return interpret("move", (), [part.theme], part, lexicon)
    return interpret("bare", (), [part.theme], part, lexicon)


def _value_before_thing(words: Words, lexicon: Lexicon, *, wanted: bool) -> Draft | None:
    """Read "red bed", "white walls please"; of what is wanted, only of what every room has."""
    words = trim(words, lexicon)
    start = lexicon.words.indefinite.length_at(words, 0)
    kinds = lexicon.heads.structure.length_at if wanted else lexicon.noun_at
    for index in range(start + 1, len(words)):
        length = kinds(words, index)
        if length == len(words) - index and all_attributes(words[start:index], lexicon):
            theme = words[index:]
            named = (Named(phrase(theme, lexicon), Role.TARGET),)
            if named[0].phrase.kind is Kind.WHOLE:
                return None
            return interpret("bare", (), [theme], Part(theme, words[start:index]), lexicon)
    return None
