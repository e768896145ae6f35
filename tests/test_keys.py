"""API keys: taken from where they are, kept out of every text, and given to no child."""

from __future__ import annotations

import logging
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from pydantic import SecretStr, ValidationError

from agent import keys
from agent.app import App, Given
from agent.clocks import RealClock
from agent.config import ApiKey, Settings
from agent.errors import ConfigError
from agent.llm._endpoint import Target
from agent.logs import log_to
from agent.store.memory import MemoryStore
from agent.trust._key_forms import FORMATS, FORMS, parts

SENTENCES = ("Incorrect API key provided: {}. See.", '{{"error": {{"message": "bad key \'{}\'"}}}}', "Bearer {}", "k={}&x=1")


@pytest.fixture(autouse=True)
def nothing_known() -> Iterator[None]:
    """Each test begins and ends knowing no key."""
    keys._known.clear()
    keys._taken.clear()
    yield
    keys._known.clear()
    keys._taken.clear()


@pytest.mark.parametrize("name", FORMATS)
@pytest.mark.parametrize("form", FORMS)
def test_a_key_is_taken_out_of_a_text_in_every_form(name: str, form: str) -> None:
    key = FORMATS[name]
    for sentence in SENTENCES:
        said = keys.scrub(sentence.format(FORMS[form](key)), key)
        assert [p for p in parts(key) if p in said] == [], said


def test_the_text_around_a_key_stays_and_words_that_are_no_keys_are_left_alone() -> None:
    assert keys.scrub("ollama says none", "ollama") == "ollama says none"
    assert keys.scrub(f'{{"a": "{FORMATS["groq"]}", "b": 1}}', FORMATS["groq"]) == '{"a": "[key]", "b": 1}'


def test_a_key_that_begins_with_another_goes_as_a_whole() -> None:
    long, *short = (FORMATS["xai"], *(FORMATS["xai"][:n] for n in range(16, 40)))
    for key in short:
        keys.know(SecretStr(key))
    assert keys.scrub(f"refused {long}.", long) == "refused [key]."


def test_a_key_of_the_environment_is_taken_out_of_it_and_reaches_no_child(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LAB_KEY", FORMATS["openai"])
    entry = ApiKey(api_key_env="LAB_KEY", base_url="http://127.0.0.1/", model="m")
    assert entry.secret().get_secret_value() == FORMATS["openai"]
    assert entry.secret().get_secret_value() == FORMATS["openai"], "it can be asked for again"
    child = subprocess.run(["env"], capture_output=True, text=True, check=True)
    assert [p for p in parts(FORMATS["openai"]) if p in child.stdout] == []
    assert keys.environment()["LAB_KEY"] == FORMATS["openai"], "a restart of the daemon itself needs it"


def test_a_key_is_a_secret_wherever_it_is_kept() -> None:
    key = FORMATS["openai"]
    entry = ApiKey(api_key=SecretStr(key), base_url="http://127.0.0.1/", model="m")
    target = Target("http://127.0.0.1/", entry.secret(), "m", 1.0, 1)
    for shown in (repr(entry), str(entry.model_dump(mode="json")), repr(entry.secret()), repr(target), str(target)):
        assert [p for p in parts(key) if p in shown] == []


def test_a_wrong_section_is_told_without_the_key_in_it() -> None:
    with pytest.raises(ValidationError) as error:
        ApiKey.model_validate({"api_key": [FORMATS["openai"]], "base_url": FORMATS["openai"], "model": 1})
    assert FORMATS["openai"] not in str(error.value)


def test_the_log_holds_no_known_key_not_even_in_a_traceback(tmp_path: Path) -> None:
    key = FORMATS["anthropic"]
    keys.know(SecretStr(key))
    root, before = logging.getLogger(), list(logging.getLogger().handlers)
    root.handlers.clear()
    try:
        log_to(tmp_path / "x.log")
        root.setLevel(logging.DEBUG)
        try:
            int(f"refused {key}")
        except ValueError:
            logging.getLogger("agent").exception("with %s and %s", key, FORMS["first and last"](key))
        logging.getLogger("agent").debug("args %r", {"authorization": f"Bearer {key}"})
    finally:
        for handler in root.handlers:
            handler.close()
        root.handlers[:] = before
    text = (tmp_path / "x.log").read_text()
    assert "Traceback" in text
    assert "args" in text
    assert [p for p in parts(key) if p in text] == []


KEYRING = """
class errors:
    class KeyringError(Exception): ...
class Backend: ...
Backend.__module__ = {module!r}
def get_keyring(): return Backend()
def get_password(service, name):
    if name == "locked": raise errors.KeyringError("no")
    return {{("proactive", "mine"): "kept-in-the-ring", ("proactive", "127.0.0.1"): "of-the-host"}}.get((service, name))
"""


@pytest.fixture
def ring(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[str], None]]:
    """Puts a package `keyring` in the way, whose backend comes from the module that is named."""

    def make(module: str) -> None:
        (tmp_path / "keyring.py").write_text(KEYRING.format(module=module))

    monkeypatch.syspath_prepend(str(tmp_path))
    before = sys.modules.pop("keyring", None)
    yield make
    sys.modules.pop("keyring", None)
    if before is not None:
        sys.modules["keyring"] = before


