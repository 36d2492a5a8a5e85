"""Forms of German and Romanian verbs by rule, so that a lexicon need not list "mutăm" beside "mută".

What a rule makes that is another word of the language ("planta", the plant) is left out by who asks.
"""

from collections.abc import Callable, Iterator

from langdesign_reference.words import fold

_IRREGULAR_ROMANIAN = {
    "da": ("dai", "dam", "dati", "dau", "dea"),
    "ia": ("iei", "luam", "luati", "iau", "lua"),
    "fa": ("faci", "facem", "faceti", "fac", "faca", "face"),
    "du": ("duci", "ducem", "duceti", "duc", "duca", "duce"),
    "adu": ("aduci", "aducem", "aduceti", "aduc", "aduca", "aduce"),
    "coboara": ("cobori", "coboram", "coborati", "cobor", "coboare", "cobori"),
    "apropie": ("apropii", "apropiem", "apropiati", "apropia"),
    "curata": ("cureti", "curatam", "curatati", "curat", "curete"),
    "asaza": ("asezi", "asezam", "asezati", "asez", "aseze", "aseza"),
    "spala": ("speli", "spalam", "spalati", "spal", "spele"),
    "taie": ("tai", "taiem", "taiati", "taia"),
    "acopera": ("acoperi", "acoperim", "acoperiti", "acopar", "acopere"),
    "inalta": ("inalti", "inaltam", "inaltati", "inalt", "inalte"),
}
"""Folded imperatives with the forms that no rule gives."""
_ROMANIAN = (
    ("eaza", ("ezi", "am", "ati", "ez", "eze", "a")),  # "vopsea": lăcuiește, decorează
    ("iaza", ("iezi", "iem", "iati", "iez", "ieze", "ia")),
    ("este", ("esti", "im", "iti", "esc", "easca", "i")),
    ("a", ("i", "am", "ati", "", "e")),  # mută, mut
    ("e", ("i", "em", "eti", "", "a")),  # pune, pun
)
"""Endings of the folded imperative, the longest first, with what stands for each in other persons."""
_SOFTENED = {"d": "z"}
"""Consonants before "i": "închide", "închizi"."""


def romanian(imperative: str) -> Iterator[str]:
    """Yield the folded forms of a Romanian verb in the present and in the infinitive.

    Args:
        imperative: The second person of the imperative, folded: "muta".

    """
    if imperative in _IRREGULAR_ROMANIAN:
        yield from _IRREGULAR_ROMANIAN[imperative]
        return
    for ending, others in _ROMANIAN:
        stem = imperative.removesuffix(ending)
        if stem != imperative and len(stem) > 1:
            softened = stem[:-1] + _SOFTENED.get(stem[-1], stem[-1])
            yield from ((softened if other == "i" else stem) + other for other in others)
            return


def german(infinitive: str) -> Iterator[str]:
    """Yield the folded forms of a German verb in the imperative and in the present.

    Args:
        infinitive: The infinitive, folded: "streichen".

    """
    stem = infinitive.removesuffix("en")
    if stem == infinitive or len(stem) < 3:
        return
    between = "e" if stem[-1] in "td" else ""
    yield from (stem, stem + "e", stem + between + "t", stem + between + "st")


_RULES: dict[str, Callable[[str], Iterator[str]]] = {"de": german, "ro": romanian}


def conjugated(phrase: str, language: str) -> Iterator[str]:
    """Yield the other forms of a verb, those of its first word: "dăm afară" of "dă afară".

    Args:
        phrase: The verb as the lexicon has it.
        language: Of other languages than German and Romanian nothing is yielded.

    """
    first, _, rest = phrase.partition(" ")
    if "-" in first:
        return
    rule = _RULES.get(language)
    for form in rule(fold(first)) if rule else ():
        yield f"{form} {rest}".strip()
