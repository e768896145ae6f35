"""The bench of the redaction: what counts as gone, what it reads, what it says."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import pytest

from agent.bench.redact import gone, interval, measure
from agent.bench.redact_data import corpora
from agent.errors import ProactiveError
from tests.cli.test_commands import proactive

TOKEN = "glpat-" + "q7Zr2Xv9Lm4Kt8Wb3Nc6"
UUID = "a0ce4d19-7a3e-beef-cafe-9129474bcd81"
GENERATED = [{"kind": "gitlab", "text": f"export T={TOKEN}", "secret": TOKEN}, {"kind": "word", "text": "my x", "secret": "my"}]
LABELLED = [
    {"kind": "Gitlab", "confidence": "strong", "secret": TOKEN, "line": f"t: {TOKEN}"},
    {"kind": "UUID", "confidence": "strong", "secret": UUID, "line": UUID},
    {"kind": "Password", "confidence": "moderate", "secret": "hunter2", "line": "password = 'hunter2'"},
]  # fmt: skip
BENIGN = ["Hacker News", "Rent a bike", f"leaked {TOKEN}"]
HARD = [
    {"class": "sha", "text": "Fix it · 9efd4c0", "expect": "keep"},
    {"class": "url", "text": f"https://a.example/d/{TOKEN}", "expect": "redact"},
]
PII = [
    {"full_text": "mail mira@firma.example", "spans": [{"entity_type": "EMAIL_ADDRESS", "entity_value": "mira@firma.example"}]}
]


def written(folder: Path) -> dict[str, Path]:
    lines = {"generated.jsonl": GENERATED, "labelled.jsonl.gz": LABELLED, "hard.jsonl": HARD}
    made: dict[str, Path] = {}
    for name, entries in lines.items():
        raw = "\n".join(map(json.dumps, entries)).encode()
        made[name.partition(".")[0]] = folder / name
        (folder / name).write_bytes(gzip.compress(raw) if name.endswith("gz") else raw)
    for name, whole in {"benign": BENIGN, "pii": PII}.items():
        made[name] = folder / f"{name}.json"
        made[name].write_text(json.dumps(whole), encoding="utf-8")
    return made


def test_a_value_is_gone_only_if_no_piece_of_it_is_left() -> None:
    assert gone("abcdefgh", "x abcdefgh", "x [secret]")
    assert not gone("abcdefgh", "x abcdefgh", "x abcdefgh")
    assert not gone("abcdefghijkl", "x abcdefghijkl", "x [secret]ghijkl")
    assert gone("password1", "password = password1", "password = [secret]")
    assert gone("ab", "a ab", "a [secret]")
    assert gone("my-secret-1", "x my-secret-1", "x [secret]")


def test_an_interval_holds_the_share_and_is_wide_for_few() -> None:
    low, high = interval([True] * 20) or (0, 0)
    assert (round(low, 2), high) == (0.84, 1.0)
    assert interval([]) is None


def test_every_figure_is_of_the_rows_it_speaks_of(tmp_path: Path) -> None:
    f = written(tmp_path)
    found = measure(corpora([f["generated"], f["labelled"]], [f["benign"], f["hard"]], [f["pii"]]))
    assert (found["recall_in_context"], found["n_in_context"]) == (0.5, 2)
    assert found["recall_by_kind"]["gitlab"] == 1.0
    assert found["recall_by_kind"]["word"] == 0.0
    assert (found["recall_strong"], found["n_strong"]) == (1.0, 5), "the UUID is not among them"
    assert (found["recall_password"], found["n_password"]) == (1.0, 1)
    assert (found["recall_url"], found["recall_capability"]) == (1.0, 1.0)
    assert (found["false_positive_rate"], found["n_texts"]) == (0.25, 4)
    assert (found["false_positive_rate_benign"], found["false_positive_rate_hard"]) == (1 / 3, 0.0)
    assert found["pii_recall"] == {"EMAIL_ADDRESS": 1.0}
    assert found["p95_ms"] < 50
    assert {m["figure"] for m in found["misses"]} >= {"recall_in_context", "false_positive_benign"}
    assert len(found["sha256"]) == 5


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        ("a.jsonl", '{"kind": "k", "secret": "s", "text": "a s"}\n{oops', "a.jsonl, line 2: not JSON"),
        ("a.jsonl", '\n{"kind": "k", "text": "a s"}', "a.jsonl, line 2: secret is missing"),
        ("a.jsonl", '{"kind": "k", "secret": "s", "text": "a"}', "line 1: the secret does not stand in its text"),
        ("a.jsonl", '"text"', "line 1"),
        ("a.json", "{}", "no list"),
        ("a.json", "[\n1,\n", "a.json, line 3: not JSON"),
        ("a.jsonl", "", "has no entries"),
    ],
)
def test_a_bad_file_is_named_with_its_line(tmp_path: Path, name: str, text: str, said: str) -> None:
    (tmp_path / name).write_text(text, encoding="utf-8")
    with pytest.raises(ProactiveError) as error:
        corpora([tmp_path / name], [], [])
    assert said in f"{error.value.title} {error.value.hint}"


def test_the_command_prints_a_table_or_json_and_lists_misses_on_demand(tmp_path: Path) -> None:
    f = written(tmp_path)
    args = ("bench", "redact", "--secrets", str(f["generated"]), "--benign", str(f["benign"]))
    done = proactive(tmp_path, *args, "--json")
    found = json.loads(done.stdout)
    assert (found["recall_in_context"], found["recall_strong"], "misses" in found) == (0.5, None, False)
    done = proactive(tmp_path, *args, "--misses")
    assert "NOT MET" in done.stdout
    assert "Rent a bike" not in done.stdout
    assert "false_positive" in done.stdout
    done = proactive(tmp_path, "bench", "redact", "--pii", "gone.json")
    assert (done.returncode, "gone.json cannot be read" in done.stderr) == (1, True)
    assert proactive(tmp_path, "bench", "redact").returncode == 2
