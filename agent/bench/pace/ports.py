"""The ports of the simulated loop: what is seen, proposed, judged and carried out in one user's month."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any

from agent.core.ports import Judgement
from agent.core.records import Candidate, Event, Observation, Operation, Prediction, PresenceState, Reading, Result, Toast
from agent.errors import ToolError
from reward_model.case import Case, Verdict


class SimSensor:
    """Port Sensor: what `look` gives for the time."""

    def __init__(self, look: Callable[[datetime], tuple[Event, ...]]) -> None:
        self._look = look

    async def read(self, now: datetime) -> Reading:
        """The events of that time."""
        return Reading.model_construct(events=self._look(now), files=(), problems=())

    async def close(self) -> None:
        """Nothing to close."""


class SimPresence:
    """Port Presence: do-not-disturb as `quiet` says."""

    def __init__(self, quiet: Callable[[], bool]) -> None:
        self._quiet = quiet

    async def look(self) -> PresenceState:
        """Whether the user asked for quiet."""
        return PresenceState(do_not_disturb="yes" if self._quiet() else "no")


class SimPredictor:
    """Port Predictor: the options of the moment."""

    def __init__(self, options: Callable[[], Sequence[Candidate]]) -> None:
        self._options = options

    async def predict(self, observation: Observation, digest: str) -> Prediction:
        """The options, each with its number as the operation's argument."""
        return Prediction(candidates=tuple(self._options()))


class SimJudge:
    """Port Judge: the chances that `judge` gives the candidates, in order; which are accepted."""

    def __init__(self, judge: Callable[[Case], Sequence[tuple[float, bool]]]) -> None:
        self._judge = judge

    async def judge(self, case: Case) -> Judgement:
        """One verdict a candidate."""
        made = (Verdict(p_accept=p, p_help=0.5, accepted=yes, reason="simulated") for p, yes in self._judge(case))
        return Judgement(verdicts=tuple(made))


class SimNotifier:
    """Port Notifier: the user answers; what `show` returns says whether the offer was delivered."""

    def __init__(self, show: Callable[[Toast], bool]) -> None:
        self._show = show

    async def probe(self) -> str:
        """Offers can be shown."""
        return ""

    async def show(self, toast: Toast) -> bool:
        """Show an offer to the user."""
        return self._show(toast)

    async def tell(self, title: str, body: str) -> bool:
        """Nobody reads it."""
        return True

    async def withdraw(self, offer: int) -> None:
        """Nothing is on a screen."""

    async def close(self) -> None:
        """Nothing to close."""


class SimTools:
    """Port Toolbox: one operation, which does nothing."""

    def check(self, operation: Operation) -> str:
        """The line of an operation: the number of the option."""
        return f"Option {operation.arguments['option']}"

    def catalogue(self) -> str:
        """No predictor reads it."""
        return ""

    async def run(self, operation: Operation) -> Result:
        """Nothing."""
        return Result(text="")

    async def undo(self, operation: Operation, record: Mapping[str, Any]) -> str:
        """Nothing was done."""
        raise ToolError("Nothing was done.")
