"""The configuration: the example is true, errors name file, line and nearest key, a broken edit loses nothing."""

from __future__ import annotations

import contextlib
import os
import time
from pathlib import Path
from typing import Any

import pytest
import tomli

from agent.config import ApiKey, Settings
from agent.configfile import Watch, find, locate, read, secluded
from agent.errors import ConfigError
from agent.plug import load

EXAMPLE = Path(__file__).resolve().parent.parent / "example_config.toml"
GOOD = """
[request]
default_completions_model = "main"

[[api_keys.main]]
api_key = "k"
base_url = "http://127.0.0.1:1/v1"
model = "m"
"""


def write(folder: Path, text: str) -> Path:
    path = folder / "private.toml"
    path.write_text(text, encoding="utf-8")
    return path


def test_the_example_is_valid_and_changes_nothing() -> None:
    settings = read(EXAMPLE)
    assert settings.alias("agent") == ""
    assert settings.model_copy(update={"api_keys": {}, "activitywatch": {}}) == Settings()


def test_the_example_names_every_key_with_its_default() -> None:
    raw: dict[str, Any] = tomli.loads(EXAMPLE.read_text(encoding="utf-8"))
    for section in ("request", "agent", "reward_model", "chat", "pace", "privacy", "notify", "tools"):
        defaults = getattr(Settings(), section).model_dump(mode="json")
        assert raw[section] == defaults, section
    assert set(raw["api_keys"]["main"][0]) == set(ApiKey.model_fields)
    known = load("sense", "activitywatch").Settings()
    assert raw["activitywatch"] == {k: getattr(known, k) for k in raw["activitywatch"]}


def test_the_documented_path_works(tmp_path: Path) -> None:
    text = EXAMPLE.read_text(encoding="utf-8")
    text = text.replace('default_completions_model = ""', 'default_completions_model = "main"')
    text = text.replace('api_key = ""', 'api_key = "secret"').replace("https://api.openai.com/v1", "http://127.0.0.1:9/v1")
    settings = read(write(tmp_path, text))
    assert settings.alias("agent") == settings.alias("reward_model") == settings.alias("chat") == "main"
    assert settings.api_keys["main"][0].secret().get_secret_value() == "secret"
    assert "secret" not in repr(settings)


WRONG = [
    ("[request]\ntimeuot = 3\n", 2, "unknown key 'request.timeuot'", "timeout"),
    ("[pace]\npoll = 60\nfloor = 'x'\n", 3, "pace.floor", ""),
    ("[requests]\n", 1, "unknown key 'requests'", "request"),
    (GOOD + 'modell = "x"\n', 9, "unknown key 'api_keys.main.modell'", "model"),
    ("[activitywatch]\nprot = 5600\n", 2, "unknown key 'activitywatch.prot'", "port"),
    ("[request]\ndefault_completions_model = 'gone'\n", 1, "there is no [[api_keys.gone]]", ""),
    ("[notify]\nkind = 'toast'\n", 2, "no kind 'toast'", ""),
    ("[[sense]]\nkind = 'files'\n[[sense]]\nkind = 'file'\n", 4, "no kind 'file'", "files"),
    ("[tools]\nallow = ['serch']\n", 2, "no kind 'serch'", "search"),
    ("[tools]\nallw = ['search']\n", 2, "no kind 'allw'", ""),
    ("[request\n", 1, "line 1", ""),
    ("[reward_model]\nkind = 'llm'\n", 1, "needs a model", ""),
    ("[reward_model]\nkind = 'both'\n", 1, "needs a model", ""),
    ("[reward_model]\nkind = 'best'\n", 2, "reward_model.kind", ""),
    ("[reward_model]\nthreshold = 40\n", 2, "reward_model.threshold", ""),
    ("[pace]\npoll = 60\nquiet_hours = '24:00-07:00'\n", 3, "pace.quiet_hours: 24:00 is no time of day", ""),
    ("[pace]\nfloor = 20\nceiling = 10\n", 3, "pace.ceiling: 10 minutes is less than floor (20 minutes)", ""),
    ("[pace]\nfloor = 40\n", 1, "pace.ceiling: 30 minutes is less than floor (40 minutes)", ""),
    ("[privacy]\ntitles = true\nexcluded_titles = ['ok', '/[a-/']\n", 3, "privacy.excluded_titles", ""),
    (GOOD.replace("http://127.0", "127.0"), 7, "api_keys.main.base_url: this is no http or https address", ""),
    (GOOD.replace("http://127.0.0.1:1/v1", "http://h:x/v1"), 7, "api_keys.main.base_url: this is no http or https address", ""),
    (GOOD.replace("http://127.0.0.1:1/v1", "https://u:p@h/v1"), 7, "api_keys.main.base_url: the address holds a name", ""),
    ("[tools]\nallow = ['search']\n[tools.chat]\nmax_tokenz = 9\n", 4, "unknown key 'tools.chat.max_tokenz'", ""),
    ("[notify]\nttl = 9\n", 2, "notify.ttl: it has no effect; set toast_seconds under [pace]", ""),
    ("[notify]\nkind = 'console'\nttl = 9\n", 3, "notify.ttl: it has no effect; set toast_seconds under [pace]", ""),
    ("[tools.search]\nengin = 'x'\n", 2, "unknown key 'tools.search.engin'", ""),
]


