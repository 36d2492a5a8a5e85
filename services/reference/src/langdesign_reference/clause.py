"""One clause: a verb with its arguments."""

from dataclasses import dataclass

from langdesign_reference.cutting import Joint
from langdesign_reference.words import Word

BARE, KEEP, STATE, ASK, CONTRAST = "bare", "keep", "state", "ask", "contrast"
"""Frames without a verb of their own: no verb, what stays, a statement, a question for information, and what
is not as was said of the thing before ("the lamp stays, the rug doesn't")."""


@dataclass(frozen=True)
class Clause:
    """One verb with its arguments.

    Attributes:
        frame: How the verb is used; see `langdesign_reference.frames.FRAMES`.
        verb: The verb as said.
        body: The words after it, or its subject.
        value: What the subject should be, where the subject came first; else None.
        joint: What joins it to the clause before.
        wanted: Whether somebody wants what it names: "I'd like".
        only: Whether it is restricted: "only the stool".
        subject_first: Whether its subject stands in front: "the lamp should go".

    """

    frame: str
    verb: tuple[Word, ...]
    body: tuple[Word, ...]
    joint: Joint
    value: tuple[Word, ...] | None = None
    wanted: bool = False
    only: bool = False
    subject_first: bool = False
