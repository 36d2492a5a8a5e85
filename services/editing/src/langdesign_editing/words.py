"""Which words of an edit an editor has to know, and which of those that it does not know matter."""

import re
from collections.abc import Collection, Iterable
from dataclasses import replace

from langdesign_editing.plans import PlannedEdit, Reference

_WORD = re.compile(r"[^\W_]+(?:['\u2019][^\W_]+)*")
_LIST = """
a an the this that these those some any all both each every one it its itself they them their there here
i me my we us our you your he she his her who which what
and or but nor so as if then than not no only just also too very more most less much little bit slightly
quite rather please instead again now like
of to in into on onto at by for from with without within over under above below beneath beside besides
between behind near next before after around across against along through up down off out front top left
right side
is are was were be been being am do does did done have has had can could will would shall should may might
must let get
colour color colours colors shade tone tint hue style look material finish pattern
"""
_FUNCTION_WORDS = frozenset(_LIST.split())
"""English words that say nothing of what an edit is to show: an editor need not know them."""
_SHOWING_NOTHING_NEW = frozenset({"", "remove", "move"})
"""Operations whose words are those of things that are there already; "" where nobody read the instruction, so
that its words cannot be told apart."""


def missing_words(edit: PlannedEdit, unknown: Collection[str]) -> tuple[str, ...]:
    """Return the words that an editor would have to know for an edit and do not, in order.

    A heuristic over the English instruction. What the edit names is found by the segmentation, which has a
    vocabulary of its own, so the words of its references do not matter, nor does the verb, which comes first:
    what is left is the new thing or value. That is not understood where its last word is unknown, which in
    English is the head of the phrase: "sage green" without "sage" still is a green, "a red pouf" without
    "pouf" is nothing. A wish is done gently, by how it sounds, whether its words are known or not.

    Nor is an edit understood of which no word is known but function words. Of one that was not read, as the
    caller gave the region, half of them must be known: a word of another language may be English by chance.

    Args:
        edit: What is to be done.
        unknown: What the editor does not know of the instruction, in any case.

    """
    if edit.gentle:
        return ()
    strange = words_in(unknown)
    content = [word for word in words_of(edit.instruction) if word.lower() not in _FUNCTION_WORDS]
    known = sum(word.lower() not in strange for word in content)
    if known == 0 or (not edit.operation and 2 * known < len(content)):
        return tuple(dict.fromkeys(word for word in content if word.lower() in strange))
    new = _new_words(edit)
    if not new or new[-1].lower() not in strange:
        return ()
    return tuple(dict.fromkeys(word for word in new if word.lower() in strange))


def plainly(edit: PlannedEdit, unknown: Collection[str]) -> str:
    """Return an edit's instruction with "it" for what it acts on, where the editor does not know its name.

    The region says what is meant, and the pieces of an unknown word ("everything", to a small vocabulary) say
    something else. An instruction that was not read is left as it is.

    Args:
        edit: What is to be done.
        unknown: What the editor does not know of the instruction, in any case.

    """
    if not edit.operation:
        return edit.instruction
    strange = words_in(unknown)
    names = [reference.expression for reference in edit.references] + ["everything"]
    told = edit.instruction
    for name in names:
        if any(word.lower() in strange for word in words_of(name)):
            told = re.sub(rf"\b{re.escape(name)}\b", "it", told, flags=re.IGNORECASE)
    return told


def other_instructions(edit: PlannedEdit) -> tuple[str, ...]:
    """Return how an edit's instruction may be told by the other meanings of what it names, each once."""
    others = (
        renamed(edit, reference, meaning).instruction
        for reference in edit.references
        for meaning in reference.alternatives
    )
    return tuple(dict.fromkeys(told for told in others if told != edit.instruction))


def renamed(edit: PlannedEdit, reference: Reference, meaning: str) -> PlannedEdit:
    """Return an edit of which one thing is known to be what is meant by one of its meanings.

    The editor is told the name by which the thing was found, so that it and the region agree; "it" where it
    does not know that name.

    Args:
        edit: What is to be done.
        reference: One of its references.
        meaning: One of the meanings of that.

    """
    known = not any(word.lower() in edit.strange_words for word in words_of(meaning))
    called = meaning if known or meaning == reference.expression else "it"
    name = rf"\b{re.escape(reference.expression)}\b"
    told = re.sub(name, lambda _: called, edit.instruction, flags=re.IGNORECASE)
    meant = replace(reference, expression=meaning, alternatives=())
    references = tuple(meant if one is reference else one for one in edit.references)
    return replace(edit, references=references, instruction=told)


def content_words(text: str) -> frozenset[str]:
    """Return the words of an English text that say what it is about, in lower case."""
    return frozenset(word.lower() for word in words_of(text)) - _FUNCTION_WORDS


def words_of(text: str) -> list[str]:
    """Return the words of a text, as they are written."""
    return _WORD.findall(text)


def words_in(texts: Iterable[str]) -> frozenset[str]:
    """Return the words of texts, in lower case."""
    return frozenset(word.lower() for text in texts for word in words_of(text))


def _new_words(edit: PlannedEdit) -> list[str]:
    if edit.operation in _SHOWING_NOTHING_NEW:
        return []
    named = content_words(" ".join(reference.expression for reference in edit.references))
    return [word for word in words_of(edit.instruction)[1:] if word.lower() not in named | _FUNCTION_WORDS]
