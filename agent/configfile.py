"""Finds, reads and checks private.toml: says file, line and the nearest known key of what is wrong, keeps the last good one."""

from __future__ import annotations

import difflib
import logging
import os
import re
import stat
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import tomli
from pydantic import BaseModel, ValidationError

from agent import plug
from agent.config import ApiKey, Settings
from agent.core.defence import on
from agent.core.exclude import Rules
from agent.errors import ConfigError
from agent.paths import config_folder

log = logging.getLogger(__name__)

NAME = "private.toml"
SETTLE = 2.0
_HEADER = re.compile(r"^\s*\[\[?\s*([^\]]+?)\s*\]\]?\s*(?:#.*)?$")
_KEY = re.compile(r"""^\s*(["']?)([A-Za-z0-9_.-]+)\1\s*=""")


def find(chosen: Path | None = None) -> Path | None:
    """The configuration in use: --config, PROACTIVE_CONFIG, ./private.toml, the user's folder; None if there is none.

    Raises ConfigError when a file that was named does not exist.
    """
    named = chosen or (Path(os.environ["PROACTIVE_CONFIG"]) if os.environ.get("PROACTIVE_CONFIG") else None)
    if named is not None:
        if not named.is_file():
            raise ConfigError(f"There is no configuration at {named}.", "Make one with: proactive init")
        return named
    return next((p for p in (Path(NAME), config_folder() / NAME) if p.is_file()), None)


def read(path: Path | None) -> Settings:
    """The settings in a file, or the defaults without one. Raises ConfigError with file and line."""
    if path is None:
        return Settings()
    try:
        text = path.read_bytes().decode("utf-8-sig")
        raw = tomli.loads(text)
    except OSError as e:
        raise ConfigError(f"{path} cannot be read: {e.strerror}.", "Check its permissions.") from e
    except UnicodeDecodeError as e:
        raise ConfigError(f"{path} is not UTF-8 text (byte {e.start}).", "Save it as UTF-8.") from e
    except tomli.TOMLDecodeError as e:
        raise ConfigError(f"{path}: {e}.", "Correct the line; strings need quotes.") from e
    except RecursionError as e:
        raise ConfigError(f"{path} is nested too deeply.", "Compare it with example_config.toml.") from e
    return check(raw, text, str(path))


def check(raw: dict[str, Any], text: str, name: str) -> Settings:
    """Settings from parsed TOML, the sections of plugs included. Raises ConfigError with file, line, nearest key."""
    try:
        settings = Settings.model_validate(raw)
        _check_section(Rules, settings.privacy.model_dump(), ("privacy",))
        for where, kind, section in _plug_sections(settings):
            _check_section(
                _plug("sense" if where[0] == "activitywatch" else str(where[0]), kind, where).Settings, section, where
            )
    except ValidationError as e:
        raise _explain(e, text, name) from e
    except _SectionError as e:
        raise _explain(e.error, text, name, e.where) from e.error
    except _NoPlugError as e:
        raise ConfigError(f"{name}, line {locate(text, e.where)}: {e.error.title}", e.error.hint) from e.error
    return settings


class _SectionError(Exception):
    def __init__(self, error: ValidationError, where: Sequence[str | int]) -> None:
        super().__init__(str(where))
        self.error = error
        self.where = tuple(where)


class _NoPlugError(Exception):
    def __init__(self, error: ConfigError, where: Sequence[str | int]) -> None:
        super().__init__(str(where))
        self.error = error
        self.where = tuple(where)


def _plug(port: str, kind: str, where: Sequence[str | int]) -> Any:
    try:
        return plug.load(port, kind)
    except ConfigError as e:
        raise _NoPlugError(e, where if where[0] == "tools" else (*where, "kind")) from e


def _check_section(model: type[BaseModel], section: dict[str, Any], where: Sequence[str | int]) -> None:
    try:
        model.model_validate(section)
    except ValidationError as e:
        raise _SectionError(e, where) from e


def _plug_sections(settings: Settings) -> Iterable[tuple[tuple[str | int, ...], str, dict[str, Any]]]:
    """(place, kind, keys) of every section that belongs to a plug."""
    yield ("activitywatch",), "activitywatch", settings.activitywatch
    for i, entry in enumerate(settings.sense):
        rest = {k: v for k, v in entry.items() if k != "kind"}
        yield ("sense", i), str(entry.get("kind", "")), rest
    yield ("notify",), settings.notify.kind, settings.notify.model_extra or {}
    own = settings.tools.model_extra or {}
    for name, entry in own.items():
        yield ("tools", name), name, entry
    for name in settings.tools.allow:
        yield ("tools", "allow"), name, own.get(name, {})


def _explain(error: ValidationError, text: str, name: str, prefix: Sequence[str | int] = ()) -> ConfigError:
    """The first thing that is wrong: file, line, key, what was expected, the nearest known key."""
    first = error.errors(include_url=False, include_input=False)[0]
    place = (*prefix, *first["loc"])
    key = ".".join(str(p) for p in place if not isinstance(p, int)) or "the file"
    where = f"{name}, line {locate(text, place)}"
    if first["type"] == "extra_forbidden":
        near = difflib.get_close_matches(str(place[-1]), _known(place[:-1]), 1, 0.5)
        hint = f"Did you mean '{near[0]}'?" if near else "See example_config.toml for the keys there are."
        return ConfigError(f"{where}: unknown key '{key}'.", hint)
    return ConfigError(f"{where}: {key}: {first['msg'].removeprefix('Value error, ')}.", "See example_config.toml.")


