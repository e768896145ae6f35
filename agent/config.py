"""What the user may write in private.toml: the sections, their keys, defaults and meaning."""

from __future__ import annotations

from typing import Any, Literal
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, Field, SecretStr, field_validator, model_validator

from agent import keys
from agent.core.policy import PaceSettings
from agent.errors import ConfigError
from reward_model.scorer import SPEAK

Kind = Literal["scorer", "llm", "both", "rules", "off"]
"""Who judges: see RewardSettings."""


class Section(BaseModel):
    """A section of the configuration: closed, so that a mistyped key is an error and never silently ignored."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)


def address_problem(base_url: str) -> str:
    """What is wrong with the address of an endpoint, without quoting it (it may hold a password); '' if nothing is."""
    try:
        parts = urlsplit(base_url.strip())
        host, _ = parts.hostname, parts.port  # the port raises if it is none
    except ValueError:
        host = None
    if not host or not base_url.strip().isprintable() or parts.scheme not in ("http", "https") or " " in host:
        return "this is no http or https address, such as https://api.openai.com/v1 or http://127.0.0.1:11434/v1"
    if parts.username or parts.password or parts.query or parts.fragment:
        return "the address holds a name, password or query; write it alone, such as https://api.openai.com/v1"
    return ""


class ApiKey(Section):
    """One `[[api_keys.<alias>]]` entry; several under one alias are tried in order."""

    api_key: SecretStr = SecretStr("")
    """The key, empty for a local endpoint, or "keyring:NAME" for the one the system's keyring keeps under that name."""
    api_key_env: str = ""
    """Name of an environment variable that holds the key, instead of api_key."""
    base_url: str
    """Address of the OpenAI-compatible endpoint, such as https://api.openai.com/v1 or http://127.0.0.1:11434/v1."""
    model: str
    """Name of the model at that endpoint."""
    price_in: float = Field(default=0.0, ge=0)
    """Price of a million prompt tokens, for the cost shown; 0 if unknown."""
    price_out: float = Field(default=0.0, ge=0)
    """Price of a million completion tokens."""

    @field_validator("base_url")
    @classmethod
    def _an_address(cls, base_url: str) -> str:
        if problem := address_problem(base_url):
            raise ValueError(problem)
        return base_url

    def secret(self) -> SecretStr:
        """The key itself; from the environment if api_key_env is set, or from the keyring.

        ConfigError if that has none, or if it holds a sign that cannot be sent.
        """
        key = self._found()
        value = key.get_secret_value().strip()
        if not (value.isascii() and value.isprintable()):
            where = self.api_key_env or "api_key"
            raise ConfigError(f"The key of {where} holds a sign that no key has.", "Copy it again, as plain text.")
        return key

    def _found(self) -> SecretStr:
        if self.api_key_env:
            return keys.from_environment(self.api_key_env)
        kind, _, name = self.api_key.get_secret_value().partition(":")
        if kind == keys.KEYRING:
            return keys.from_keyring(name or str(urlsplit(self.base_url).hostname))
        return keys.know(self.api_key)

    @property
    def written(self) -> bool:
        """Whether the configuration itself holds a key that is worth a secret."""
        value = self.api_key.get_secret_value()
        return len(value) >= keys.SHORTEST and value.partition(":")[0] != keys.KEYRING


class RequestSettings(Section):
    """`[request]`: which model is asked, and for how long."""

    default_completions_model: str = ""
    """Alias of the model under [[api_keys.<alias>]]; empty = the offline predictor, no model at all."""
    timeout: float = Field(default=30.0, gt=0, le=600)
    """Seconds one completion may take in all."""
    fallback_offline: bool = False
    """Use the offline predictor, and the embedded judge, while the model fails."""


class AgentSettings(Section):
    """`[agent]`: the predictor."""

    model: str = ""
    """Alias for the predictor, if another than the default."""
    language: str = ""
    """Language of the offers, such as 'German'; empty = that of what you do."""


