"""proactive status"""

from __future__ import annotations

from typing import Annotated, Any

import typer

from agent.cli._ui import ask, say, show_json, until
from agent.errors import ControlError
from agent.lock import holder
from agent.paths import data_folder


def command(as_json: Annotated[bool, typer.Option("--json", help="As JSON.")] = False) -> None:
    """What the daemon does now, what it waits for, what it cost today."""
    try:
        status = ask("status")
    except ControlError as e:
        raise _because(e) from None
    if as_json:
        show_json(status)
        return
    for line in lines(status):
        say(line)


def _because(e: ControlError) -> ControlError:
    """The error, with the reason if it was given up after failing again and again."""
    from agent.watchdog import gave_up

    why = "" if holder(data_folder()) is not None else gave_up(data_folder())
    return ControlError(why, e.hint) if why else e


def lines(s: dict[str, Any]) -> list[str]:
    """The status in plain lines, problems first."""
    out = [f"Proactive {s['version']} runs, pid {s['pid']}, since {_time(s['since'])}."]
    if s["sensor"]:
        out.append(f"Waiting: {s['sensor']}")
    out += [f"Problem: {p}" for p in s["problems"]]
    if s["config_problem"]:
        out.append(f"Configuration not applied: {s['config_problem']}")
    out += [f"Model: {p}." for p in s["model_problems"]]
    if s["bugs"]:
        out.append(f"Problem: {s['bugs']} looks or answers broke on a bug of ours. What happened: proactive log")
    if s["toasts"]:
        out.append(f"Toasts: off. {s['toasts']}")
    if s["paused_until"]:
        out.append(f"Paused until {_time(s['paused_until'])}. Go on with: proactive resume")
    last = s["last_tick"]
    if last:
        out.append(f"Last look {_time(last['at'])}: {_ending(last['ending'], last['reason'])} Next {_time(s['next_tick'])}.")
    out.append(f"Model: {s['model']}. Judge: {s['judge']}. {_pace(s)}")
    if s["memory_mib"] is not None:
        out.append(f"Since the start: {s['cpu_percent']} % of a core, at most {s['memory_mib']} MiB.")
    tokens = f"{s['tokens_today']:,}" + (f" of {s['tokens_budget']:,}" if s["tokens_budget"] else "") + " tokens"
    offers = f"{s['offers_today']} of at most {s['offers_cap']} offers"
    out.append(f"Today: {offers}, {s['calls_today']} LLM calls, {tokens}, cost {s['cost_today']}.")
    return out


def _pace(s: dict[str, Any]) -> str:
    """How often it asks and offers."""
    if s["level"] == 0:
        return "Level 0: no offers. Change it with: proactive level 3"
    often = f"one ask in {s['interval_minutes']:g} min, one offer in {s['rest_minutes']:g} min at most"
    return f"Level {s['level']}: {often}. See: proactive pace"


def _ending(ending: str, reason: str) -> str:
    """How a look ended; the reason of one that decided nothing."""
    from agent.core.reasons import held

    return held(reason) if ending == "held" else reason if ending == "failed" else f"{ending}."


def _time(text: str | None) -> str:
    return until(text) if text else "-"
