"""The language model as a reader: what it is asked, and what of its answers is taken."""

import contextlib
import logging
from collections.abc import Callable, Iterator, Mapping

from langdesign_reference.answers import name_schema, plan_schema, read_name, read_plan
from langdesign_reference.candidates import candidate_spans
from langdesign_reference.endpoint import ChatEndpoint
from langdesign_reference.errors import LanguageModelError
from langdesign_reference.lexicon import Lexicon
from langdesign_reference.metrics import ReferenceMetrics
from langdesign_reference.plan import Reading
from langdesign_reference.prompts import Naming, Prompt

_log = logging.getLogger(__name__)
READING, NAMING = "reading", "naming"
"""Questions, with circuits apart: an endpoint that is too slow to name a thing may still read in time."""


class LanguageModel:
    """Reads instructions in any language that the model knows.

    Args:
        endpoint: Who answers.
        prompt: What precedes an instruction to be read.
        namings: What precedes one of which a thing is to be named, for each language.
        confidence: Share of its plans that are right, 0..1, from an evaluation.
        naming_confidence: Share of the names that are right, 0..1.
        timeout: Returns the seconds that a call may take now.
        metrics: Counts what came of the questions.

    """

    def __init__(
        self,
        endpoint: ChatEndpoint,
        prompt: Prompt,
        namings: Mapping[str, Naming],
        *,
        confidence: float,
        naming_confidence: float,
        timeout: Callable[[], float],
        metrics: ReferenceMetrics,
    ) -> None:
        self._endpoint = endpoint
        self._prompt = prompt
        self._namings = namings
        self.confidence = confidence
        self.naming_confidence = naming_confidence
        self._timeout = timeout
        self._metrics = metrics
        metrics.refusing.set_function(lambda: float(bool(self.refusal)))

    @property
    def refusal(self) -> str:
        """Why the endpoint refuses for good, "401 Unauthorized"; empty where it does not."""
        return self._endpoint.refusal

    async def read(self, instruction: str, caption: str) -> Reading:
        """Read an instruction; references are spans of it, or empty where the model chose a wish's things.

        Raises:
            LanguageModelError: there is no usable answer; the subclass says why.

        """
        with self._counted(READING):
            messages = self._prompt.ask(instruction, caption)
            content = await self._endpoint.ask(READING, messages, plan_schema(), self._timeout())
            return read_plan(content, instruction, self.confidence)

    async def name(self, instruction: str, lexicon: Lexicon, *, within: float | None = None) -> str | None:
        """Name the one thing that an instruction is about, a span of it; None for no thing.

        Args:
            instruction: What is to be done.
            lexicon: The words of its language.
            within: Seconds that the answer may take, > 0, where they are fewer than those of any call.

        Raises:
            LanguageModelError: there is no usable answer; the subclass says why.

        """
        naming = self._namings[lexicon.language]
        names = [*candidate_spans(instruction, lexicon), naming.nothing]
        seconds = self._timeout() if within is None else min(within, self._timeout())
        with self._counted(NAMING):
            messages = naming.prompt.ask(instruction)
            content = await self._endpoint.ask(NAMING, messages, name_schema(names), seconds)
            name = read_name(content, names)
        return None if name == naming.nothing else name

    async def warm_up(self, seconds: float, *, reading: bool) -> None:
        """Let the endpoint read the prompts once, so that it may keep them; failures are only logged.

        Args:
            seconds: What each prompt may take, > 0.
            reading: Whether plans will be asked of it; else names only.

        """
        prompts = [(naming.prompt, name_schema(["-"])) for naming in self._namings.values()]
        if reading:
            prompts.append((self._prompt, plan_schema()))  # the longest last: it is what is kept
        for prompt, schema in prompts:
            try:
                await self._endpoint.warm_up(prompt.ask("-"), schema, seconds)
            except LanguageModelError as error:
                _log.warning("no warm-up", extra={"reason": type(error).__name__, "detail": str(error)})
                if self.refusal:
                    return

    @contextlib.contextmanager
    def _counted(self, question: str) -> Iterator[None]:
        try:
            yield
        except LanguageModelError as error:
            self._metrics.asked(question, error)
            raise
        self._metrics.asked(question)
