"""Metrics of instruction-guided editing, and LangDesign-Bench: edits judged where the truth is known exactly.

`metrics` are pure functions; `features` are CLIP and DINO from local folders; `cases` chooses from a rendered
set, `public` of a public benchmark; `editors`, `services` and `folders` are what can be judged; `bench` is
`langdesign bench edits`, `comparing` is `langdesign bench compare`.
"""

from .bootstrap import Interval
from .cases import Case, Choice, SceneCase, choice_digest, open_set
from .comparing import compare
from .comparison import Comparison
from .editors import (
    EditorUnderTest,
    EngineEditor,
    Identity,
    Outcome,
    RoundTrip,
    Sampling,
    Truth,
)
from .errors import AnswerError, BenchSetError, EvaluationError, ModelError
from .features import Clip, Dino
from .finders import ExactRegions, Finder, Found, RelaRegions
from .folders import FolderEditor, export
from .measures import Judge, Measures
from .public import PublicCase, PublicSet
from .services import ServiceEditor
from .sources import CaseSource, Scenes, open_source

__all__ = [
    "AnswerError",
    "BenchSetError",
    "Case",
    "CaseSource",
    "Choice",
    "Clip",
    "Comparison",
    "Dino",
    "EditorUnderTest",
    "EngineEditor",
    "EvaluationError",
    "ExactRegions",
    "Finder",
    "FolderEditor",
    "Found",
    "Identity",
    "Interval",
    "Judge",
    "Measures",
    "ModelError",
    "Outcome",
    "PublicCase",
    "PublicSet",
    "RelaRegions",
    "RoundTrip",
    "Sampling",
    "SceneCase",
    "Scenes",
    "ServiceEditor",
    "Truth",
    "choice_digest",
    "compare",
    "export",
    "open_set",
    "open_source",
]
