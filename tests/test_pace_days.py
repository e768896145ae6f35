"""Simulated users on the real loop, day after day: offers become rare for who does not want them and come back."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

from agent.bench.stub import task_words
from agent.core.ports import Judgement
from agent.core.records import Candidate, Observation, Operation, Prediction, Reading, ResponseKind, Toast
from agent.loop import Loop
from reward_model.case import Case, Verdict
from tests.conftest import NOW
from tests.parts import Rig, working

User = Callable[[str], ResponseKind]
MORNING = NOW.replace(hour=9) + timedelta(days=1)
LOOK = timedelta(minutes=15)


class AtWork:
    """Somebody who is always at work, on another document each look."""

    def __init__(self) -> None:
        self.looks = 0

    async def read(self, now: datetime) -> Reading:
        self.looks += 1
        there = working(title=f"chapter {self.looks}.odt - LibreOffice Writer")
        return Reading(events=tuple(e.model_copy(update={"timestamp": e.timestamp + (now - NOW)}) for e in there))

    async def close(self) -> None:
        return None


class Ideas:
    """Predicts tasks that were never named before, of kinds in turn."""

    def __init__(self, *kinds: str) -> None:
        self.kinds = kinds
        self.asked = 0

    async def predict(self, observation: Observation, digest: str) -> Prediction:
        self.asked += 1
        words = task_words(self.asked)
        idea = Candidate(
            task=f"Research {words}",
            because="seen",
            operation=Operation(name="search", arguments={"query": words}),
            kind=self.kinds[self.asked % len(self.kinds)],
        )
        return Prediction(candidates=(idea,))


class Certain:
    """Gives each candidate the chance it is told."""

    async def judge(self, case: Case) -> Judgement:
        return Judgement(verdicts=tuple(Verdict(p_accept=0.7, p_help=0.5, accepted=True, reason="") for _ in case.candidates))


class Life:
    """Days of eight hours on the real loop; `offers` holds day and kind of each offer."""

    def __init__(self, *kinds: str) -> None:
        self.rig = Rig([])
        self.rig.sensor = AtWork()  # type: ignore[assignment]
        self.rig.predictor = Ideas(*kinds)  # type: ignore[assignment]
        self.rig.judge = Certain()
        self.loop: Loop = self.rig.loop()
        self.day = 0
        self.offers: list[tuple[int, str]] = []
        self.times: list[datetime] = []

    async def live(self, days: int, user: User) -> list[int]:
        """Offers of each of these days to this user."""

        def decide(toast: Toast) -> ResponseKind:
            offer = self.rig.store.offer(toast.offer)
            assert offer is not None
            self.offers.append((self.day, offer.candidate.kind))
            self.times.append(offer.at)
            return user(offer.candidate.kind)

        self.rig.notifier.decide = decide
        counts = []
        for _ in range(days):
            before = len(self.offers)
            for look in range(32):
                now = MORNING + timedelta(days=self.day) + look * LOOK
                self.rig.clock.advance(now)
                await self.loop.step(now)
                await self.loop.drain()
            await self.loop.settle()
            counts.append(len(self.offers) - before)
            self.day += 1
        return counts


async def test_who_ignores_everything_gets_at_most_one_offer_a_day_within_three_days() -> None:
    life = Life("a", "b", "c")
    counts = await life.live(6, lambda _: "ignored")
    assert all(n <= 1 for n in counts[2:]), counts
    assert sum(counts[2:]) >= 2, "never quite silent"


async def test_who_takes_everything_gets_at_most_two_an_hour() -> None:
    life = Life("a", "b", "c")
    counts = await life.live(2, lambda _: "accepted")
    assert all(6 <= n <= 16 for n in counts), counts


async def test_after_two_rejections_of_a_kind_it_does_not_come_again_within_a_week() -> None:
    life = Life("hated", "liked")
    await life.live(9, lambda kind: "rejected" if kind == "hated" else "accepted")
    hated = [day for day, kind in life.offers if kind == "hated"]
    assert len(hated) >= 3, "it is tried again in the end"
    assert hated[2] - hated[1] >= 7
    assert sum(kind == "liked" for _, kind in life.offers) > 40


async def test_offers_halve_within_six_after_a_drift_and_come_back_after_acceptance_returns() -> None:
    life = Life(*(f"kind {n}" for n in range(40)))
    happy = (await life.live(2, lambda _: "accepted"))[-1]
    before = len(life.offers)
    await life.live(1, lambda _: "rejected")
    sixth, *after = life.times[before + 5 :]
    assert len(after) <= (sixth.replace(hour=17, minute=0) - sixth) / timedelta(hours=8) * happy / 2
    drifted = (await life.live(1, lambda _: "rejected"))[-1]
    assert drifted <= happy / 8
    back = await life.live(3, lambda _: "accepted")
    assert back[-1] >= 0.8 * happy, back


async def test_offers_that_were_lost_or_not_delivered_teach_nothing() -> None:
    for kind in ("lost", "undelivered"):
        life = Life("a", "b")
        said: ResponseKind = kind  # type: ignore[assignment]
        (count,) = await life.live(1, lambda _, said=said: said)  # type: ignore[misc]
        assert life.loop.state.pace.answers == ()
        assert count >= 8