def entry(text: str) -> ApiKey:
    return ApiKey(api_key=SecretStr(text), base_url="http://127.0.0.1:1/v1", model="m")


@pytest.mark.parametrize("sign", ["…", "\u200b", "\x00", "\n"])
def test_a_key_with_a_sign_that_cannot_be_sent_is_refused_and_not_told(sign: str) -> None:
    key = f"sk-lab-{sign}0123456789"
    with pytest.raises(ConfigError, match="sign that no key has") as error:
        entry(key).secret()
    assert "0123456789" not in str(error.value)
    assert entry(" sk-lab-0123456789\n").secret().get_secret_value().strip() == "sk-lab-0123456789"


def test_a_key_of_a_model_that_is_not_used_reaches_no_child_either(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Also one that an edit added while the daemon runs."""
    monkeypatch.setenv("LAB_KEY", FORMATS["openai"])
    app = App(Settings(notify={"kind": "scripted"}), RealClock(), tmp_path, Given(store=MemoryStore()))  # type: ignore[arg-type]
    unused = ApiKey(api_key_env="LAB_KEY", base_url="http://127.0.0.1:1/v1", model="m")
    app.rebuild(app.settings.model_copy(update={"api_keys": {"spare": (unused,)}}))
    assert "LAB_KEY" not in os.environ


def test_the_key_may_be_in_the_keyring_by_name_or_by_host(ring: Callable[[str], None]) -> None:
    ring("keyring.backends.SecretService")
    assert entry("keyring:mine").secret().get_secret_value() == "kept-in-the-ring"
    assert entry("keyring").secret().get_secret_value() == "of-the-host"
    assert keys.scrub("it is kept-in-the-ring") == "it is [key]"


@pytest.mark.parametrize(("module", "name", "title", "hint"), [
    ("keyring.backends.SecretService", "other", "holds no key 'other'", "keyring set proactive other"),
    ("keyring.backends.SecretService", "locked", "cannot be read (KeyringError)", "api_key_env"),
    ("keyrings.alt.file", "mine", "plain text", "api_key_env"),
])  # fmt: skip
def test_a_keyring_that_cannot_give_the_key_says_how_to_get_there(
    ring: Callable[[str], None], module: str, name: str, title: str, hint: str
) -> None:
    ring(module)
    with pytest.raises(ConfigError) as error:
        entry(f"keyring:{name}").secret()
    assert title in error.value.title
    assert hint in error.value.hint


def test_without_the_package_the_remedy_is_its_installation(ring: Callable[[str], None], tmp_path: Path) -> None:
    (tmp_path / "keyring.py").write_text("raise ImportError")
    with pytest.raises(ConfigError, match="not installed") as error:
        entry("keyring:mine").secret()
    assert "proactive-agent[keyring]" in error.value.hint
