"""The figures of trust: parts are found, run, kept and written between the marks of the page; what is missed is said."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from agent.errors import ProactiveError
from agent.trust.page import BEGIN, END, as_json, between, text, write
from agent.trust.row import Row
from agent.trust.run import Ask, Part, collected, names, run
from tests.cli.test_commands import ROOT, proactive

GOOD = Row("X1", "a | b\nand <c>", 1200, "0 lost", "0", ok=True)
MISSED = Row("X2", "more", 3, "1 lost", "0", ok=False)
REPORT = Row("X3", "only said", 0, "12 %", "", ok=None)
PARTS = [Part("store", "What is kept.", (GOOD, MISSED, REPORT), 61.0)]
DAY = date(2026, 3, 2)


def test_the_page_says_how_much_is_met_and_holds_each_row_with_the_command_of_its_part() -> None:
    said = text(PARTS, Ask(data=Path("x")), DAY)
    assert said.startswith("1 of 2 goals are met; 1 rows are reports only. Run of everything, 2026-03-02")
    assert "`proactive bench trust --only store --data DIR`, 61 s." in said
    assert "| X1 | a \\| b and &lt;c> | 1,200 | 0 lost | 0 | yes |" in said
    assert "| X2 | more | 3 | 1 lost | 0 | NO |" in said
    assert "| X3 | only said | - | 12 % |  | report |" in said


def test_a_sample_is_called_one() -> None:
    said = text(PARTS, Ask(full=False), DAY)
    assert "Run of a sample" in said
    assert "`proactive bench trust --only store --sample`" in said


def test_only_what_stands_between_the_marks_is_replaced(tmp_path: Path) -> None:
    page = tmp_path / "trust.md"
    page.write_text(f"# Trust\n\nOwn words.\n\n{BEGIN}\nold\n{END}\n\n## More\n", encoding="utf-8")
    files = write(PARTS, Ask(), tmp_path, DAY)
    said = page.read_text(encoding="utf-8")
    assert said.startswith("# Trust\n\nOwn words.\n")
    assert said.endswith(f"{END}\n\n## More\n")
    assert "old" not in said
    assert [f.name for f in files] == ["trust.md", "trust.json"]
    kept = json.loads(files[1].read_text(encoding="utf-8"))
    assert kept["missed"] == ["X2"]
    assert kept["rows"][0] == {"part": "store", **GOOD._asdict()}
    assert kept == as_json(PARTS, Ask(), DAY)
    again = between(said, text(PARTS, Ask(), DAY))
    assert again == said


def test_a_page_without_marks_is_refused_and_left_alone(tmp_path: Path) -> None:
    (tmp_path / "trust.md").write_text("mine", encoding="utf-8")
    with pytest.raises(ProactiveError, match="no place"):
        write(PARTS, Ask(), tmp_path, DAY)
    assert (tmp_path / "trust.md").read_text(encoding="utf-8") == "mine"


def test_the_page_of_this_repository_has_its_marks() -> None:
    page = (ROOT / "docs" / "trust.md").read_text(encoding="utf-8")
    assert between(page, "x").count(BEGIN) == 1


def test_every_part_is_found_and_what_is_finished_is_not_run_again(tmp_path: Path) -> None:
    assert {"soak", "suite"} <= set(names())
    ask = Ask(full=False, only=("soak",), resume=tmp_path / "kept.jsonl")
    first = run(ask)
    assert [p.name for p in first] == ["soak"]
    assert first[0].rows
    kept = (tmp_path / "kept.jsonl").read_text(encoding="utf-8")
    marked = kept.replace(f'"id": "{first[0].rows[0].id}"', '"id": "kept"', 1)
    (tmp_path / "kept.jsonl").write_text(marked, encoding="utf-8")
    assert run(ask)[0].rows[0].id == "kept"
    assert run(ask._replace(data=tmp_path))[0].rows[0].id != "kept", "another corpora folder is another run"


def test_a_part_that_breaks_ends_with_a_row_that_is_not_met(caplog: pytest.LogCaptureFixture) -> None:
    def rows() -> Iterator[Row]:
        yield GOOD
        raise RuntimeError("out of order")

    made, whole = collected("store", rows())
    assert (made[0], made[1].id, made[1].ok, whole) == (GOOD, "store", False, False)
    assert "RuntimeError: out of order" in made[1].result
    assert "the part store broke" in caplog.text
    assert collected("store", iter([GOOD])) == ((GOOD,), True)


def test_an_unknown_part_is_named(tmp_path: Path) -> None:
    done = proactive(tmp_path, "bench", "trust", "--only", "gone")
    assert done.returncode == 1
    assert "There is no part 'gone'." in done.stderr


@pytest.mark.skipif(shutil.which("make") is None, reason="make is not installed")
@pytest.mark.parametrize(
    ("call", "said"),
    [
        (("trust", "DATA=/x y"), "bench trust --data '/x y' --out docs --resume .venv/trust.resume"),
        (("trust",), "bench trust  --out docs --resume .venv/trust.resume"),
        (("soak",), "bench soak --minutes 60 --out docs/soak"),
        (("soak", "MINUTES=5"), "bench soak --minutes 5 --out docs/soak"),
        (("soak", "DAYS=30"), "bench soak --days 30 --out docs/soak"),
        (("sabotage",), "bench sabotage"),
    ],
)
def test_make_calls_the_bench(call: tuple[str, ...], said: str) -> None:
    done = subprocess.run(["make", "-n", *call], cwd=ROOT, capture_output=True, text=True, check=True)
    assert said in done.stdout
