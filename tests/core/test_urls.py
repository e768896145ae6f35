"""Addresses: only scheme, host and readable path may leave."""

from __future__ import annotations

from string import ascii_letters, digits

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agent.core.redact import redact_url
from agent.core.urls import shorten_path

RANDOM = "q7Zr2Xv9Lm4Kt8Wb3Nc6"


@pytest.mark.parametrize(
    ("url", "left"),
    [
        ("https://u:p@Example.com:8443/a/b?x=1#f", "https://example.com:8443/a/b"),
        ("http://[::1]:80/x", "http://[::1]:80/x"),
        ("https://ja.wikipedia.org/wiki/%E6%B1%BA%E6%B8%88", "https://ja.wikipedia.org/wiki/決済"),
        (
            "https://stackoverflow.com/questions/7464800/how-to-convert-string-in-python-3-11",
            "https://stackoverflow.com/questions/7464800/how-to-convert-string-in-python-3-11",
        ),
        (
            "https://blog.example/how-i-built-a-thing-in-2026-4b8f9c1d2e3f",
            "https://blog.example/how-i-built-a-thing-in-2026-[id]",
        ),
        (f"https://docs.example/d/{RANDOM}{RANDOM}/edit", "https://docs.example/d/[id]/edit"),
        ("https://example.org/40e50454-f31a-4f31-a768-13e02ea68ef7", "https://example.org/[id]"),
        ("https://example.org/reset/abc123", "https://example.org/reset/[id]"),
        ("https://example.org/u/mira@firma.example/p", "https://example.org/u/[email]/p"),
        ("https://example.org/a;jsessionid=AB/c", "https://example.org/a/c"),
        ("https://youtu.be/3YF_x2LWQmE", "https://youtu.be/3YF_x2LWQmE"),
        ("view-source:https://a.example/c?d", "https://a.example/c"),
        ("file:///home/mira/notes.txt?x", "file:///~/notes.txt"),
        ("file:///C:/Users/mira/x.pdf", "file:///~/x.pdf"),
        ("chrome://settings/passwords", "chrome://settings/passwords"),
        ("moz-extension://40e50454-f31a-4f31-a768-13e02ea68ef7/x.html", "moz-extension://[id]/x.html"),
        ("data:text/html,secret", "data:"),
        ("javascript:alert(1)", "javascript:"),
        ("blob:https://x/y", "blob:"),
        ("about:blank", "about:"),
        ("mailto:a@b.example", "mailto:"),
        ("", ""),
        ("no address", ""),
        ("https://", ""),
        ("https://a b.example/", ""),
        ("http://[::1", ""),
    ],
)
def test_an_address_is_reduced(url: str, left: str) -> None:
    assert redact_url(url) == left
    assert redact_url(left) == left


@pytest.mark.parametrize(
    ("path", "short"),
    [
        ("/home/mira/src/a.py", "~/src/a.py"),
        ("/Users/mira/a.py", "~/a.py"),
        ("C:\\Users\\mira\\src\\a.py", "~/src\\a.py"),
        ("/c:/Users/admin/code/a.js", "~/code/a.js"),
        ("/root/a", "~/a"),
        ("/rootfs/a", "/rootfs/a"),
        ("a.py", "a.py"),
    ],
)
def test_the_home_folder_does_not_name_its_owner(path: str, short: str) -> None:
    assert shorten_path(path) == short


WORD = st.text(ascii_letters + digits + "-_.~%+", min_size=1, max_size=12)
HIDDEN = st.text("QZXJKV", min_size=6, max_size=10)


@settings(max_examples=400, deadline=None)
@given(
    st.sampled_from(["http", "https", "HTTPS", "ftp", "ws", "file", "chrome"]),
    st.tuples(HIDDEN, HIDDEN, HIDDEN),
    st.from_regex(r"\A[a-z0-9]{1,8}\.[a-z]{2,4}\Z"),
    st.lists(WORD, max_size=4),
)
def test_user_info_query_and_fragment_never_leave(
    scheme: str, hidden: tuple[str, str, str], host: str, path: list[str]
) -> None:
    user, query, fragment = hidden
    start = f"{scheme}://{user}:{user}@{host}" if scheme != "file" else "file://"
    out = redact_url(f"{start}/{'/'.join(path)}?{query}={query}#{fragment}")
    for part in {user, query, fragment}:
        assert part not in out or any(part in p for p in path)
    assert "?" not in out
    assert "#" not in out
    assert "@" not in out


@settings(max_examples=400, deadline=None)
@given(st.text(max_size=60) | st.text("ht:/@?#[].%\\ a1", max_size=40).map("http://".__add__))
def test_no_address_raises_and_what_is_left_stays(url: str) -> None:
    out = redact_url(url)
    assert redact_url(out) == out
    assert "?" not in out
    assert "#" not in out


@settings(max_examples=200, deadline=None)
@given(st.text(ascii_letters + digits, min_size=20, max_size=40).filter(lambda t: any(c.isdigit() for c in t[2:-6])))
def test_a_long_token_with_digits_is_no_part_of_a_path(token: str) -> None:
    assert token not in redact_url(f"https://example.org/x/{token}/y")