class RewardSettings(Section):
    """`[reward_model]`: who judges a proposal before it may interrupt."""

    kind: Kind = "scorer"
    """scorer (embedded, no network), llm, both (the LLM judges what the scorer does not refuse), rules or off."""
    threshold: float = Field(default=SPEAK, ge=0, le=1)
    """An offer is shown from this chance that you would accept it; higher = fewer offers. For scorer and both."""
    model: str = ""
    """Alias for the LLM that judges, if another than the default; for llm and both."""


class ChatSettings(Section):
    """`[chat]`: the model that answers and summarises after you accepted."""

    model: str = ""
    """Alias, if another than the default."""


class PrivacySettings(Section):
    """`[privacy]`: what is never looked at, on top of private windows, password managers and banks."""

    excluded_apps: tuple[str, ...] = ()
    """Apps whose windows are dropped, by name."""
    excluded_titles: tuple[str, ...] = ()
    """Windows, pages and files whose title or path contains one of these are dropped; /.../ is a regular expression."""
    excluded_urls: tuple[str, ...] = ()
    """Pages of these hosts, or with these host/path beginnings, are dropped."""
    titles: bool = True
    """false = use app names only: no titles, no addresses, no files."""


class NotifySettings(BaseModel):
    """`[notify]`: how offers are shown; further keys belong to the kind."""

    model_config = ConfigDict(frozen=True, extra="allow")
    kind: str = "desktop"
    """desktop (toasts), console (in this terminal) or scripted (for tests)."""


class ToolSettings(BaseModel):
    """`[tools]`: which operations may be proposed; `[tools.<name>]` holds the settings of one."""

    model_config = ConfigDict(frozen=True, extra="allow")
    allow: tuple[str, ...] = ("search", "chat", "read", "summarise", "rename_file")
    """The closed list of operations."""
    roots: tuple[str, ...] = ("~/Downloads", "~/Documents", "~/Desktop")
    """Only files below these folders may be read, summarised or renamed."""


class Settings(Section):
    """The whole configuration; every key has a default, so an empty file is a valid one."""

    request: RequestSettings = RequestSettings()
    api_keys: dict[str, tuple[ApiKey, ...]] = {}
    agent: AgentSettings = AgentSettings()
    reward_model: RewardSettings = RewardSettings()
    chat: ChatSettings = ChatSettings()
    pace: PaceSettings = PaceSettings()
    privacy: PrivacySettings = PrivacySettings()
    notify: NotifySettings = NotifySettings()
    tools: ToolSettings = ToolSettings()
    activitywatch: dict[str, Any] = {}
    sense: tuple[dict[str, Any], ...] = ({"kind": "activitywatch"},)
    presence: dict[str, Any] = {}

    @model_validator(mode="after")
    def _aliases_exist(self) -> Settings:
        """Every alias that is named must be defined."""
        for section, alias in self.aliases().items():
            if alias and alias not in self.api_keys:
                known = ", ".join(self.api_keys) or "none is defined"
                raise ValueError(f"{section}: there is no [[api_keys.{alias}]] (defined: {known})")
        kind = self.reward_model.kind
        if kind in ("llm", "both") and not self.alias("reward_model"):
            raise ValueError(f"reward_model.kind = '{kind}' needs a model: set request.default_completions_model")
        return self

    @property
    def holds_key(self) -> bool:
        """Whether a key stands in the configuration itself."""
        watched = (self.activitywatch, *self.sense)
        return any(e.written for entries in self.api_keys.values() for e in entries) or any(w.get("api_key") for w in watched)

    def take_keys(self) -> None:
        """Take every key out of the environment, also those of models that are not used: no child shall inherit one."""
        for entry in (e for entries in self.api_keys.values() for e in entries if e.api_key_env):
            keys.from_environment(entry.api_key_env)

    def aliases(self) -> dict[str, str]:
        """Where an alias is named, and which."""
        return {
            "request.default_completions_model": self.request.default_completions_model,
            "agent.model": self.agent.model,
            "reward_model.model": self.reward_model.model,
            "chat.model": self.chat.model,
        }

    def alias(self, section: Literal["agent", "reward_model", "chat"]) -> str:
        """The alias that a section uses: its own or the default; empty = no model."""
        own: str = getattr(self, section).model
        return own or self.request.default_completions_model
