"""Plans edits: both readers on one instruction, the likelier reading, kept by content."""

import logging
from collections.abc import Mapping, MutableMapping
from dataclasses import replace

from langdesign_reference.errors import LanguageModelError, NothingToRead
from langdesign_reference.language_model import LanguageModel
from langdesign_reference.languages import UNDETERMINED, detect
from langdesign_reference.lexicon import LANGUAGES, Lexicon
from langdesign_reference.parser import parse
from langdesign_reference.plan import Plan, Reading
from langdesign_reference.reconcile import confirm, is_about, reconcile
from langdesign_reference.relations import with_relations
from langdesign_reference.words import split_words

_log = logging.getLogger(__name__)
Key = tuple[str, str, str]


class Planner:
    """Reads instructions.

    Args:
        lexicons: The lexicon of each language.
        model: The language model; None for the parser alone.
        cache: Keeps plans by instruction, caption and language.
        confirmation: Seconds that the model has where it can only confirm the parser.

    """

    def __init__(
        self,
        lexicons: Mapping[str, Lexicon],
        model: LanguageModel | None,
        cache: MutableMapping[Key, Plan],
        *,
        confirmation: float,
    ) -> None:
        self._lexicons = lexicons
        self._model = model
        self._cache = cache
        self._confirmation = confirmation

    async def plan(self, instruction: str, caption: str = "", language: str = "") -> Plan:
        """Plan the edit that an instruction asks for.

        Args:
            instruction: What is to be done.
            caption: What the picture shows; may be empty.
            language: BCP 47 tag; empty to detect it.

        Raises:
            NothingToRead: the instruction holds no words.

        """
        words = [word for word in split_words(instruction) if word.key.isalnum() or len(word.key) > 1]
        if not words:
            raise NothingToRead("the instruction holds no words")
        tag = language.split("-", maxsplit=1)[0].lower() or detect(words, self._lexicons)
        key = (instruction, caption, tag)
        if key in self._cache:
            return self._cache[key]
        lexicon = self._lexicons.get(tag)
        parsed = parse(instruction, lexicon) if lexicon else None
        model_lexicon = lexicon or self._lexicons[LANGUAGES[0]]
        tag = tag or UNDETERMINED
        try:
            plan, failed = await self._answers(instruction, caption, model_lexicon, parsed, tag), False
        except LanguageModelError as error:
            _log.info("the parser reads alone", extra={"reason": type(error).__name__, "detail": str(error)})
            plan, failed = reconcile(None, parsed, tag), True
        plan = replace(plan, reading=with_relations(plan.reading, instruction, model_lexicon))
        if not failed:  # a plan without the model is kept only where there is none
            self._cache[key] = plan
        return plan

    async def _answers(
        self, instruction: str, caption: str, lexicon: Lexicon, parsed: Reading | None, tag: str
    ) -> Plan:
        """Plan with the model; where the parser is surer than it can be, it is asked for one name only."""
        if self._model is None:
            return reconcile(None, parsed, tag)
        if parsed is None or parsed.confidence <= self._model.confidence:
            return reconcile(await self._model.read(instruction, caption, lexicon), parsed, tag)
        name = await self._model.name(instruction, lexicon, within=self._confirmation)
        agreed = is_about(name, parsed, lexicon)
        return confirm(parsed, agreed=agreed, share=self._model.naming_confidence, language=tag)
