"""proactive pace: what the answers taught, as a table, as JSON, as a picture; exported, and forgotten when asked to."""

from __future__ import annotations

import json
import os
from datetime import datetime, timedelta, timezone
from pathlib import Path

import pytest

from agent.pacing import acceptance, budget, days, midnight
from agent.store.memory import MemoryStore
from agent.store.sqlite import FILE, open_readonly
from tests.cli.history import HISTORY, home
from tests.cli.test_odd_input import proactive


@pytest.fixture(scope="module")
def lived(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home with a history, for tests that change nothing."""
    return home(tmp_path_factory.mktemp("lived"))


def test_without_a_history_the_pace_is_that_of_the_first_day_and_nothing_is_written(tmp_path: Path) -> None:
    done = proactive(tmp_path, "pace")
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines()[0].startswith("Level 3, from the configuration: ")
    assert "No answer of yours counts yet. (Answers that count: 0.)" in done.stdout
    assert "Today: 0 of 16 offers, 0 of 400,000 tokens, 400,000 left." in done.stdout
    assert list(tmp_path.iterdir()) == []


def test_the_report_holds_every_figure_as_json(lived: Path) -> None:
    r = json.loads(proactive(lived, "pace", "--json").stdout)
    assert (r["level"], r["level_from"], r["answers"]) == (3, "configuration", 6)
    assert 300 <= r["interval"] <= 1800
    assert r["rest"] > 0
    assert r["price"] >= 0.3
    assert r["why"]
    assert r["tokens"] == {"used": 1500, "budget": 400_000, "left": 398_500}
    assert r["offers"]["cap"] == 16
    assert r["muted"] == []
    ideas = {i["name"]: i for i in r["ideas"]}
    assert set(ideas) == {"repeated_search", "rename_scan", "Draft the minutes of the meeting"}
    search = ideas["repeated_search"]
    keys = ("offered", "accepted", "rejected", "dismissed", "ignored")
    assert [search[k] for k in keys] == [3, 2, 0, 0, 1]
    assert [ideas["rename_scan"][k] for k in keys] == [2, 0, 2, 0, 0]
    assert all(i["low"] <= i["estimate"] <= i["high"] and i["why"] for i in r["ideas"])
    assert search["estimate"] > ideas["rename_scan"]["estimate"]


def test_the_table_says_the_same_in_words(lived: Path) -> None:
    done = proactive(lived, "pace")
    text = " ".join(done.stdout.split())
    assert "The model is asked every " in text
    assert "1,500 of 400,000 tokens, 398,500 left" in text
    for word in ("repeated_search", "rename_scan", "accepted", "dismissed", "chance (90 %)", "You took it twice."):
        assert word in text


def test_a_long_table_ends_with_how_many_kinds_are_not_in_it(tmp_path: Path) -> None:
    done = proactive(home(tmp_path, [(n / 10, f"kind{n}", "ignored") for n in range(23)]), "pace")
    lines = done.stdout.splitlines()
    assert sum(line.startswith("│ kind") for line in lines) == 20
    assert lines[-1] == "... and 3 kinds that were offered less often; all with --json."


def test_a_rest_that_is_over_is_told_as_such(tmp_path: Path) -> None:
    folder = home(tmp_path, ((30, "old_refusal", "rejected"), (0.01, "new_refusal", "rejected")))
    ideas = {i["name"]: i for i in json.loads(proactive(folder, "pace", "--json").stdout)["ideas"]}
    assert ideas["old_refusal"]["rests_until"] is None
    assert ideas["old_refusal"]["why"].startswith("After a refusal it rested until ")
    assert datetime.fromisoformat(ideas["new_refusal"]["rests_until"].replace("Z", "+00:00")) > datetime.now(timezone.utc)
    assert ideas["new_refusal"]["why"].startswith("You refused it, so it rests until ")


def test_a_report_changes_nothing(lived: Path) -> None:
    before = (lived / "data" / FILE).read_bytes()
    for args in (("pace",), ("pace", "--json"), ("level",), ("never", "--list")):
        assert proactive(lived, *args).returncode == 0
    assert (lived / "data" / FILE).read_bytes() == before
    assert not (lived / "data" / "proactive.lock").exists()


def test_the_days_are_local_hold_no_gap_and_count_what_was_shown(lived: Path) -> None:
    with_all = days(open_readonly(lived / "data" / FILE))
    assert len(with_all) == 6
    assert [d.offered for d in with_all] == [1, 2, 0, 2, 1, 1]
    assert [d.accepted for d in with_all] == [1, 1, 0, 0, 0, 0]
    assert [d.rejected for d in with_all] == [0, 0, 0, 2, 0, 0]
    assert [d.other for d in with_all] == [0, 0, 0, 0, 0, 1]
    assert with_all[0].day == (datetime.now(timezone.utc) - timedelta(days=6, seconds=len(HISTORY) - 1)).astimezone().date()
    assert acceptance(with_all) == 2 / 6
    assert acceptance(with_all[-1:]) is None
    assert days(MemoryStore()) == []


def test_midnight_is_the_local_one_and_a_budget_never_falls_below_nothing() -> None:
    at = datetime(2026, 3, 3, 12, tzinfo=timezone.utc)
    begin = midnight(at)
    assert (begin.astimezone().hour, begin.astimezone().minute) == (0, 0)
    assert timedelta(0) <= at - begin < timedelta(days=1, hours=1)
    assert budget(900, 1000) == {"used": 900, "budget": 1000, "left": 100}
    assert budget(1100, 1000)["left"] == 0
    assert budget(900, 0) == {"used": 900, "budget": None, "left": None}


def test_a_picture_is_drawn_from_the_store(lived: Path, tmp_path: Path) -> None:
    pytest.importorskip("matplotlib")
    done = proactive(lived, "pace", "--plot", str(tmp_path / "pace.png"))
    assert done.returncode == 0, done.stderr
    assert done.stdout == f"The picture is in {tmp_path / 'pace.png'}.\n"
    assert (tmp_path / "pace.png").read_bytes().startswith(b"\x89PNG")


def test_a_picture_and_json_go_together_and_json_stays_json(lived: Path, tmp_path: Path) -> None:
    pytest.importorskip("matplotlib")
    done = proactive(lived, "pace", "--json", "--plot", str(tmp_path / "p.png"), "--export", str(tmp_path / "e.json"))
    assert json.loads(done.stdout)["answers"] == 6
    assert (tmp_path / "p.png").exists()
    assert (tmp_path / "e.json").exists()


@pytest.mark.parametrize("name", ["folder.png", ".", "missing/p.png", "p.docx"])
def test_a_picture_that_cannot_be_written_is_said(lived: Path, tmp_path: Path, name: str) -> None:
    pytest.importorskip("matplotlib")
    (tmp_path / "folder.png").mkdir()
    done = proactive(lived, "pace", "--plot", name if name == "." else str(tmp_path / name))
    assert done.returncode == 1
    assert "--plot" in done.stderr


def test_nothing_to_draw_is_said(tmp_path: Path) -> None:
    done = proactive(home(tmp_path, ()), "pace", "--plot", str(tmp_path / "p.png"))
    assert (done.returncode, done.stderr.splitlines()[0]) == (1, "There was no offer yet, so there is nothing to draw.")
    assert not (tmp_path / "p.png").exists()


def test_the_export_holds_report_state_and_days_for_the_owner_alone(lived: Path, tmp_path: Path) -> None:
    file = tmp_path / "pace.json"
    file.write_text("old", encoding="utf-8")
    done = proactive(lived, "pace", "--export", str(file))
    assert done.returncode == 0, done.stderr
    found = json.loads(file.read_text(encoding="utf-8"))
    report = json.loads(proactive(lived, "pace", "--json").stdout)
    assert {k: found[k] for k in report} == report
    assert [a["response"] for a in found["state"]["pace"]["answers"]] == [a for _, _, a in HISTORY[:6]]
    assert sum(d["offered"] for d in found["days"]) == 7
    assert datetime.fromisoformat(found["exported"]).tzinfo is not None
    if os.name == "posix":
        assert file.stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("name", ["folder", ".", "missing/e.json"])
def test_an_export_that_cannot_be_written_is_said(lived: Path, tmp_path: Path, name: str) -> None:
    (tmp_path / "folder").mkdir()
    done = proactive(lived, "pace", "--export", name if name == "." else str(tmp_path / name))
    assert done.returncode == 1
    assert "cannot be written" in done.stderr


def test_a_reset_needs_a_yes_and_keeps_what_the_user_chose(tmp_path: Path) -> None:
    home(tmp_path)
    assert proactive(tmp_path, "level", "4").returncode == 0
    assert proactive(tmp_path, "never", "4").returncode == 0
    asked = proactive(tmp_path, "pace", "--reset")
    assert (asked.returncode, asked.stderr) == (1, "Nothing was reset.\nAdd --yes to do it without a question.\n")
    assert json.loads(proactive(tmp_path, "pace", "--json").stdout)["answers"] == 6
    done = proactive(tmp_path, "pace", "--reset", "--yes")
    assert done.stdout.startswith("Forgotten: 6 answers.")
    after = json.loads(proactive(tmp_path, "pace", "--json").stdout)
    assert (after["answers"], after["level"], after["muted"]) == (0, 4, ["rename_scan"])
    assert [i["name"] for i in after["ideas"]] == ["rename_scan"]
    assert "Offer 1," in proactive(tmp_path, "why", "1").stdout


ODD = [
    (("pace", "--yes"), 2, "--yes belongs to --reset"),
    (("pace", "--reset", "--yes", "--json"), 2, "--reset stands alone"),
    (("pace", "--reset", "--yes", "--export", "x"), 2, "--reset stands alone"),
    (("pace", "now"), 2, "unexpected extra argument"),
]


@pytest.mark.parametrize(("args", "code", "said"), ODD, ids=["-".join(a) for a, _, _ in ODD])
def test_options_that_do_not_go_together_are_refused(lived: Path, args: tuple[str, ...], code: int, said: str) -> None:
    done = proactive(lived, *args)
    assert done.returncode == code
    assert said in " ".join(done.stderr.split())


@pytest.mark.parametrize("kept", ["", "garbage", "{}", '{"version": 9, "answers": 7}', '{"interval": 600.0, "rejected": 2}'])
def test_a_damaged_or_older_state_starts_afresh(tmp_path: Path, kept: str) -> None:
    from agent.store.sqlite import SqliteStore

    store = SqliteStore(home(tmp_path) / "data" / FILE)
    store.put_state("pace", kept)
    store.close()
    done = proactive(tmp_path, "pace", "--json")
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["answers"] == 0


@pytest.mark.parametrize("args", ["pace", "level", "level 2", "never --list", "never 1", "snooze", "resume"])
def test_a_data_folder_that_is_a_file_is_said(tmp_path: Path, args: str) -> None:
    (tmp_path / "data").write_text("", encoding="utf-8")
    done = proactive(tmp_path, *args.split())
    assert done.returncode == 1
    assert done.stderr.startswith(f"The folder {tmp_path / 'data'} cannot be used: "), done.stderr


@pytest.mark.parametrize("args", ["pace", "level", "level 2", "never --list", "snooze"])
def test_a_configuration_that_cannot_be_read_is_said(tmp_path: Path, args: str) -> None:
    folder = tmp_path / "config" / "proactive"
    folder.mkdir(parents=True)
    (folder / "private.toml").write_text("[pace]\nlevel = 9\n", encoding="utf-8")
    done = proactive(tmp_path, *args.split())
    assert done.returncode == 1
    assert "private.toml, line 2" in done.stderr
    assert "pace.level" in done.stderr
