"""A key of the environment through a daemon's whole day: nothing that it writes, starts or shows holds any of it."""

from __future__ import annotations

import asyncio
import json
import os
import stat
import subprocess
from pathlib import Path

import pytest

from agent.bench.server import PrivateServer
from agent.trust._key_forms import FORMATS, FORMS, parts
from tests.e2e.daemon import Daemon, eventually
from tests.e2e.feeder import Feeder
from tests.stub_llm import refusal, stub

pytestmark = [pytest.mark.e2e, pytest.mark.skipif(os.name != "posix", reason="ps and file modes are a POSIX matter")]
KEY = FORMATS["openai project"]


async def test_a_key_comes_to_light_nowhere(tmp_path: Path) -> None:
    browser = tmp_path / "browser"
    browser.write_text(f'#!/bin/sh\nenv > "{tmp_path}/environment"\n')
    browser.chmod(0o700)
    said = refusal(401, " ".join(f"Incorrect API key provided: {form(KEY)}." for form in FORMS.values()))
    async with PrivateServer() as server, stub(said) as model:
        keys = {"A": [{"base_url": model.base_url, "model": "m", "api_key_env": "LAB_KEY"}]}
        request = {"default_completions_model": "A", "fallback_offline": True}
        env = {"LAB_KEY": KEY, "BROWSER": f"{browser} %s"}
        made = Daemon(tmp_path, env, activitywatch={"port": server.port}, api_keys=keys, request=request)
        with Feeder(server.url, server.host), made.running():
            await made.offer()
            assert made.process is not None
            listed = subprocess.run(["ps", "-eo", "args"], capture_output=True, text=True, check=True).stdout
            del made.env["LAB_KEY"]  # the command line and the browser are not started by the daemon's starter
            accepted = await made.proactive("accept", "1")
            await eventually((tmp_path / "environment").exists)
            status = json.dumps(await made.ask("status"))
            assert "refused the key" in status
            code, _ = await made.signal()
    assert (code, len(model.requests)) == (0, 1)
    files = [*made.data.iterdir(), tmp_path / "run.log", tmp_path / "environment"]
    texts = {f.name: f.read_bytes().decode("latin-1") for f in await asyncio.to_thread(list, files) if f.is_file()}
    texts |= {"ps": listed, "status": status, "accept": accepted.stdout + accepted.stderr}
    assert "PROACTIVE_DATA" in texts["environment"], "the browser was started by the daemon"
    assert {n: [p for p in parts(KEY) if p in text] for n, text in texts.items()} == {n: [] for n in texts}


async def test_a_key_that_others_can_read_ends_the_start_with_the_remedy(tmp_path: Path) -> None:
    keys = {"A": [{"base_url": "http://127.0.0.1:9/v1", "model": "m", "api_key": KEY}]}
    made = Daemon(tmp_path, activitywatch={"port": 9}, api_keys=keys)
    made.config.chmod(0o644)
    process = made.spawn()
    assert await asyncio.to_thread(process.wait, 20) == 1
    assert f"Others can read {made.config}, which holds a key." in made.log
    assert f"chmod 600 {made.config}" in made.log
    assert stat.S_IMODE(made.config.stat().st_mode) == 0o644
    assert not (made.data / "proactive.db").exists()
