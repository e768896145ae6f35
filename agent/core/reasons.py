"""The words for why a tick stayed quiet, from its reason and the gate's inputs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from agent.core.decisions import Weighed
from agent.core.policy import resting
from agent.core.records import Candidate, GateInput, Tick
from reward_model.case import Verdict

_HELD = {
    "paused": "You paused the offers.",
    "open_offer": "An earlier offer was still on the screen.",
    "away": "You were away from the machine.",
    "no_data": "There was no fresh data from ActivityWatch, so nobody knows what you did.",
    "private": "A private or excluded window was open within the last 5 minutes.",
    "call": "You were in a call or a conversation, or one ended less than 3 minutes ago.",
    "quiet_hours": "It was within your quiet hours.",
    "do_not_disturb": "Do-not-disturb was on.",
    "screen_share": "The screen was being shared.",
    "full_screen": "A window filled the whole screen.",
    "settling": "You had only just come back.",
    "leisure": "You were on a news, video, social, games, job or dating page.",
    "new_context": "You had only just opened this app or site.",
    "typing": "You were in the middle of typing.",
    "daily_cap": "The offers of the day were used up.",
    "spread": "A quarter of the day's offers were made within two hours; the rest are kept for later.",
    "tokens": "The models' tokens of the day were used up.",
    "level": "The level is 0: no offers.",
    "rests": "The next offer may come in more than an hour, so nothing is asked yet.",
    "refused": "You refused this kind, or said never again, while the model was thinking.",
    "price": "You let most offers of this time of day pass, so none would be worth the interruption yet.",
    "breakpoint": "You were in the middle of something; a better moment is waited for, a few minutes at most.",
    "pace": "The last ask was too recent.",
    "unchanged": "Nothing had changed since the last ask.",
}


WAITS = "It is worth an interruption, but you are in the middle of something; a better moment is waited for."
_BARRED = {"muted": "You said never again to this.", "rests": "You turned this kind of offer down; it rests."}


def runner_up(tick: Tick) -> tuple[Candidate, Verdict] | None:
    """The best candidate that was not offered, with its verdict; None without another."""
    found = tick.prediction.candidates if tick.prediction else ()
    others = [(c, v) for n, (c, v) in enumerate(zip(found, tick.verdicts)) if n != tick.choice]  # noqa: B905 - of old ticks
    return max(others, key=lambda o: o[1].p_accept, default=None)


def held(reason: str) -> str:
    """A gate's reason in a sentence."""
    return _HELD.get(reason, reason)


def filtered(tick: Tick, found: Weighed) -> str:
    """Why a judged look ends without an offer."""
    if found.held == "refused":
        return refused(tick.verdicts, tick.gate.price, found.barred)
    return WAITS if found.held == "waits" else rests(tick.gate, resting(tick.gate))


def refused(verdicts: Sequence[Verdict], price: float, barred: Mapping[int, str]) -> str:
    """Why no candidate was chosen: each reason once."""
    said = []
    for n, v in enumerate(verdicts):
        if n in barred:
            said.append(_BARRED[barred[n]])
        elif v.accepted and v.p_accept < price:
            said.append(f"Chance {v.p_accept:.2f}; an interruption now is worth it from {price:.2f}.")
        else:
            said.append(v.reason)
    return " ".join(dict.fromkeys(said))


def rests(gate: GateInput, waits: float) -> str:
    """Why a candidate worth an interruption was not offered: the last offer was too recent."""
    passed = max(0.0, (gate.at - gate.offered_at).total_seconds()) if gate.offered_at else 0.0
    return f"The last offer was {passed / 60:.0f} minutes ago; the next one may come in {max(1, round(waits / 60))}."


def quiet(tick: Tick) -> str:
    """Why a look ended without an offer, in a sentence that is the same for all of its kind."""
    if tick.ending == "held":
        return held(tick.reason)
    if tick.ending == "silent":
        return "The predictor saw nothing worth offering."
    if tick.ending == "failed":
        return f"It could not be decided: {tick.reason}"
    if tick.reason == WAITS:
        return "There was an idea that waits for a better moment."
    rested = resting(tick.gate)
    if rested and tick.reason == rests(tick.gate, rested):
        return "There was an idea, but the last offer was too recent."
    return "There was an idea, but it was not worth an interruption."


def explain(tick: Tick) -> str:
    """Why this tick ended as it did, in a sentence or two."""
    if tick.ending == "held":
        return " ".join(p for p in (held(tick.reason), _detail(tick.reason, tick.gate)) if p)
    if tick.ending == "silent":
        return f"The predictor saw nothing worth offering: {tick.reason}"
    if tick.ending == "filtered":
        return f"There was an idea, but it was held back: {tick.reason}"
    if tick.ending == "failed":
        return f"It could not be decided: {tick.reason}"
    return f"It was offered: {tick.reason}"


def _detail(reason: str, gate: GateInput) -> str:
    if reason == "pace" and gate.asked_at is not None:
        passed = (gate.at - gate.asked_at).total_seconds() / 60
        return f"It was {passed:.0f} minutes ago; the pace is one ask in {gate.interval / 60:.0f} minutes."
    if reason == "private" and gate.private_ago is not None:
        return f"The last one was {gate.private_ago / 60:.0f} minutes ago."
    if reason in ("do_not_disturb", "screen_share", "full_screen"):
        return "; ".join(f"{k}: {v}" for k, v in gate.presence.sources.items())
    return ""