@pytest.mark.parametrize(("text", "line", "title", "hint"), WRONG, ids=[f"{w[2]}-{i}" for i, w in enumerate(WRONG)])
def test_an_error_names_file_line_and_nearest_key(tmp_path: Path, text: str, line: int, title: str, hint: str) -> None:
    with pytest.raises(ConfigError) as e:
        read(write(tmp_path, text))
    assert title in e.value.title
    assert hint in e.value.hint
    if line:
        assert f"line {line}" in e.value.title


def test_bytes_that_are_no_text_and_depth_without_end_are_errors_not_crashes(tmp_path: Path) -> None:
    path = tmp_path / "private.toml"
    path.write_bytes(b'a = "\xff"\n')
    with pytest.raises(ConfigError, match="not UTF-8"):
        read(path)
    path.write_text("a = " + "[" * 5000, encoding="utf-8")
    with pytest.raises(ConfigError):
        read(path)


def test_every_truncation_of_the_example_is_read_or_refused(tmp_path: Path) -> None:
    data = EXAMPLE.read_bytes()
    path = tmp_path / "private.toml"
    for cut in range(0, len(data), 37):
        path.write_bytes(data[:cut])
        with contextlib.suppress(ConfigError):
            read(path)


def test_a_broken_edit_keeps_the_settings_before_it_and_says_so(tmp_path: Path) -> None:
    path = write(tmp_path, GOOD)
    watch = Watch(path, read(path), settle=0)
    assert not watch.changed()
    write(tmp_path, GOOD.replace('"main"', '"'))
    assert not watch.changed()
    assert "line" in watch.problem
    assert watch.settings.alias("agent") == "main"
    write(tmp_path, GOOD.replace('model = "m"', 'model = "another"'))
    assert watch.changed()
    assert watch.problem == ""
    assert watch.settings.api_keys["main"][0].model == "another"


def test_a_deleted_configuration_changes_nothing(tmp_path: Path) -> None:
    path = write(tmp_path, GOOD)
    watch = Watch(path, read(path), settle=0)
    path.unlink()
    assert not watch.changed()
    assert watch.settings.alias("agent") == "main"
    assert "is gone" in watch.problem
    write(tmp_path, GOOD)
    assert not watch.changed()
    assert watch.problem == ""


KEEPS = GOOD + "[privacy]\ntitles = false\nexcluded_apps = ['Bank']\n"


@pytest.mark.parametrize(
    ("left", "said"),
    [("", "says nothing"), ("# to be written\n", "says nothing"), (GOOD, "lost excluded_apps, titles under [privacy]"),
     (KEEPS[:KEEPS.index("excluded")], "lost excluded_apps under [privacy]")],
)  # fmt: skip
def test_a_half_written_file_lets_out_nothing(tmp_path: Path, left: str, said: str) -> None:
    path = write(tmp_path, KEEPS)
    watch = Watch(path, read(path), settle=0)
    write(tmp_path, left)
    assert not watch.changed()
    assert said in watch.problem
    assert watch.settings.privacy.titles is False
    write(tmp_path, KEEPS.replace("'Bank'", ""))
    assert watch.changed(), "an entry may go, a key may not"
    assert (watch.problem, watch.settings.privacy.excluded_apps) == ("", ())


def test_a_key_of_privacy_that_said_what_is_so_anyway_may_go(tmp_path: Path) -> None:
    path = write(tmp_path, GOOD + "[privacy]\ntitles = true\nexcluded_apps = []\n")
    watch = Watch(path, read(path), settle=0)
    write(tmp_path, GOOD + "[pace]\nlevel = 5\n")
    assert watch.changed()
    assert (watch.problem, watch.settings.pace.level) == ("", 5)


