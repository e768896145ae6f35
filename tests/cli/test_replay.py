"""`proactive replay`: what it says of a store, of an old one, of another policy and a shadow, and its exit code."""

from __future__ import annotations

import json
import sqlite3
from pathlib import Path

import pytest

from agent.core.pace_settings import PaceSettings
from agent.core.records import Pace
from agent.paths import private_folder
from agent.store.sqlite import FILE, SqliteStore
from tests.cli.test_commands import proactive
from tests.test_replay_decisions import SETTINGS, held, judged, kept


@pytest.fixture
def database(tmp_path: Path) -> Path:
    """A store with a held look and an offer that come out again, where a shadow would have kept quiet."""
    path = private_folder(tmp_path / "data") / FILE
    store = SqliteStore(path)
    filled(store, held(Pace(), shadow="away"), judged(Pace(), 1, 0.9, shadow="daily_cap"))
    store.close()
    return path


def filled(store: SqliteStore, *ticks: object, settings: PaceSettings = SETTINGS) -> None:
    """Put these looks in the store, with their basis."""
    memory = kept(*ticks, settings=settings)  # type: ignore[arg-type]
    for tick in memory.decisions():
        found = memory.basis(tick.basis)
        assert found is not None
        store.put_basis(found, tick.at)
        store.add_tick(tick)


def test_a_store_whose_decisions_come_out_again_is_said_to_be_so(tmp_path: Path, database: Path) -> None:
    done = proactive(tmp_path, "replay")
    assert (done.returncode, done.stderr) == (0, "")
    assert "2 decisions recomputed with policy 'current'" in done.stdout
    assert "Every decision comes out as it was stored." in done.stdout
    assert "Not recomputed: what the predictor and the judge say" in done.stdout
    assert proactive(tmp_path, "replay", "--store", str(database)).stdout == done.stdout


def test_a_difference_that_nothing_explains_ends_with_1(tmp_path: Path, database: Path) -> None:
    store = SqliteStore(database)
    filled(store, held(Pace(), 5, reason="typing"))
    store.close()
    done = proactive(tmp_path, "replay", "--json")
    assert done.returncode == 1
    said = json.loads(done.stdout)
    assert (said["looks"], said["explained"]) == (3, False)
    assert [(d["stored"], d["recomputed"], d["count"]) for d in said["differences"]] == [("typing", "away", 1)]
    assert "Please report it." in proactive(tmp_path, "replay").stdout


def test_another_policy_is_read_from_a_file_and_named_as_the_cause(tmp_path: Path, database: Path) -> None:
    (tmp_path / "strict.toml").write_text("[pace]\ndaily_cap = 0\n", encoding="utf-8")
    done = proactive(tmp_path, "replay", "--policy", "strict.toml")
    assert done.returncode == 0, done.stderr
    assert "daily_cap 16 -> 0" in " ".join(done.stdout.split())
    assert "1 differ, all explained" in done.stdout
    assert proactive(tmp_path, "replay", "--policy", "then").returncode == 0


def test_a_database_from_before_this_format_is_replayed_as_it_is(tmp_path: Path, database: Path) -> None:
    db = sqlite3.connect(database)
    gate = {"at": "2026-03-02T14:00:00+00:00", "local_minute": 840, "afk": "here", "stale": 5.0, "interval": 600.0}
    record = {"id": "old", "at": gate["at"], "ending": "held", "reason": "settling", "gate": gate, "events": 3, "choice": None}
    for table in ("ticks", "bases", "answers"):
        db.execute(f"DELETE FROM {table}" if table == "ticks" else f"DROP TABLE {table}")
    db.execute("INSERT INTO ticks VALUES ('old', '2026-03-02T14:00:00.000000+00:00', 'held', ?)", (json.dumps(record),))
    db.execute("DROP INDEX calls_tokens")
    db.execute("ALTER TABLE calls DROP COLUMN tokens")
    db.execute("PRAGMA user_version = 1")
    db.commit()
    db.close()
    done = proactive(tmp_path, "replay")
    assert done.returncode == 0, done.stderr
    assert "1 were stored without settings and pace" in done.stdout
    assert "Every decision comes out as it was stored." in done.stdout
    opened = SqliteStore(database)
    assert [t.reason for t in opened.ticks()] == ["settling"], "and the daemon migrates it"
    filled(opened, held(Pace(), 9))
    opened.close()
    assert proactive(tmp_path, "replay").returncode == 0


def test_live_and_shadow_are_compared(tmp_path: Path, database: Path) -> None:
    done = proactive(tmp_path, "replay", "--shadow")
    assert done.returncode == 0, done.stderr
    assert "2 looks on 1 days, 1 decided alike." in done.stdout
    said = json.loads(proactive(tmp_path, "replay", "--shadow", "--json").stdout)
    assert (said["offers"], said["offers_shadow"]) == (1, 0)
    assert said["cells"] == [{"live": "offer 1", "shadow": "daily_cap", "count": 1}]


WRONG = [
    (("--store", "nope.db"), "There is no database at nope.db."),
    (("--policy", "nope"), "There is no policy 'nope'."),
    (("--since", "soon"), "'soon' is neither a span of time nor a date."),
]


@pytest.mark.parametrize(("arguments", "said"), WRONG, ids=[a[0] for a, _ in WRONG])
def test_what_is_not_there_is_said_in_words(tmp_path: Path, database: Path, arguments: tuple[str, ...], said: str) -> None:
    done = proactive(tmp_path, "replay", *arguments)
    assert done.returncode == 1
    assert said in done.stderr
    assert "Traceback" not in done.stderr


def test_only_the_looks_since_a_date_are_read(tmp_path: Path, database: Path) -> None:
    assert "There is no look in that time." in proactive(tmp_path, "replay", "--since", "2099-01-01").stdout
    assert "2 looks from" in proactive(tmp_path, "replay", "--since", "2020-01-01").stdout
    assert "No shadow ran in that time." in proactive(tmp_path, "replay", "--since", "2099-01-01", "--shadow").stdout
