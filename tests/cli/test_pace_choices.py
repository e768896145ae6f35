"""proactive level, never, pause: what the user chooses lasts, with and without a running daemon."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest

from agent.cli.status import lines
from agent.core.pace import idea_of
from agent.core.pace_report import explain
from agent.core.pace_settings import PaceSettings
from agent.core.records import Pace
from agent.errors import ControlError
from agent.levels import HIGHEST, KEY, LOWEST, choose, describe, settle
from agent.lock import Lock
from agent.paths import private_folder
from agent.store.memory import MemoryStore
from agent.store.sqlite import FILE, SqliteStore, open_readonly
from tests.cli.history import home
from tests.cli.test_odd_input import ABSURD, HUGE, proactive
from tests.cli.test_verdicts import judged
from tests.conftest import NOW
from tests.e2e.daemon import Daemon
from tests.parts import IDEA


def report(folder: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(proactive(folder, "pace", "--json").stdout)
    return found


def configure(folder: Path, text: str) -> None:
    file = folder / "config" / "proactive" / "private.toml"
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text, encoding="utf-8")


def test_a_level_is_said_in_words_and_stays(tmp_path: Path) -> None:
    done = proactive(tmp_path, "level", "1")
    assert done.stdout == "Level 1: only what you will most probably accept; at first at least 90 min apart.\n"
    shown = proactive(tmp_path, "level").stdout.splitlines()
    assert [line[:4].split() for line in shown] == [["0"], [">", "1"], ["2"], ["3"], ["4"], ["5"]]
    r = report(tmp_path)
    assert (r["level"], r["level_from"], r["rest"]) == (1, "you", 5400)
    assert proactive(tmp_path, "pace").stdout.startswith("Level 1, as you chose: only what you will most probably accept.")


def test_level_0_is_no_offers(tmp_path: Path) -> None:
    assert proactive(tmp_path, "level", "0").stdout == "Level 0: no offers at all, and the model is not asked.\n"
    shown = proactive(tmp_path, "pace").stdout
    assert "The model is asked every" not in shown
    assert report(tmp_path)["price"] > 1


def test_a_level_lasts_until_the_configuration_chooses_another(tmp_path: Path) -> None:
    proactive(tmp_path, "level", "5")
    configure(tmp_path, "[pace]\nstart = 12.0\n")
    assert report(tmp_path)["level"] == 5
    configure(tmp_path, "[pace]\nlevel = 2\n")
    assert (report(tmp_path)["level"], report(tmp_path)["level_from"]) == (2, "configuration")
    proactive(tmp_path, "level", "4")
    assert report(tmp_path)["level"] == 4


def test_a_choice_that_the_configuration_ended_does_not_come_back() -> None:
    store = MemoryStore()
    choose(store, 5, 3)
    assert settle(store, 3) == 5
    assert settle(store, 4) == 4
    assert settle(store, 3) == 3


def test_a_store_for_reading_gives_the_level_without_dropping_the_choice(tmp_path: Path) -> None:
    store = SqliteStore(tmp_path / FILE)
    choose(store, 5, 3)
    store.close()
    assert settle(open_readonly(tmp_path / FILE), 4) == 4
    assert settle(open_readonly(tmp_path / FILE), 3) == 5


@pytest.mark.parametrize("kept", ["", "x", "7", "{}", '{"level": 9, "configured": 3}', '{"level": -1, "configured": 3}'])
def test_a_damaged_choice_is_none(kept: str) -> None:
    store = MemoryStore()
    store.put_state(KEY, kept)
    assert settle(store, 3) == 3


@pytest.mark.parametrize("level", range(LOWEST, HIGHEST + 1))
def test_a_level_is_described_by_the_rest_it_begins_with(level: int) -> None:
    rest = explain(Pace(level=level), PaceSettings(), NOW).rest
    said = describe(level)
    assert said.endswith(".")
    if level:
        assert f"{rest / 60:.0f} min" in said or f"{rest / 3600:g} h" in said


def test_higher_levels_ask_a_lower_price_and_a_shorter_rest() -> None:
    reports = [explain(Pace(level=level), PaceSettings(), NOW) for level in range(LOWEST, HIGHEST + 1)]
    assert [r.price for r in reports] == sorted((r.price for r in reports), reverse=True)
    assert [r.rest for r in reports] == sorted((r.rest for r in reports), reverse=True)


def test_never_mutes_the_kind_and_undo_takes_it_back(tmp_path: Path) -> None:
    home(tmp_path)
    assert proactive(tmp_path, "never", "--list").stdout.startswith("Every kind may be offered.")
    done = proactive(tmp_path, "never", "4")
    assert done.stdout == (
        "No offers of the kind 'rename_scan' any more. Take it back with: proactive never --undo rename_scan\n"
    )
    assert proactive(tmp_path, "never", "5").returncode == 0, "the same kind twice is no failure"
    assert proactive(tmp_path, "never", "--list").stdout == "rename_scan\n"
    muted = next(i for i in report(tmp_path)["ideas"] if i["idea"] == "rename_scan")
    assert (muted["muted"], muted["why"]) == (True, "You said never again.")
    back = proactive(tmp_path, "never", "--undo", "rename_scan")
    assert back.stdout == "Offers of the kind 'rename_scan' may come again.\n"
    assert report(tmp_path)["muted"] == []


@pytest.mark.parametrize("named", ["6", "Draft the minutes of the meeting"])
def test_an_idea_without_a_kind_is_named_by_its_task_and_by_its_number(tmp_path: Path, named: str) -> None:
    home(tmp_path)
    done = proactive(tmp_path, "never", "6")
    assert done.stdout == (
        "No offers like 'Draft the minutes of the meeting' any more. Take it back with: proactive never --undo 6\n"
    )
    assert report(tmp_path)["muted"] == [
        idea_of(IDEA.model_copy(update={"kind": "", "task": "Draft the minutes of the meeting"}))
    ]
    assert proactive(tmp_path, "never", "--list").stdout == "Draft the minutes of the meeting\n"
    assert proactive(tmp_path, "pace", "--reset", "--yes").returncode == 0
    assert proactive(tmp_path, "never", "--list").stdout == "Draft the minutes of the meeting\n", "its words outlive a reset"
    assert proactive(tmp_path, "never", "--undo", named).returncode == 0
    assert report(tmp_path)["muted"] == []


ODD = [
    (("level", "6"), 2, "less than or equal to 5"),
    (("level", "--", "-1"), 2, "greater than or equal to 0"),
    (("level", HUGE), 2, "less than or equal to 5"),
    (("level", ABSURD), 2, "integer"),
    (("level", "3.5"), 2, "integer"),
    (("level", "high"), 2, "integer"),
    (("never",), 2, "give either the number of an offer, --list or --undo KIND"),
    (("never", "1", "--list"), 2, "give either"),
    (("never", "1", "--undo", "x"), 2, "give either"),
    (("never", "--undo", ""), 2, "give either"),
    (("never", "seven"), 2, "integer"),
    (("never", ABSURD), 2, "integer"),
    (("never", HUGE), 1, f"There is no offer {HUGE}."),
    (("never", "0"), 1, "There is no offer 0."),
    (("never", "--", "-1"), 1, "There is no offer -1."),
    (("never", "--undo", "repeated_search"), 1, "The kind 'repeated_search' is not muted."),
    (("never", "--undo", "1"), 1, "The kind '1' is not muted."),
    (("never", "--undo", HUGE), 1, "is not muted."),
    (("never", "--undo", ABSURD), 1, "is not muted."),
    (("never", "--undo", "²"), 1, "The kind '²' is not muted."),
    (("never", "--undo", "a\x1b[31mb"), 1, "The kind 'a[31mb' is not muted."),
]


@pytest.fixture(scope="module")
def lived(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return home(tmp_path_factory.mktemp("lived"))


@pytest.mark.parametrize(("args", "code", "said"), ODD, ids=["-".join(a)[:24] for a, _, _ in ODD])
def test_choices_that_are_none_are_refused_in_words(lived: Path, args: tuple[str, ...], code: int, said: str) -> None:
    done = proactive(lived, *args)
    assert done.returncode == code, done.stderr
    assert said in " ".join(done.stderr.split())
    assert "Traceback" not in done.stderr


def test_a_pause_and_its_end_are_kept_while_no_daemon_runs(tmp_path: Path) -> None:
    assert proactive(tmp_path, "snooze", "2h").stdout == "No offers for 2 h.\n"
    assert "Paused until" in proactive(tmp_path, "pace").stdout
    assert proactive(tmp_path, "resume").stdout == "Offers are on.\n"
    assert report(tmp_path)["paused_until"] is None
    assert proactive(tmp_path, "pause").stdout == "No offers until: proactive resume\n"
    assert "Paused until you resume." in proactive(tmp_path, "pace").stdout


def test_a_choice_while_another_process_holds_the_folder_says_so(tmp_path: Path) -> None:
    home(tmp_path)
    lock = Lock(tmp_path / "data")
    lock.take()
    try:
        for args in (("level", "2"), ("never", "1"), ("pace",), ("snooze",)):
            done = proactive(tmp_path, *args)
            assert done.returncode == 1
            assert done.stderr
    finally:
        lock.release()
    assert report(tmp_path)["level"] == 3


STATUS: dict[str, Any] = {
    "version": "1", "pid": 7, "since": None, "sensor": "", "problems": [], "config_problem": "", "model_problems": [],
    "toasts": "", "paused_until": None, "last_tick": None, "model": "offline", "judge": "scorer", "level": 3,
    "interval_minutes": 10.0, "rest_minutes": 45.0, "memory_mib": None, "offers_today": 2, "offers_cap": 20,
    "calls_today": 9, "tokens_today": 12345, "tokens_budget": 400000, "cost_today": 0.01, "bugs": 0,
}  # fmt: skip


def test_status_says_level_rest_and_budget() -> None:
    said = lines(STATUS)
    assert said[-2] == (
        "Model: offline. Judge: scorer. Level 3: one ask in 10 min, one offer in 45 min at most. See: proactive pace"
    )
    assert said[-1] == "Today: 2 of at most 20 offers, 9 LLM calls, 12,345 of 400,000 tokens, cost 0.01."
    assert "12,345 tokens" in lines({**STATUS, "tokens_budget": None})[-1]
    assert "Level 0: no offers." in lines({**STATUS, "level": 0})[-2]
    assert "bug" not in "".join(said)
    assert "Problem: 2 looks or answers broke on a bug of ours." in lines({**STATUS, "bugs": 2})[1]


def test_why_says_what_an_offer_had_to_be_worth(tmp_path: Path) -> None:
    store = SqliteStore(private_folder(tmp_path / "data") / FILE)
    tick = judged("filtered", None)
    for n, where in enumerate(("", "switch")):
        gate = tick.gate.model_copy(update={"price": 0.43, "breakpoint": where, "level": 2})
        store.add_tick(tick.model_copy(update={"id": f"look{n}", "gate": gate}))
    store.close()
    assert (
        "  an offer needed a chance of 0.43, in the middle of work and at level 2" in proactive(tmp_path, "why", "look0").stdout
    )
    assert "  an offer needed a chance of 0.43, at a breakpoint and at level 2" in proactive(tmp_path, "why", "look1").stdout


@pytest.mark.e2e
async def test_choices_reach_the_running_daemon_and_outlive_it(tmp_path: Path) -> None:
    await asyncio.to_thread(home, tmp_path)
    made = Daemon(tmp_path, activitywatch={"port": 9})
    with made.running():
        first = await made.ticked()
        assert (first["level"], first["judge"], first["tokens_budget"]) == (3, "scorer", 400_000)
        assert first["tokens_today"] == 1500
        assert (await made.proactive("level", "1")).returncode == 0
        never = await made.proactive("never", "4")
        assert never.returncode == 0, never.stderr
        assert (await made.proactive("never", "--list")).stdout == "rename_scan\n"
        shown = json.loads((await made.proactive("pace", "--json")).stdout)
        assert (shown["level"], shown["level_from"], shown["muted"]) == (1, "you", ["rename_scan"])
        assert (await made.ask("status"))["level"] == 1
        for number in (9, -1, 2.0, True, None, "3", [3]):
            with pytest.raises(ControlError, match="There is no level"):
                await made.ask("level", number=number)
        forgot = await made.proactive("pace", "--reset", "--yes")
        assert forgot.stdout.startswith("Forgotten: 6 answers."), forgot.stderr
        made.kill()
    with made.running():
        again = await made.ticked()
        assert again["level"] == 1, "a level outlives a kill"
        shown = json.loads((await made.proactive("pace", "--json")).stdout)
        assert (shown["answers"], shown["muted"]) == (0, ["rename_scan"])
        made.write(pace={**made.sections["pace"], "level": 4})
        await made.until(lambda s: s["level"] == 4)
        assert (await made.proactive("pace")).stdout.startswith("Level 4, from the configuration")
