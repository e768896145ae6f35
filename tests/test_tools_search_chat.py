"""The search and chat tools: what is shown is what is sent, one place only, and nothing secret."""

from __future__ import annotations

import os
import stat
import sys
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from agent.core.ports import LLMRequest
from agent.core.records import LLMCall
from agent.errors import ToolError
from agent.plug import Supplies
from agent.tools import chat, search
from agent.tools._browser import open_in_browser
from tests.conftest import NOW

SECRET = "sk-proj-Zx81kQpW0aLmN4tYcVbR7uEoDs29fGhJ5iKx"
ENGINE = "https://duckduckgo.com/?q={query}"


class Window:
    """A browser that keeps the addresses it is given."""

    def __init__(self, *, present: bool = True) -> None:
        self.opened: list[str] = []
        self.present = present

    async def __call__(self, url: str) -> bool:
        if self.present:
            self.opened.append(url)
        return self.present


class EchoLLM:
    """Answers every question the same and keeps the requests."""

    name = "small-model"

    def __init__(self, answer: str) -> None:
        self.answer = answer
        self.requests: list[LLMRequest] = []

    async def complete(self, request: LLMRequest) -> LLMCall:
        self.requests.append(request)
        return LLMCall(at=NOW, purpose=request.purpose, host="h", model="m", prompt=request.user, answer=self.answer)

    async def close(self) -> None: ...


async def test_the_words_shown_are_the_words_searched_for() -> None:
    window = Window()
    tool, args = search.Search(ENGINE, window), search.Args(query="  python   asyncio\n 'wait_for' & co ")
    assert tool.describe(args) == "Search the web for \"python asyncio 'wait_for' & co\" (duckduckgo.com)"
    assert (await tool.run(args)).text == "Searched the web for \"python asyncio 'wait_for' & co\"."
    assert window.opened == ["https://duckduckgo.com/?q=python%20asyncio%20%27wait_for%27%20%26%20co"]


def test_long_words_are_shown_instead_of_the_host() -> None:
    line = search.Search(ENGINE).describe(search.Args(query="how to make a lambda that keeps the loop variable in"))
    assert line == 'Search the web for "how to make a lambda that keeps the loop variable in"'
    line = search.Search(ENGINE).describe(search.Args(query="word " * 39))
    assert len(line) == 80
    assert line.endswith('…"')


@given(st.text(min_size=1, max_size=210))
async def test_whatever_the_model_writes_only_the_engine_s_host_is_opened(query: str) -> None:
    try:
        args = search.Args(query=query)
    except ValidationError:
        return
    window = Window()
    try:
        await search.Search(ENGINE, window).run(args)
    except ToolError:
        return
    parts = urlsplit(window.opened[0])
    assert (parts.scheme, parts.netloc, parts.path, parts.fragment) == ("https", "duckduckgo.com", "/", "")
    assert list(parse_qs(parts.query)) == ["q"]
    assert window.opened[0].isascii()


@pytest.mark.parametrize("query", ["", "   ", "\x00\x1b\u202e", "a" * 201, "a " * 101])
def test_a_query_that_is_empty_or_longer_than_200_signs_is_refused(query: str) -> None:
    with pytest.raises(ValidationError):
        search.Args(query=query)


async def test_a_secret_is_not_searched_for() -> None:
    window = Window()
    tool = search.Search(ENGINE, window)
    args = search.Args(query=f"what is {SECRET}")
    assert tool.describe(args) == 'Search the web for "what is" (duckduckgo.com)'
    await tool.run(args)
    assert window.opened == ["https://duckduckgo.com/?q=what%20is"]
    with pytest.raises(ValidationError, match="holds nothing once secrets are removed"):
        search.Args(query=SECRET)


async def test_without_a_browser_the_address_is_the_result() -> None:
    result = await search.Search(ENGINE, Window(present=False)).run(search.Args(query="maps"))
    assert result.text == "No browser could be opened here. The search is at https://duckduckgo.com/?q=maps"


@pytest.mark.parametrize(
    "engine",
    [
        *(
            "http://duckduckgo.com/?q={query}",
            "https://duckduckgo.com/",
            "https://{query}.com/",
            "javascript:{query}",
            "{query}",
        ),
        *(
            "https://a.org/{query}{query}",
            "https://a.org/{query}{other}",
            "https://u:p@a.org/?q={query}",
            "https://a.org{query}",
        ),
    ],
)
def test_an_engine_that_is_not_one_https_host_is_refused(engine: str) -> None:
    with pytest.raises(ValidationError):
        search.Settings(engine=engine)


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="xdg-open is of Linux desktops")
@pytest.mark.parametrize(("display", "opened"), [(":99", True), ("", False)])
async def test_the_browser_is_started_by_argument_list_and_only_on_a_display(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, display: str, *, opened: bool
) -> None:
    fake, log = tmp_path / "xdg-open", tmp_path / "log"
    fake.write_text(f'#!/bin/sh\nprintf "%s|" "$@" > "{log}"\n')
    fake.chmod(fake.stat().st_mode | stat.S_IXUSR)
    for name in ("BROWSER", "WAYLAND_DISPLAY", "DISPLAY"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("PATH", f"{tmp_path}{os.pathsep}{os.environ['PATH']}")
    if display:
        monkeypatch.setenv("DISPLAY", display)
    assert await open_in_browser("https://a.org/?q=$(id);x y") is opened
    assert (log.read_text() if log.exists() else "") == ("https://a.org/?q=$(id);x y|" if opened else "")


class AtHosts(EchoLLM):
    """A model that knows where a question may go."""

    host = "api.openai.com or 127.0.0.1:11434"


def test_the_line_names_the_hosts_that_a_question_may_go_to_not_the_alias() -> None:
    args = chat.Args(question="How do I bind an argument?")
    line = chat.Chat(AtHosts("x"), 600).describe(args)
    assert line == 'Ask api.openai.com or 127.0.0.1:11434: "How do I bind an argument?"'
    long = chat.Chat(AtHosts("x"), 600).describe(chat.Args(question="word " * 60))
    assert len(long) <= 80
    assert long.startswith("Ask api.openai.com or 127.0.0.1:11434: ")


async def test_a_question_is_asked_once_without_tools_and_its_answer_copied() -> None:
    llm = EchoLLM("Use functools.partial.\x1b[31m\u202e\n")
    tool, args = chat.Chat(llm, 600), chat.Args(question="How do I bind\nan argument?")
    assert tool.describe(args) == 'Ask small-model: "How do I bind an argument? …"'
    result = await tool.run(args)
    assert result.text == result.clipboard == "Use functools.partial.[31m"
    assert len(result.calls) == len(llm.requests) == 1
    asked = llm.requests[0]
    assert (asked.purpose, asked.user, asked.format, asked.max_tokens) == ("chat", "How do I bind\nan argument?", None, 600)
    assert asked.system.startswith("You answer one question of a person at work.")


async def test_a_secret_in_a_question_does_not_reach_the_model() -> None:
    llm = EchoLLM("ok")
    await chat.Chat(llm).run(chat.Args(question=f"Why is {SECRET} refused?"))
    assert SECRET not in llm.requests[0].user


async def test_without_a_model_a_question_is_refused_before_it_is_offered() -> None:
    tool = chat.build(chat.Settings(), Supplies(clock=None))
    with pytest.raises(ToolError, match="No model is configured"):
        tool.describe(chat.Args(question="Why?"))


async def test_an_empty_answer_is_a_failure() -> None:
    with pytest.raises(ToolError, match="empty answer"):
        await chat.Chat(EchoLLM(" \x00 ")).run(chat.Args(question="Why?"))