def _known(place: Sequence[str | int]) -> list[str]:
    """The keys that a section knows."""
    names = [p for p in place if isinstance(p, str)]
    if names[:1] == ["api_keys"]:
        return list(ApiKey.model_fields)
    if names[:1] in (["activitywatch"], ["sense"]):
        return list(plug.load("sense", "activitywatch").Settings.model_fields)
    model: type[BaseModel] = Settings
    for part in names:
        field = model.model_fields.get(part)
        if field is None or not isinstance(field.annotation, type) or not issubclass(field.annotation, BaseModel):
            return []
        model = field.annotation
    return list(model.model_fields)


def locate(text: str, place: Sequence[str | int]) -> int:
    """The line (from 1) of the key at `place`, or of the nearest section above it; arrays of tables are counted."""
    names = [str(p) for p in place if not isinstance(p, int)]
    index = next((p for p in place if isinstance(p, int)), 0)
    best, seen, section = 1, -1, []
    for number, line in enumerate(text.splitlines(), 1):
        if header := _HEADER.match(line):
            section = [part.strip().strip("\"'") for part in header[1].split(".")]
            inside = names[: len(section)] == section
            seen += inside and line.lstrip().startswith("[[")
            if inside and seen in (-1, index):
                best = number
        elif (key := _KEY.match(line)) and (*section, *key[2].split(".")) == tuple(names) and seen in (-1, index):
            return number
    return best


def secluded(path: Path, settings: Settings) -> str:
    """Make sure that a configuration is its owner's alone; says what was done, '' if nothing was needed.

    One without keys is made private. Raises ConfigError when it belongs to someone else, cannot be made private, or holds a
    key that others can read: they may have it by now. Not covered: Windows, whose home is private.
    """
    if os.name != "posix":
        return ""
    found = path.stat()
    if found.st_uid not in (os.getuid(), 0):
        raise ConfigError(f"{path} belongs to another user.", "Use a configuration of your own: proactive init")
    if not found.st_mode & (stat.S_IRWXG | stat.S_IRWXO) or not on("mode_check"):
        return ""
    if settings.holds_key:
        raise ConfigError(f"Others can read {path}, which holds a key.", f"chmod 600 {path}, and change the key if need be.")
    try:
        path.chmod(0o600)
    except OSError as e:
        raise ConfigError(f"Others can read {path}, and that cannot be changed.", f"chmod 600 {path}") from e
    return f"Others could read {path}; it is now readable by you alone."


@dataclass
class Watch:
    """Notices that the configuration changed, and keeps the last good one.

    An edit counts once the file has stayed as it is for `settle` seconds: an editor may write it in pieces. A file that is
    gone or says nothing, or in which a key of [privacy] went missing, is a broken edit: half a file must not let out titles.
    """

    path: Path | None
    settings: Settings
    problem: str = ""
    settle: float = SETTLE
    unsettled: bool = False
    """Whether there is an edit that may not be whole yet."""
    _stamp: tuple[int, ...] | None = None
    _seen: tuple[int, ...] | None = None
    _since: float = 0.0

    def __post_init__(self) -> None:
        self._stamp = self._seen = self._look()

    def _look(self) -> tuple[int, ...] | None:
        try:
            found = self.path.stat() if self.path else None
        except OSError:
            return None
        if found is None or not stat.S_ISREG(found.st_mode):  # to read from a pipe would wait for ever
            return None
        return (found.st_mtime_ns, found.st_size, found.st_mode, found.st_ino, found.st_ctime_ns)

    def _settled(self, stamp: tuple[int, ...] | None) -> bool:
        if stamp != self._seen:
            self._seen, self._since = stamp, time.monotonic()
        untouched = abs(time.time() - stamp[0] / 1e9) if stamp else 0.0
        return max(untouched, time.monotonic() - self._since) >= self.settle

    def _read(self) -> Settings:
        if self._stamp is None:
            raise ConfigError(f"{self.path} is gone, or no file.", "Put it back, or restart Proactive to go on without it.")
        fresh = read(self.path)
        if self.settings.model_fields_set and not fresh.model_fields_set:
            raise ConfigError(f"{self.path} says nothing any more.", "Write it again, or restart Proactive.")
        before, default = self.settings.privacy, type(self.settings.privacy)()
        gone = before.model_fields_set - fresh.privacy.model_fields_set
        if lost := [name for name in gone if getattr(before, name) != getattr(default, name)]:
            hint = "Set them to what they shall be, or restart Proactive if they shall go."
            raise ConfigError(f"{self.path} lost {', '.join(sorted(lost))} under [privacy].", hint)
        return fresh

    def changed(self) -> bool:
        """Whether there are new settings; a broken edit keeps the old ones, sets `problem` and is logged once."""
        stamp = self._look()
        settled = self._settled(stamp)
        self.unsettled = stamp != self._stamp and not settled
        if stamp == self._stamp or not settled:
            return False
        self._stamp = stamp
        try:
            fresh = self._read()
            if self.path is not None:
                secluded(self.path, fresh)
                self._stamp = self._look()  # it may just have been made private
        except ConfigError as e:
            if not on("last_good_config"):
                raise
            self.problem = str(e)
            log.warning("%s The settings before it stay in force.", e)
            return False
        self.problem = ""
        different = fresh != self.settings
        self.settings = fresh
        return different