def test_another_file_in_the_place_of_the_old_one_is_an_edit_also_with_its_size_and_time(tmp_path: Path) -> None:
    path = write(tmp_path, GOOD + "[pace]\nlevel = 1\n")
    watch, found = Watch(path, read(path), settle=0), path.stat()
    other = tmp_path / "other.toml"
    other.write_text(path.read_text(encoding="utf-8").replace("level = 1", "level = 2"), encoding="utf-8")
    other.chmod(0o600)
    os.utime(other, ns=(found.st_atime_ns, found.st_mtime_ns))
    other.replace(path)
    assert watch.changed()


def test_an_edit_counts_once_the_file_has_stayed_as_it_is(tmp_path: Path) -> None:
    path = write(tmp_path, GOOD)
    watch = Watch(path, read(path), settle=0.2)
    write(tmp_path, GOOD + "[pace]\nlevel = 1\n")
    assert not watch.changed()
    path.unlink()
    assert not watch.changed(), "for a moment, as some editors do"
    write(tmp_path, GOOD + "[pace]\nlevel = 2\n")
    assert not watch.changed()
    assert watch.problem == ""
    time.sleep(0.21)
    assert watch.changed()
    assert watch.settings.pace.level == 2
    write(tmp_path, GOOD)
    os.utime(path, (1, 1))
    assert watch.changed(), "written long ago, and moved here"


@pytest.mark.skipif(os.name != "posix", reason="pipes in folders are a POSIX matter")
def test_what_is_no_file_is_never_waited_for(tmp_path: Path) -> None:
    path = write(tmp_path, GOOD)
    watch = Watch(path, read(path), settle=0)
    path.unlink()
    os.mkfifo(path)
    assert not watch.changed()
    assert "no file" in watch.problem


def test_the_search_order(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    home = tmp_path / "config" / "proactive"
    home.mkdir(parents=True)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.delenv("PROACTIVE_CONFIG", raising=False)
    work = tmp_path / "work"
    work.mkdir()
    monkeypatch.chdir(work)
    assert find() is None
    if os.name == "posix" and "darwin" not in os.uname().sysname.lower():
        user = write(home, GOOD)
        assert find() == user
    write(work, GOOD)
    assert find() == Path("private.toml")
    named = write(tmp_path, GOOD)
    monkeypatch.setenv("PROACTIVE_CONFIG", str(named))
    assert find() == named
    other = tmp_path / "other.toml"
    with pytest.raises(ConfigError, match="no configuration"):
        find(other)


POSIX = pytest.mark.skipif(os.name != "posix", reason="file modes are POSIX")
SECRET = GOOD.replace('"k"', '"sk-0123456789abcdef"')


@POSIX
def test_a_configuration_without_keys_that_others_can_read_is_tightened_once(tmp_path: Path) -> None:
    path = write(tmp_path, GOOD)
    path.chmod(0o644)
    assert "now readable by you alone" in secluded(path, read(path))
    assert path.stat().st_mode & 0o777 == 0o600
    assert secluded(path, read(path)) == ""


@POSIX
@pytest.mark.parametrize("mode", [0o604, 0o640, 0o644, 0o602, 0o620, 0o666, 0o777])
@pytest.mark.parametrize("text", [SECRET, '[activitywatch]\napi_key = "x"\n', '[[sense]]\nkind="activitywatch"\napi_key="x"'])
def test_a_key_that_others_can_read_is_refused_with_the_remedy(tmp_path: Path, text: str, mode: int) -> None:
    path = write(tmp_path, text)
    path.chmod(mode)
    with pytest.raises(ConfigError, match="Others can read") as error:
        secluded(path, read(path))
    assert f"chmod 600 {path}" in error.value.hint
    path.chmod(0o600)
    assert secluded(path, read(path)) == ""


@POSIX
def test_an_edit_that_opens_a_key_to_others_is_not_applied_until_it_is_mended(tmp_path: Path) -> None:
    path = write(tmp_path, SECRET)
    path.chmod(0o600)
    watch = Watch(path, read(path), settle=0)
    write(tmp_path, SECRET.replace('"m"', '"another"'))
    path.chmod(0o644)
    assert not watch.changed()
    assert "chmod 600" in watch.problem
    path.chmod(0o600)
    assert watch.changed()
    assert (watch.problem, watch.settings.api_keys["main"][0].model) == ("", "another")


def test_lines_are_found_in_arrays_of_tables() -> None:
    text = GOOD + GOOD.replace("[request]", "#").replace('default_completions_model = "main"', "").replace('"m"', '"second"')
    assert locate(text, ("api_keys", "main", 1, "model")) == text.splitlines().index('model = "second"') + 1
    assert locate(text, ("request",)) == 2
