"""API keys: where they come from, and every text of ours without them.

Covered: keys in the configuration, in an environment variable (taken out of it, so that no child inherits it) and in the
system's keyring; each that was met is taken out of logs, errors, answers and messages, also URL-encoded, in base64, or masked
down to its first eight or last four characters.
Not covered: a program of the same user that reads this process's memory, or the environment that it was started with.
"""

from __future__ import annotations

import base64
import importlib
import logging
import os
import re
from urllib.parse import unquote

from pydantic import SecretStr

from agent.core.defence import on
from agent.errors import ConfigError

SERVICE = "proactive"
KEYRING = "keyring"
SHORTEST = 8
"""Keys under eight characters (`none`, `ollama`) are no secrets and stay."""
HIDDEN = "[key]"
# What a key, its encodings and its masked forms are written with; quotes and brackets end one.
_WORD = re.compile(r"[^\s\"'`<>(){}\[\],;]+")
_MASK = re.compile(r"\*|\.\.|…|•|x{3}", re.IGNORECASE)
_known: set[str] = set()
_taken: dict[str, str] = {}


def from_environment(name: str) -> SecretStr:
    """The key in an environment variable, '' if there is none; the variable is gone then, and the key known."""
    found = os.environ.get(name, "")
    if found:
        _taken[name] = found
        if on("env_scrub"):
            del os.environ[name]
    return know(SecretStr(_taken.get(name, "")))


def environment() -> dict[str, str]:
    """The environment with the keys back in it: for this program's own restart only."""
    return {**os.environ, **_taken}


def from_keyring(name: str) -> SecretStr:
    """The key kept in the system's keyring under that name. ConfigError says how to get there if it cannot be had."""
    try:
        keyring = importlib.import_module("keyring")
    except ImportError:
        text = f"The key '{name}' is in the keyring, and the package for it is not installed."
        raise ConfigError(text, "pip install 'proactive-agent[keyring]'") from None
    if type(keyring.get_keyring()).__module__.startswith("keyrings.alt"):
        raise ConfigError("This keyring keeps keys as plain text.", "Set up one that does not, or use api_key_env.")
    try:
        found = keyring.get_password(SERVICE, name)
    except keyring.errors.KeyringError as e:
        raise ConfigError(f"The keyring cannot be read ({type(e).__name__}).", "Unlock it, or use api_key_env.") from None
    if not found:
        raise ConfigError(f"The keyring holds no key '{name}'.", f"Put it there: keyring set {SERVICE} {name}")
    return know(SecretStr(found))


def know(key: SecretStr) -> SecretStr:
    """Take this key out of every text from now on; returns it."""
    value = key.get_secret_value().strip()
    if len(value) >= SHORTEST:
        _known.add(value)
    return key


def scrub(text: str, *more: str) -> str:
    """The text without any key that is known, nor those given."""
    for key in sorted({*_known, *more}, key=len, reverse=True):  # a key may hold another
        if len(key) >= SHORTEST and on("key_scrub"):
            text = _without(text, key)
    return text


def _without(text: str, key: str) -> str:
    forms = (base64.b64encode(key.encode()).decode().rstrip("="), base64.urlsafe_b64encode(key.encode()).decode().rstrip("="))
    return _WORD.sub(lambda word: _hide(word.group(), key, forms), text.replace(key, HIDDEN))


def _hide(word: str, key: str, forms: tuple[str, ...]) -> str:
    said = unquote(word)
    masked = key[-4:] in said and (_MASK.search(said) or re.search(rf"(?<!\w){re.escape(key[-4:])}(?!\w)", said))
    told = masked or key in said or key[:SHORTEST] in said or any(f in said for f in forms)
    return HIDDEN if told else word


class KeylessFormatter(logging.Formatter):
    """Formats a record, its traceback included, without any key that is known."""

    def format(self, record: logging.LogRecord) -> str:
        """The line or lines of the record."""
        return scrub(super().format(record))
