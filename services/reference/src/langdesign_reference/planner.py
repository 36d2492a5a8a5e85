"""Plans edits: both readers on one instruction, the likelier reading, kept by content."""

import logging
import unicodedata
from collections.abc import Mapping, MutableMapping
from dataclasses import dataclass

from langdesign_reference.completing import completed
from langdesign_reference.errors import LanguageModelError, LanguageModelNonsense, NothingToRead, TooManyEdits
from langdesign_reference.language_model import LanguageModel
from langdesign_reference.languages import UNDETERMINED, detect
from langdesign_reference.lexicon import Lexicon
from langdesign_reference.plan import Plan, Reading
from langdesign_reference.reading import read
from langdesign_reference.reconcile import confirm, is_about, needs_model, reconcile
from langdesign_reference.spans import placed
from langdesign_reference.words import split_words

_log = logging.getLogger(__name__)
Key = tuple[str, str, str]
ENGLISH = "en"
"""What networks read, whatever language an instruction is in."""
_UNRULED = 1.4
"""Of the floor. Of 331 edits between it and that much more which no rule fitted, as strangers' sentences were
read, 149 were wrong, 80 of them of sentences that ask for nothing."""


@dataclass(frozen=True)
class Trust:
    """How far the readers are trusted.

    Attributes:
        floor: Confidence below which a reading is not acted on: nobody read the instruction then. Where no
            rule fits it, edits need `_UNRULED` times as much.
        sure: Confidence from which the parser needs no confirmation.
        confirmation: Seconds that the model has where it can only confirm the parser.

    """

    floor: float
    sure: float
    confirmation: float


class Planner:
    """Reads instructions.

    Args:
        lexicons: The lexicon of each language; English among them.
        model: The language model; None for the parser alone.
        cache: Keeps plans by instruction, caption and language.
        trust: How far the readers are trusted.

    """

    def __init__(
        self,
        lexicons: Mapping[str, Lexicon],
        model: LanguageModel | None,
        cache: MutableMapping[Key, Plan],
        trust: Trust,
    ) -> None:
        self._lexicons = lexicons
        self._model = model
        self._cache = cache
        self._trust = trust

    @property
    def language_model_refusal(self) -> str:
        """Why the language model refuses for good, "401 Unauthorized"; empty where it does not."""
        return self._model.refusal if self._model else ""

    async def plan(self, instruction: str, caption: str = "", language: str = "") -> Plan:
        """Plan the edits that an instruction asks for.

        Args:
            instruction: What is to be done.
            caption: What the picture shows; may be empty.
            language: BCP 47 tag; empty to detect it.

        Raises:
            NothingToRead: the instruction holds no words.
            TooManyEdits: it asks for more edits than a plan holds.

        """
        composed = unicodedata.normalize("NFC", instruction)
        plan = await self._plan(composed, caption, language)
        return plan if composed == instruction else placed(plan, composed, instruction)

    async def _plan(self, instruction: str, caption: str, language: str) -> Plan:
        words = [word for word in split_words(instruction) if word.key.isalnum() or len(word.key) > 1]
        if not words:
            raise NothingToRead("the instruction holds no words")
        tag = language.split("-", maxsplit=1)[0].lower() or detect(words, self._lexicons)
        key = (instruction, caption, tag)
        if key in self._cache:
            return self._cache[key]
        parsed = self._parsed(instruction, tag)
        tag = tag or UNDETERMINED
        try:
            plan = await self._answers(instruction, caption, parsed, tag)
        except LanguageModelError as error:  # a plan without the model is kept only where there is none
            _log.info("the parser reads alone", extra={"reason": type(error).__name__, "detail": str(error)})
            return reconcile(None, parsed, tag)
        self._cache[key] = plan
        return plan

    def _parsed(self, instruction: str, tag: str) -> Reading | None:
        """Return what is read without a model; None where that is nothing, or likelier wrong than allowed."""
        lexicon = self._lexicons.get(tag)
        parsed = read(instruction, lexicon) if lexicon else None
        if parsed is not None and parsed.left_out:
            count = len(parsed.edits)
            raise TooManyEdits(f"{count + parsed.left_out} edits are asked for, and a plan holds {count}")
        if parsed is None:
            return None
        unruled = bool(parsed.edits) and not parsed.ruled
        floor = min(1.0, self._trust.floor * (_UNRULED if unruled else 1.0))
        return parsed if parsed.confidence >= floor else None

    async def _answers(self, instruction: str, caption: str, parsed: Reading | None, tag: str) -> Plan:
        """Plan with the model where it may know better; to confirm, it is asked for one name only."""
        model = self._model
        if model is None:
            return reconcile(None, parsed, tag)
        led = parsed is None or parsed.confidence <= model.confidence or needs_model(parsed)
        if led and model.confidence >= self._trust.floor:
            return reconcile(await self.model_alone(model, instruction, caption), parsed, tag)
        if parsed is None or not parsed.edits or parsed.confidence >= self._trust.sure:
            return reconcile(None, parsed, tag)
        lexicon = self._lexicons[tag]
        name = await model.name(instruction, lexicon, within=self._trust.confirmation)
        agreed = is_about(name, parsed, lexicon)
        return confirm(parsed, agreed=agreed, share=model.naming_confidence, language=tag)

    async def model_alone(self, model: LanguageModel, instruction: str, caption: str) -> Reading:
        """Return what a language model reads, with what follows from its English.

        Raises:
            LanguageModelError: there is no usable answer; the subclass says why.

        """
        reading = await model.read(instruction, caption)
        for edit in reading.edits:
            if detect(split_words(edit.instruction), self._lexicons) not in {ENGLISH, UNDETERMINED}:
                raise LanguageModelNonsense("the answer's English is none")
        return completed(reading, self._lexicons[ENGLISH])
