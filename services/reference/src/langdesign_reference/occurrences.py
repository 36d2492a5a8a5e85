"""How often English words occur, of 10^12; the counts are SymSpell's (github.com/wolfgarbe/SymSpell)."""

import codecs
import importlib.util
from array import array
from bisect import bisect_left
from functools import lru_cache
from itertools import accumulate
from pathlib import Path

_FILE = "frequency_dictionary_en_82_765.txt"


class Occurrences:
    """Counts by word, in as many bytes as their file has: a dictionary of as many words takes six times that.

    Args:
        text: Lines of a word and a number, UTF-8.

    """

    def __init__(self, text: bytes) -> None:
        lines = sorted(text.splitlines())
        self._text = b"".join(lines)
        self._starts = array("I", accumulate((len(line) for line in lines), initial=0))

    def get(self, word: str, default: int = 0) -> int:
        """Return how often a word occurs; `default` where it is not there."""
        key = word.encode() + b" "
        at = bisect_left(range(len(self._starts) - 1), key, key=self._line)
        if at == len(self._starts) - 1 or not self._line(at).startswith(key):
            return default
        return int(self._line(at)[len(key) :])

    def _line(self, at: int) -> bytes:
        return self._text[self._starts[at] : self._starts[at + 1]]


@lru_cache
def english() -> Occurrences:
    """Return the occurrences of English words."""
    package = importlib.util.find_spec("symspellpy")  # only its data is wanted: it need not be imported
    if package is None or package.origin is None:
        raise FileNotFoundError("symspellpy is not installed; install langdesign-reference anew")
    data = Path(package.origin).with_name(_FILE).read_bytes()
    return Occurrences(data.removeprefix(codecs.BOM_UTF8))
