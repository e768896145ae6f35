"""The trials of the redaction: whole they let nothing through, and they notice when something gets through."""

from __future__ import annotations

import pytest

from agent.core.redact import Rules, redact
from agent.trust._broken import Fault, faults, injected
from agent.trust._private import LANGUAGES, MODES, events_in_private
from agent.trust._screens import SCREENS
from agent.trust._wire import CONTROL, at_work, forget, run, secrets_at_work, seen
from agent.trust.redaction import rows

SAMPLE = (
    Fault("agent.core.texts.hide_secrets", "raises"),
    Fault("agent.core.redact._look", "times out"),
    Fault("agent.core.redact.redact_url", "does nothing"),
    Fault("agent.core.secrets._PASSWORD", "has no rules"),
)


def test_work_reaches_the_model_and_no_secret_in_it_does() -> None:
    events, values, files = secrets_at_work()
    out = run(events, files)
    assert out.asked
    assert CONTROL in out.text
    assert out.leaks(values) == []
    assert not out.told


@pytest.mark.parametrize("fault", SAMPLE, ids=str)
def test_a_broken_stage_lets_nothing_out_and_is_told(fault: Fault) -> None:
    events, values, files = secrets_at_work()
    with injected(fault):
        out = run(events, files)
    forget()
    assert out.leaks(values) == []
    assert out.told
    assert redact([seen("window", 50, 5, app="a", title="b")], Rules()).events, "the fault is gone again"


def test_there_are_more_than_sixty_faults_each_tried_once() -> None:
    tried = list(faults())
    assert len(tried) == len(set(tried)) > 60
    assert set(SAMPLE) <= set(tried)


def test_private_browsing_is_tried_in_twelve_languages_and_a_leak_would_be_seen() -> None:
    batches = list(events_in_private())
    assert len(batches) == len(MODES) * len(LANGUAGES)
    assert sum(b.private for b in batches) >= 500
    batch = batches[17]
    assert run(batch.events).leaks(batch.values) == []
    leaking = seen("window", 600, 5, app="gedit", title=f"{batch.values[0]} notes")
    assert run([*at_work(), leaking]).leaks(batch.values) == batch.values


def test_titles_off_leaves_no_private_word() -> None:
    for title, url, private in SCREENS:
        events = [seen("window", 90, 9, app="firefox", title=title), seen("web", 90, 9, title=title, url=url)]
        left = str([e.data for e in redact(events, Rules(titles=False)).events])
        assert not any(word in left for word in private)


@pytest.mark.slow
def test_the_sample_of_every_row_meets_its_goal() -> None:
    found = list(rows(full=False, data=None))
    assert {r.id for r in found} == {"P2", "P3", "P5", "P6", "P7"}
    assert [r for r in found if r.ok is False] == []
