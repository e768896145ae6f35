"""The judges that fit the port: the embedded scorer, an LLM, both, rules alone, or none; and what was learnt from answers."""

from agent.judges.learnt import Learnt
from agent.judges.llm import JudgeLLMError, LLMJudgePort
from agent.judges.plain import OffJudge, RulesOnly
from agent.judges.scorer import BothJudge, ScorerJudge, load_scorer

__all__ = [
    "BothJudge",
    "JudgeLLMError",
    "LLMJudgePort",
    "Learnt",
    "OffJudge",
    "RulesOnly",
    "ScorerJudge",
    "load_scorer",
]
