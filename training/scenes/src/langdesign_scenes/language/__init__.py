"""Words about pictures of which all is known: captions, referring expressions and edit instructions."""

from .describing import caption
from .editing import edits
from .expressions import expressions, many_expressions

__all__ = ["caption", "edits", "expressions", "many_expressions"]
