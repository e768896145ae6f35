"""R8: the configuration edited to what is no configuration, while it is in force."""

from __future__ import annotations

import base64
import gzip
import json
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path

from agent.config import Settings
from agent.configfile import Watch, read
from agent.paths import resource
from agent.trust.row import Row

CHOSEN = (
    (b"excluded_apps = []", b'excluded_apps = ["Signal"]'), (b"excluded_titles = []", b'excluded_titles = ["salary"]'),
    (b"excluded_urls = []", b'excluded_urls = ["example.org"]'), (b"titles = true", b"titles = false"),
)  # fmt: skip
"""What a user said in the example, and what must hold as long as half of it is there."""
SMALL = (b"a = ", b"[a\n", b"a = 1\na = 2", b"\xff", b"= 1", b"a = 'x", b"[[a]]\n[a]", b"a = 01", b"[" * 5000)


def rows(full: bool, data: Path | None) -> Iterator[Row]:  # noqa: FBT001 - as the contract has it
    """The invalid files, and our own example cut at every byte."""
    path = data and data / "toml_invalid.json.gz"
    invalid: Sequence[bytes] = SMALL
    if path and path.exists():
        invalid = [base64.b64decode(text) for text in json.loads(gzip.decompress(path.read_bytes())).values()]
    packed = resource("example_config.toml")
    example = (packed if packed.exists() else resource().parent / "example_config.toml").read_bytes()
    for before, after in CHOSEN:
        example = example.replace(before, after, 1)
    cuts = [example[:n] for n in range(0, len(example), 1 if full else 97)]
    kept, said, _, crashed = _edited(invalid, b"[pace]\nlevel = 2\n")
    good = kept == said == len(invalid) and not crashed
    result = f"{kept} kept the last good one, {said} said so, {len(crashed)} crashes"
    yield Row("R8", "hot edits to invalid TOML", len(invalid), result, "all kept, all said, 0 crashes", good)
    kept, said, lost, crashed = _edited(cuts, example)
    taken = f"{len(cuts) - said} valid as they are, {lost} of them without something of [privacy]"
    good = not crashed and kept >= said and not lost
    yield Row(
        "R8", "hot edits to the example cut at every byte", len(cuts),
        f"{said} refused and said so, {taken}, {len(crashed)} crashes",
        "0 crashes, nothing of [privacy] lost", good,
    )  # fmt: skip


def _edited(texts: Sequence[bytes], before: bytes) -> tuple[int, int, int, list[str]]:
    """Of these edits: how many left the settings in force, were told to the user, changed [privacy]; what crashed."""
    kept, said, lost, crashed = 0, 0, 0, []
    with tempfile.TemporaryDirectory(prefix="proactive-edit-") as name:
        path = Path(name) / "private.toml"
        path.write_bytes(before)
        path.chmod(0o600)
        good: Settings = read(path)
        for text in texts:
            watch = Watch(path, good, settle=0)
            try:
                path.write_bytes(text + b" ")  # in place; the blank makes it another size than the one before
                watch.changed()
            except Exception as e:  # noqa: BLE001 - this is what is counted
                crashed.append(f"{type(e).__name__} on {text[:40]!r}")
                continue
            kept += watch.settings is good
            lost += watch.settings.privacy != good.privacy
            said += str(path) in watch.problem
    return kept, said, lost, crashed
