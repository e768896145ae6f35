"""Who judges the turns of the agent benchmark without being fitted for it: the rules, an LLM, or nobody."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any, NamedTuple, Protocol

from agent.bench.agent_cells import Worth
from agent.bench.agent_resume import Finished
from agent.core.parse import first_object
from agent.core.ports import LLM, LLMRequest
from agent.core.texts import composed
from agent.errors import JudgeError
from agent.paths import resource
from reward_model.case import Case, Earlier, Proposed
from reward_model.dataset import digest
from reward_model.judge import JudgeFailure, LLMJudge
from reward_model.rules import RulesJudge
from reward_model.scorer import SPEAK

AT_ONCE = 4
ANSWER = 1000
NEED = 0.5
"""Chance of need from which a decision says that help is needed."""


class Asked(NamedTuple):
    """A turn to judge: its situation, the proposals (none: silence), the same model's earlier ones with minutes passed."""

    situation: str
    tasks: tuple[str, ...]
    earlier: tuple[tuple[float, str], ...] = ()
    same: frozenset[str] = frozenset()
    """The traces of the judgement rows that this trace is."""


class TurnJudge(Protocol):
    """Judges one turn; raises ProactiveError. `chances`: its numbers are probabilities, not decisions."""

    name: str
    about: str
    chances: bool
    at_once: int

    async def prepare(self, sames: Iterable[frozenset[str]], progress: Callable[[float], None]) -> None:
        """Make ready what the judging of these traces takes long to have."""

    async def judge(self, asked: Asked) -> Worth: ...


class Ready:
    """A judge that needs no preparation."""

    async def prepare(self, sames: Iterable[frozenset[str]], progress: Callable[[float], None]) -> None:
        """Nothing to do."""


class AlwaysJudge(Ready):
    """Accepts everything, silence too."""

    name = "always"
    about = "The judge accepts every proposal and every silence: a ceiling, no judgement."
    chances = False
    at_once = 1

    async def judge(self, asked: Asked) -> Worth:
        """All accepted, nothing needed."""
        return Worth((1.0,) * len(asked.tasks), 0.0)


class RulesTurns(Ready):
    """The daemon's rules: form, and repeats of what the same model proposed earlier in the trace."""

    name = "rules"
    about = "The rules refuse empty, very short, very long and repeated proposals; of the need for help they know nothing."
    chances = False
    at_once = 1

    def __init__(self) -> None:
        self._rules = RulesJudge()

    async def judge(self, asked: Asked) -> Worth:
        """1 for what the rules let through, 0 for what they refuse; silence counts as right."""
        earlier = tuple(Earlier(task=task, response="shown", minutes_ago=minutes) for minutes, task in asked.earlier)
        verdicts = self._rules.judge(Case(situation=asked.situation, candidates=_proposed(asked.tasks), earlier=earlier))
        return Worth(tuple(float(v.accepted) for v in verdicts), 0.0)


class LLMTurns(Ready):
    """An LLM as judge, one question a turn; the answers are kept in `finished`."""

    chances = False
    at_once = AT_ONCE

    def __init__(self, llm: LLM, finished: Finished, model: str = "") -> None:
        """`model` is the endpoint's own name of it: another one gives other verdicts."""
        self.name = f"llm:{llm.name}"
        self._who = f"{model}\n{judge_prompt()}"
        self.about = (
            f"The judge is the LLM '{llm.name}' with the daemon's own judge prompt; its decisions count, not its chances."
        )
        self._llm, self._finished = llm, finished

    async def judge(self, asked: Asked) -> Worth:
        """Decisions; on silence, whether help is needed. Raises JudgeError and LLMError."""
        part = "judge " + digest("\n\n".join([self._who, asked.situation, *asked.tasks]))
        kept = self._finished.get(part)
        if kept is None:
            accept, need = await self._ask(asked)
            kept = {"accept": accept, "need": need}
            self._finished.put(part, kept)
        return Worth(tuple(map(float, kept["accept"])), float(kept["need"]))

    async def _ask(self, asked: Asked) -> tuple[list[float], float]:
        async def complete(system: str, user: str, schema: dict[str, Any]) -> str:
            texts = {"system": composed(system), "user": composed(user)}
            request = LLMRequest(purpose="judge", **texts, format=schema, max_tokens=ANSWER)
            return (await self._llm.complete(request)).answer

        case = Case(situation=asked.situation, candidates=_proposed(asked.tasks))
        try:
            judged = await LLMJudge(judge_prompt(), complete, first_object).judge(case)
        except JudgeFailure as e:
            raise JudgeError(f"The judge gave no verdict: {e}.", "Run again with --resume; what is finished is kept.") from e
        return [float(v.accepted) for v in judged.verdicts], float(not judged.silence.accepted)


def decided(worth: Worth) -> Worth:
    """Chances as decisions, by the daemon's own thresholds."""
    return Worth(tuple(float(p >= SPEAK) for p in worth.accept), float(worth.need >= NEED))


def judge_prompt() -> str:
    """What the LLM judge is told."""
    return resource("prompts", "judge.md").read_text(encoding="utf-8").strip()


def _proposed(tasks: Sequence[str]) -> tuple[Proposed, ...]:
    """A recorded proposal has no evidence and no operation; the rules and the LLM ask for some."""
    return tuple(Proposed(task=t, because="(recorded without a reason)", line="(not stated)") for t in tasks)
