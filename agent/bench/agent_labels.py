"""What people said of the benchmark's traces: finds them again in judgement rows, by their times and events. Pure.

A recording may hold another wording of a trace (its searches translated, a turn left out) than the judgement rows, so a
trace is found by the lines they share and a turn by its exact line, else by its time.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from agent.bench.agent_traces import Trace, Traces, Turn
from reward_model.dataset import Row

LEAST_SHARED = 0.3
"""Share of the turns of the shorter of the two that must be found again: often only the beginning of a recording was
annotated. Translated recordings share .94 of their times, strangers none."""


class Known(NamedTuple):
    """What the rows know of a trace: the names of its traces there (empty: none) and help needed by turn number."""

    traces: frozenset[str]
    needs: Mapping[int, bool]


def known(traces: Traces, rows: Sequence[Row]) -> dict[str, Known]:
    """For each trace, every trace of the rows that it is, and the label of each turn that has one."""
    by_trace: dict[str, dict[str, bool | None]] = {}
    for row in rows:
        by_trace.setdefault(row.trace, {})[row.situation] = row.help_needed
    return {name: _known(trace, by_trace) for name, trace in traces.items()}


def _known(trace: Trace, by_trace: Mapping[str, Mapping[str, bool | None]]) -> Known:
    same: set[str] = set()
    needs: dict[int, bool] = {}
    for name, situations in by_trace.items():
        lasts = {tuple(s.split("\n")): need for s, need in situations.items()}
        longest = max(lasts, key=len)
        place = _places(trace, longest)
        if len(place) < LEAST_SHARED * min(len(trace), len(longest)):
            continue
        same.add(name)
        by_length = {len(lines): need for lines, need in lasts.items() if lines == longest[: len(lines)]}
        for turn, at in place.items():
            need = by_length.get(at + 1)
            if need is not None:
                needs[turn] = need
    return Known(frozenset(same), needs)


def _places(trace: Trace, lines: Sequence[str]) -> dict[int, int]:
    """Turn number -> number of the line that is the same event: the same line, else the same time."""
    by_line, by_time = _numbers(lines), _numbers(_time(line) for line in lines)
    exact = {i: by_line[key] for i, key in _keys(t.line for t in trace) if key in by_line}
    timed = {i: by_time[key] for i, key in _keys(_clock(t) for t in trace) if key[0] and key in by_time}
    return timed | exact


def _numbers(keys: Iterable[str]) -> dict[tuple[str, int], int]:
    return {key: i for i, key in _keys(keys)}


def _keys(keys: Iterable[str]) -> list[tuple[int, tuple[str, int]]]:
    """Each key with how often it came before, so that two events of one time stay apart."""
    seen: Counter[str] = Counter()
    listed = []
    for i, key in enumerate(keys):
        listed.append((i, (key, seen[key])))
        seen[key] += 1
    return listed


def _clock(turn: Turn) -> str:
    """The time if it names one moment of all (seconds since 1970); '10:15' and 'Day 2' are times of many traces."""
    return turn.time if turn.time.partition(".")[0].isdecimal() and len(turn.time.partition(".")[0]) >= 9 else ""


def _time(line: str) -> str:
    return line.partition(" ")[0]
