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
    starts = [index for index in range(len(words)) if _may_start(words, index, lexicon)]
    for first in starts:
        for last in range(first + 1, min(first + MAX_WORDS, len(words)) + 1):
            if words[last - 1].key in PUNCTUATION:
                break
            if not _is_function_word(words, last - 1, lexicon):
                yield first, last


def _may_start(words: Sequence[Word], index: int, lexicon: Lexicon) -> bool:
    if lexicon.words["determiners"].length_at(words, index):
        return True
    before = index > 0 and lexicon.words["determiners"].length_at(words, index - 1)
    return not before and words[index].key not in PUNCTUATION and not _is_function_word(words, index, lexicon)


def _is_function_word(words: Sequence[Word], index: int, lexicon: Lexicon) -> bool:
    key = words[index].key
    kinds = ("determiners", "indefinite", "pronouns", "conjunctions", "of", "possessive", "between")
    return any(key in lexicon.words[kind] for kind in kinds) or any(
        key in kind for name, kind in lexicon.prepositions.items() if name != "directions"
    )
