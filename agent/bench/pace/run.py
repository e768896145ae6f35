"""Runs the months of all policies, on all cores, each kept as it is finished."""

from __future__ import annotations

import asyncio
import gc
import hashlib
import multiprocessing
import os
import random
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from pathlib import Path
from typing import NamedTuple

from agent.bench.inputs import Kept
from agent.bench.pace.play import Month, Tally
from agent.bench.pace.policies import OURS, Choice
from agent.bench.pace.profiles import PROFILES, User
from agent.bench.pace.votes import Person

IDLE = (0.5, 0.0, 0.8)
"""Shares of idle moments; the first is the headline."""
SIDES = ("every_10min", "levels", OURS, "oracle")
POINTS = (Choice(OURS, 2), Choice(OURS, 5), *(Choice(OURS, 5, shift, free=True) for shift in (0.5, 0.0, -0.7)))
"""The frontier of ours besides the default: by level, and beyond level 5 freed of its limits, at three prices."""
RIVALS = (Choice("levels", 2), Choice("levels", 5), Choice("levels", guarded=True))
OFTEN = "every_15s"
OFTEN_SEEDS, OFTEN_DAYS = 2, (0, 12, 24)
"""One user in ten, three days (before, during and after a drift); more of 1,840 looks a day would tell no more."""
FEWER = 10
"""One seed in so many is played for the frontier, two at least; for the other shares of idle moments it is half of these."""


class Job(NamedTuple):
    """One month to be played: policy, number of the profile, seed, share of idle moments, days."""

    choice: Choice
    profile: int
    seed: int
    idle: float
    days: tuple[int, ...]

    @property
    def name(self) -> str:
        """The name under which it is kept."""
        return repr(tuple(self))


class Played(NamedTuple):
    """A month that was played: its job, the trace its person comes from, one tally a day."""

    job: Job
    trace: str
    days: tuple[Tally, ...]


def jobs(days: int, seeds: int) -> list[Job]:
    """All months of a run, the headline first."""
    every = tuple(range(days))
    few = min(seeds, max(2, seeds // FEWER))
    often = tuple(d for d in OFTEN_DAYS if d < days)
    found = list(_grid([Choice(OFTEN)], min(OFTEN_SEEDS, seeds), IDLE[0], often))
    found += _grid([Choice(name) for name in SIDES], seeds, IDLE[0], every)
    found += _grid([*POINTS, *RIVALS], few, IDLE[0], every)
    for idle in IDLE[1:]:
        found += _grid([Choice(OFTEN)], 1, idle, often[:1])
        found += _grid([Choice(name) for name in SIDES], few // 2 or 1, idle, every)
    return found


def _grid(choices: Sequence[Choice], seeds: int, idle: float, days: tuple[int, ...]) -> Iterator[Job]:
    for seed in range(seeds):
        for profile in range(len(PROFILES)):
            yield from (Job(choice, profile, seed, idle, days) for choice in choices)


def user_of(people: Sequence[Person], profile: int, seed: int) -> User:
    """Who that is: the people in an order of their own for each profile, so that every seed is another person."""
    order = list(range(len(people)))
    random.Random(f"order {profile}").shuffle(order)  # noqa: S311 - a draw that must repeat
    return User(people[order[seed % len(order)]], PROFILES[profile], f"{profile} {seed}")


def play(people: Sequence[Person], job: Job) -> Played:
    """Play one month."""
    user = user_of(people, job.profile, job.seed)
    gc.disable()  # a month keeps all it makes to its end: looking for garbage meanwhile takes a quarter of the time
    try:
        parts = [(day,) for day in job.days] if job.choice.name == OFTEN else [job.days]  # it learns nothing from day to day
        days = [d for part in parts for d in asyncio.run(Month(user, job.choice, job.idle).play(part))]
        return Played(job, user.person.trace, tuple(days))
    finally:
        gc.enable()
        gc.collect()


def run(
    people: Sequence[Person], wanted: Sequence[Job], kept: Kept, cores: int, progress: Callable[[float], None]
) -> list[Played]:
    """All months, in the order of the jobs; those kept from an earlier run are not played again."""
    found: dict[str, Played] = {}
    for job in wanted:
        if (old := kept.get(job.name)) is not None:
            found[job.name] = Played(job, old[0], tuple(Tally(*day) for day in old[1]))
    left = list({j.name: j for j in wanted if j.name not in found}.values())
    total = sum(len(j.days) for j in wanted) or 1
    done = total - sum(len(j.days) for j in left)
    for played in _each(people, left, cores):
        found[played.job.name] = played
        kept.put(played.job.name, [played.trace, played.days])
        done += len(played.job.days)
        progress(done / total)
    return [found[j.name] for j in wanted]


def _each(people: Sequence[Person], left: Sequence[Job], cores: int) -> Iterator[Played]:
    if cores < 2 or len(left) < 2:
        yield from (play(people, job) for job in left)
        return
    spawn = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(cores, mp_context=spawn, initializer=_begin, initargs=(tuple(people),)) as pool:
        waiting = [pool.submit(_job, job) for job in left]
        try:
            for one in as_completed(waiting):
                yield one.result()
        finally:
            pool.shutdown(cancel_futures=True)


_people: list[tuple[Person, ...]] = []


def _begin(people: tuple[Person, ...]) -> None:
    _people[:] = [people]


def _job(job: Job) -> Played:
    return play(_people[0], job)


def cores() -> int:
    """How many processes there may be."""
    return os.cpu_count() or 1


def code() -> str:
    """A hash of all code a month depends on, so that a changed policy is played anew."""
    root = Path(__file__).resolve().parent.parent.parent
    files = [*root.glob("*.py"), *root.glob("core/*.py"), *root.glob("bench/pace/*.py"), root / "store" / "memory.py"]
    files += [root.parent / "reward_model" / f"{name}.py" for name in ("personal", "weigh", "alike", "scorer")]
    return hashlib.sha256(b"".join(f.read_bytes() for f in sorted(files))).hexdigest()[:16]
