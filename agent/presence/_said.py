"""What one source says about one question, and how many of them make one state."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from agent.core.records import Known, PresenceState

Question = Literal["do_not_disturb", "full_screen", "screen_share"]
QUESTIONS: tuple[Question, ...] = ("do_not_disturb", "full_screen", "screen_share")


class Untold(Exception):  # noqa: N818 - not an error: the source cannot tell, and says why
    """A source cannot tell; the text is the reason, for `doctor`."""


@dataclass(frozen=True)
class Said:
    """One source's answer; `why` is the reason for an 'unknown'."""

    question: Question
    source: str
    known: Known
    why: str = ""

    @property
    def text(self) -> str:
        """'no', or 'unknown (reason)'."""
        return f"{self.known} ({self.why})" if self.why else self.known


def state(answers: Iterable[Said]) -> PresenceState:
    """One state: a yes of any source is a yes; else a no of any is a no; a question nobody answered is named as such."""
    said = list(answers)
    sources = {answer.source: answer.text for answer in said}
    for question in QUESTIONS:
        if not any(answer.question == question for answer in said):
            sources[question.replace("_", " ")] = "unknown (nothing here tells it)"
    return PresenceState(
        do_not_disturb=_together(said, "do_not_disturb"),
        full_screen=_together(said, "full_screen"),
        screen_share=_together(said, "screen_share"),
        sources=sources,
    )


def _together(said: list[Said], question: Question) -> Known:
    known = {answer.known for answer in said if answer.question == question}
    if "yes" in known:
        return "yes"
    return "no" if "no" in known else "unknown"
