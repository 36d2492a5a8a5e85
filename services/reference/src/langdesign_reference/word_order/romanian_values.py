"""What things become and are exchanged for in Romanian, by turns that the rules do not know."""

from dataclasses import replace

from langdesign_reference.lexicon import Lexicon
from langdesign_reference.meanings import all_attributes
from langdesign_reference.translation import is_new
from langdesign_reference.word_order.bounds import clause_end, place_length, said
from langdesign_reference.words import PUNCTUATION, Word


def made_up(words: list[Word], lexicon: Lexicon) -> list[Word]:
    """Read "fă patul", where nothing follows, as "ordonează patul"; "fă patul roșu" paints it."""
    for index in range(len(words) - 1):
        end = clause_end(words, index, lexicon)
        if words[index].key in {"fa", "faci"} and words[index + 1].key == "patul" and end == index + 2:
            return [*words[:index], replace(words[index], key="ordoneaza"), *words[index + 1 :]]
    return words


def lighter(words: list[Word], lexicon: Lexicon) -> list[Word]:
    """Read "mai închisă la culoare" as "mai închisă"."""
    for index in range(1, len(words) - 1):
        shade = words[index - 1].key.startswith(("inchis", "deschis"))
        if shade and [word.key for word in words[index : index + 2]] == ["la", "culoare"]:
            return [*words[:index], *words[index + 2 :]]
    return words


def tidied(words: list[Word], lexicon: Lexicon) -> list[Word]:
    """Read "fă ordine în cameră" as "fă ordine"."""
    for index in range(2, len(words) - 1):
        place = place_length(words, index, lexicon)
        order = words[index - 1].key in {"ordine", "curat", "curatenie"}
        if place and order and lexicon.heads.whole.length_at(words, index + place):
            return [*words[:index], *words[index + place + 1 :]]
    return words


def turned_into(words: list[Word], lexicon: Lexicon) -> list[Word]:
    """Read "transformă dormitorul în cameră de copii" as "... într-o cameră ..."."""
    if not words or not words[0].key.startswith(("transform", "preschimb", "convert", "pref")):
        return words
    return [
        replace(word, key="intr-un")
        if word.key == "in" and index + 1 < len(words) and is_new(words[index + 1], lexicon.language)
        else word
        for index, word in enumerate(words)
    ]


def a_little(words: list[Word], lexicon: Lexicon) -> list[Word]:
    """Leave "puțin" out of "coboară puțin lustra", "mai" out of "mai spre perete"."""
    found = list[Word]()
    for index, word in enumerate(words):
        verb = index and lexicon.verb_at(words, index - 1)
        noun = index + 1 < len(words) and lexicon.noun_at(words, index + 1)
        little = word.key in {"putin", "nitel", "oleaca"} and verb and noun
        nearer = word.key == "mai" and place_length(words, index + 1, lexicon)
        if not little and not (nearer and not place_length(words, index, lexicon)):
            found.append(word)
    return found


def left_to_be(words: list[Word], lexicon: Lexicon) -> list[Word]:
    """Read "lasă scaunele să fie albastre" as "scaunele să fie albastre"."""
    if not words or words[0].key not in {"lasa", "fa"}:
        return words
    start = 2 if len(words) > 1 and words[1].key == "ca" else 1
    end = next((i for i, word in enumerate(words) if word.key in PUNCTUATION), len(words))
    becomes = any(lexicon.predicates.change.length_at(words, i) > 1 for i in range(start + 1, end))
    return words[start:] if becomes else words


def material_last(words: list[Word], lexicon: Lexicon) -> list[Word]:
    """Read "din catifea verde" as "din verde catifea": the material tells what is asked."""
    verb = lexicon.verb_at(words, 0) if words else None
    if verb and verb[0] not in {"change", "restyle", "recolour", "want"}:
        return words
    for index in range(1, len(words) - 1):
        made = words[index - 1].key in {"din", "de", "cu", "in"}
        kinds = lexicon.attributes
        if (
            made
            and kinds.materials.length_at(words, index) == 1
            and kinds.colours.length_at(words, index + 1) == 1
        ):
            return [*words[:index], words[index + 1], words[index], *words[index + 2 :]]
    return words


def made_to(words: list[Word], lexicon: Lexicon) -> list[Word]:
    """Read "poți face ca lustra să fie mai mare" as "poți lustra să fie mai mare"."""
    for index in range(len(words) - 2):
        if words[index].key in {"face", "faci", "fa", "facem", "faceti"} and words[index + 1].key == "ca":
            return [*words[:index], *words[index + 2 :]]
    return words


def changed_for(words: list[Word], lexicon: Lexicon) -> list[Word]:
    """Read "schimbă scaunele cu unele din lemn" as "înlocuiește ..."."""
    for index in range(1, len(words) - 1):
        if words[index].key == "cu" and not _only_described(words, index + 1, lexicon):
            verb = next((i for i in range(index) if words[i].key.startswith("schimb")), None)
            if verb is not None:
                return [*words[:verb], replace(words[verb], key="inlocuieste"), *words[verb + 1 :]]
    return words


def _only_described(words: list[Word], index: int, lexicon: Lexicon) -> bool:
    """Whether a clause's rest says how something is, and names no thing or material to change it for."""
    rest = words[index : clause_end(words, index, lexicon)]
    swapped = any(
        lexicon.noun_at(rest, i) or lexicon.words.indefinite.length_at(rest, i) for i in range(len(rest))
    )
    material = any(lexicon.attributes.materials.length_at(rest, i) for i in range(len(rest)))
    return all_attributes(rest, lexicon) and not swapped and not material


def instead_of(words: list[Word], lexicon: Lexicon) -> list[Word]:
    """Read "în loc de perdele, jaluzele" with "mai bine" for its comma."""
    comma = next((i for i, word in enumerate(words) if word.key == ","), None)
    instead = lexicon.prepositions.instead.length_at(words, 0)
    if not instead or comma is None or any(lexicon.verb_at(words, i) for i in range(len(words))):
        return words
    return [*words[:comma], said(words[comma], "mai"), said(words[comma], "bine"), *words[comma + 1 :]]
