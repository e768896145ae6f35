"""`bench cost` as a whole: a short day through a real ActivityWatch server and the daemon's own loop."""

from __future__ import annotations

import importlib.util
import json
import logging
from pathlib import Path
from typing import Any

import pytest

from agent.bench import cost as bench
from agent.bench.cost import cost
from agent.errors import ConfigError, SensorError
from tests.bench.days import at, event, raw_day, span
from tests.stub_llm import StubEndpoint, completion, stub

needs_server = pytest.mark.skipif(
    importlib.util.find_spec("aw_server") is None, reason="the ActivityWatch server is not installed (extra 'demo')"
)
SECRET = "sk-live-M9zYuc88SDZ4LczmDBC58qKEJnmtZ5BB"
MINUTES = 40


def short_day(folder: Path) -> Path:
    """40 minutes of going to and fro between an editor, a terminal and pages, six of them in a report (two breakpoints); a
    secret and a private page; then a break.
    """
    window: list[dict[str, Any]] = []
    for n in range(MINUTES * 4):
        app, title = [
            ("Code", f"module_{n // 4}.py - shop - Visual Studio Code"),
            ("Alacritty", "pytest -x tests/test_cart.py"),
            ("Google-chrome", f"Question {n // 8} about carts - Stack Overflow - Google Chrome"),
            ("Slack", "#shop - Slack"),
        ][n % 4]
        if 60 <= n < 84:
            app, title = "libreoffice-writer", "report.odt - LibreOffice Writer"
        window.append(event(n * 15, 14, app=app, title=title))
    window[20]["data"] = {"app": "Alacritty", "title": f"export KEY={SECRET}"}
    window[22]["data"] = {"app": "Google-chrome", "title": "My strange rash - Google Chrome (Incognito)"}
    end = MINUTES * 60
    truth = {
        "moments": [span(900, end, want="help")],
        "away": [span(end, end + 900)],
        "blocks": [span(0, end)],
        "secrets": [{"value": SECRET}],
    }
    afk = [event(0, end, status="not-afk"), event(end + 0.001, 900, status="afk")]
    window.append(event(end, 900, app="Code", title="left open"))
    file = folder / "short.json"
    file.write_text(json.dumps(raw_day(truth, window=window, afk=afk)))
    return file


@pytest.mark.e2e
@needs_server
async def test_a_short_day_is_played_measured_and_within_the_limits(tmp_path: Path) -> None:
    shares: list[float] = []
    before = logging.getLogger().level
    report = await cost(short_day(tmp_path), "stub", shares.append)
    assert shares == sorted(shares)
    assert shares[-1] == 1.0
    assert report.window_time_seen >= 0.999
    assert (report.buckets, report.polls_per_hour) == (2, 60.0)
    assert report.offers == report.offers_ok_at_breakpoint == 1
    assert report.llm_calls_quiet == report.offers_quiet == report.llm_calls_unchanged == 0
    assert report.secrets_leaked == report.private_leaked == 0
    assert report.help_moments_reached == report.help_moments == 1
    assert 0 < report.prompt_tokens_max <= 3000
    assert report.failed == 0
    assert logging.getLogger().level == before


@pytest.mark.parametrize("judge", ["llm", "both"])
async def test_a_judge_that_needs_a_model_is_refused_without_one(tmp_path: Path, judge: str) -> None:
    with pytest.raises(ConfigError, match=f"The judge '{judge}' needs a model"):
        await cost(short_day(tmp_path), "offline", judge=judge)


@pytest.mark.e2e
@needs_server
async def test_without_a_judge_every_proposal_is_offered(tmp_path: Path) -> None:
    offered = {judge: await cost(short_day(tmp_path), "stub", judge=judge) for judge in ("off", "scorer", "both")}
    assert offered["off"].judge == "off"
    assert offered["off"].offers > offered["scorer"].offers == 0, "the stub's tasks are words without sense"
    assert offered["off"].offers >= offered["both"].offers
    assert all(p.p_accept >= max(p.others, default=0.0) for r in offered.values() for p in r.proposals)


@pytest.mark.e2e
@needs_server
async def test_the_search_for_leaks_would_find_what_is_not_private(tmp_path: Path) -> None:
    """The same search finds a public title in prompts and in the database: nothing found means nothing there."""
    file = short_day(tmp_path)
    raw = json.loads(file.read_text())
    raw["truth"]["secrets"].append({"value": "pytest -x tests/test_cart.py"})
    file.write_text(json.dumps(raw))
    report = await cost(file, "offline")
    assert (report.secrets, report.secrets_leaked) == (2, 1)
    assert report.prompt_tokens_day == 0


@pytest.mark.e2e
@needs_server
async def test_a_model_of_the_configuration_is_asked_over_its_endpoint(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def answer(_: dict[str, Any]) -> Any:
        return completion(json.dumps({"purpose": "p", "thoughts": "quiet", "candidates": []}))

    async with stub(answer=answer) as endpoint:
        write_config(tmp_path, endpoint, monkeypatch)
        report = await cost(short_day(tmp_path), "mine")
        assert endpoint.requests
    assert report.model == "mine"
    assert report.offers == 0
    assert report.prompt_tokens_max > 0


def write_config(folder: Path, endpoint: StubEndpoint, monkeypatch: pytest.MonkeyPatch) -> None:
    config = folder / "private.toml"
    config.write_text(f'[[api_keys.mine]]\napi_key = "k"\nbase_url = "{endpoint.base_url}"\nmodel = "m"\n')
    monkeypatch.setenv("PROACTIVE_CONFIG", str(config))


async def test_an_unknown_model_is_said_with_the_ones_there_are(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_config(tmp_path, StubEndpoint([]), monkeypatch)
    with pytest.raises(ConfigError, match=r"no model 'stubb'.*stub, offline, mine"):
        await cost(short_day(tmp_path), "stubb")


async def test_a_day_that_cannot_be_read_is_said_before_anything_starts(tmp_path: Path) -> None:
    with pytest.raises(SensorError, match=r"gone\.json cannot be read"):
        await cost(tmp_path / "gone.json", "stub")


def test_a_long_night_is_passed_over_and_a_lunch_is_not() -> None:
    night, lunch = (at(0), at(8 * 3600)), (at(36_000), at(39_600))
    assert bench._past_night(at(300), [night]) == at(300)
    assert bench._past_night(at(900), [night]) == at(8 * 3600 - 600)
    assert bench._past_night(at(8 * 3600 - 500), [night]) == at(8 * 3600 - 500)
    assert bench._past_night(at(37_500), [night, lunch]) == at(37_500)
