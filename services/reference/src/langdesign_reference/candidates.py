"""The spans of an instruction that a reference may be: what a language model is let to answer."""

from collections.abc import Iterator, Sequence

from langdesign_reference.lexicon import Lexicon
from langdesign_reference.words import PUNCTUATION, Word, split_words

MAX_CANDIDATES = 240  # OpenAI takes 250 values of an enumeration without a limit on their length
MAX_WORDS = 9


def candidate_spans(instruction: str, lexicon: Lexicon) -> list[str]:
    """Return the spans that look like definite noun phrases, each once, shorter ones first.

    At most `MAX_CANDIDATES` spans of at most `MAX_WORDS` words: a long instruction offers its short spans.
    """
    words = split_words(instruction)
    spans = sorted(_spans(words, lexicon), key=lambda span: (span[1] - span[0], span[0]))
    texts = (instruction[words[first].start : words[last - 1].end] for first, last in spans)
    return list(dict.fromkeys(texts))[:MAX_CANDIDATES]


def _spans(words: Sequence[Word], lexicon: Lexicon) -> Iterator[tuple[int, int]]:
    weak = [_is_function_word(word.key, lexicon) for word in words]
    for first in range(len(words)):
        if not _may_start(words, first, weak[first], lexicon):
            continue
        for last in range(first + 1, min(first + MAX_WORDS, len(words)) + 1):
            if words[last - 1].key in PUNCTUATION:
                break
            if not weak[last - 1]:
                yield first, last


def _may_start(words: Sequence[Word], index: int, weak: bool, lexicon: Lexicon) -> bool:
    if index == 0 and lexicon.verb_at(words, 0):
        return False  # "Remove the lamp"
    determiners = lexicon.words.determiners
    if determiners.length_at(words, index):
        return True
    # A noun is not cut from its article.
    return not weak and not (index and determiners.length_at(words, index - 1))


def _is_function_word(key: str, lexicon: Lexicon) -> bool:
    function = lexicon.words
    kinds = (
        function.determiners,
        function.indefinite,
        function.pronouns,
        function.conjunctions,
        function.of,
        function.possessive,
        function.between,
    )
    return key in PUNCTUATION or key in lexicon.joining or any(key in kind for kind in kinds)
