"""Where things are: packed resources, and the user's folders (made 0700 on first use, never on import)."""

from __future__ import annotations

import os
from functools import cache
from importlib import resources
from pathlib import Path

from agent.errors import StoreError

APP = "proactive"


@cache
def resource(*parts: str) -> Path:
    """A file or folder of `resources/`: packed in the wheel as agent/_resources, beside agent/ in a checkout."""
    packed = Path(str(resources.files("agent"))) / "_resources"
    root = packed if packed.is_dir() else Path(__file__).resolve().parent.parent / "resources"
    return root.joinpath(*parts)


def config_folder() -> Path:
    """The user's configuration folder for proactive (platformdirs; not created)."""
    from platformdirs import user_config_path

    return user_config_path(APP, appauthor=False)


def data_folder() -> Path:
    """The folder of database, lock, socket and log: PROACTIVE_DATA, else the user's data folder (not created)."""
    chosen = os.environ.get("PROACTIVE_DATA")
    if chosen:
        return Path(chosen)
    from platformdirs import user_data_path

    return user_data_path(APP, appauthor=False)


def private_folder(path: Path) -> Path:
    """Create a folder 0700 (with its parents) and return it; an existing one is tightened. StoreError if it cannot be had."""
    try:
        path.mkdir(mode=0o700, parents=True, exist_ok=True)
        if os.name == "posix" and path.stat().st_mode & 0o077:
            path.chmod(0o700)
    except OSError as e:
        raise unusable(path, e) from e
    return path


def unusable(data: Path, why: OSError) -> StoreError:
    """The error that says that the data folder cannot be used."""
    named = str(data) if len(str(data)) < 200 else f"{str(data)[:200]}…"
    return StoreError(f"The folder {named} cannot be used: {why.strerror}.", "Set PROACTIVE_DATA to a folder of your own.")
