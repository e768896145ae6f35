"""Text out of PDF, docx, html and text: the right text, and a clear failure for a hostile or empty document."""

from __future__ import annotations

import io
import os
import time
import zipfile
from collections.abc import Callable
from pathlib import Path

import psutil
import pytest
from docx import Document

from agent.errors import ToolError
from agent.tools._extract import MAX_TEXT, decode, extract, kind_of
from agent.tools._html import main_text

PAGE = """<!doctype html><html><head><title>Beavers &amp; ponds</title><style>p{}</style><script>alert(1)</script></head><body>
<nav><a href="/">Home</a> <a href="/x">Everything</a></nav><header><a href=/>Site</a></header>
<main><h1>Beavers</h1><p>Beavers build <a href=/d>dams</a> from <b>branches</b>.</p>
<p>Ponds slow floods.<br>They store water.</p>
<pre>one
  two</pre><ul><li>frogs</li><li>fish</li></ul><p><a href=/r>Sources</a></p>
<p>Each dam holds back mud, and the pond behind it is home to many kinds of animals that need still water.</p></main>
<aside>Buy now</aside><footer>Imprint</footer><p hidden>never shown</p></body></html>"""


def pdf(*lines: str) -> bytes:
    """A one-page PDF with these lines of text, written by hand."""
    text = "BT /F1 12 Tf 72 720 Td " + " ".join(f"({line}) Tj 0 -14 Td" for line in lines) + " ET"
    objects = [
        "<< /Type /Catalog /Pages 2 0 R >>",
        "<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 612 792] /Contents 4 0 R /Resources << /Font << /F1 5 0 R >> >> >>",
        f"<< /Length {len(text)} >>\nstream\n{text}\nendstream",
        "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
    ]
    out, places = b"%PDF-1.4\n", []
    for number, body in enumerate(objects, 1):
        places.append(len(out))
        out += f"{number} 0 obj\n{body}\nendobj\n".encode()
    table = "".join(f"{place:010} 00000 n \n" for place in places)
    end = f"xref\n0 6\n0000000000 65535 f \n{table}trailer << /Size 6 /Root 1 0 R >>\nstartxref\n{len(out)}\n%%EOF\n"
    return out + end.encode()


def docx(fill: Callable[[Document], None] | None = None) -> bytes:
    """A docx with a paragraph and a table."""
    document, out = Document(), io.BytesIO()
    document.core_properties.title = "Minutes"
    document.add_paragraph("The meeting was moved to Friday.")
    table = document.add_table(1, 2)
    table.rows[0].cells[0].text, table.rows[0].cells[1].text = "March", "1,200"
    document.save(out)
    return out.getvalue()


def test_the_main_text_of_a_page_has_no_menus_scripts_or_hidden_parts() -> None:
    title, text = main_text(PAGE)
    assert title == "Beavers & ponds"
    assert text.splitlines() == [
        "Beavers",
        "Beavers build dams from branches.",
        *("Ponds slow floods.", "They store water."),
        *("one", "  two", "frogs", "fish", "Sources"),
        "Each dam holds back mud, and the pond behind it is home to many kinds of animals that need still water.",
    ]


def test_a_page_that_marks_no_content_is_read_without_its_menus() -> None:
    page = (
        "<div><a href=/>Home</a> | <a href=/n>News</a></div><div>Beavers build <a href=/d>dams</a> from branches and mud.</div>"
    )
    assert main_text(page)[1] == "Beavers build dams from branches and mud."


@pytest.mark.parametrize("page", ["", "<p>", "just text", "<body>just text", "<div>just <span>text</span></div>", "<frameset>"])
def test_a_page_without_structure_still_gives_its_text(page: str) -> None:
    assert main_text(page)[1] in ("", "just text")
    assert bool(main_text(page)[1]) == ("text" in page)


def test_a_deeply_nested_page_costs_little() -> None:
    began = time.monotonic()
    main_text("<div>" * 20_000 + "deep" + "<b>" * 20_000 + "deeper")
    assert time.monotonic() - began < 1


async def test_a_pdf_gives_its_text() -> None:
    found = await extract(pdf("The invoice of March", "is 1,200 euro."), "pdf")
    assert found.text == "The invoice of March\nis 1,200 euro."


async def test_a_docx_gives_its_title_paragraphs_and_tables_in_order() -> None:
    found = await extract(docx(), "docx")
    assert (found.title, found.text) == ("Minutes", "The meeting was moved to Friday.\nMarch | 1,200")


async def test_a_page_is_read_in_the_charset_it_names_and_without_control_signs() -> None:
    data = '<meta charset="windows-1251"><title>Бобры</title><p>Бобры строят\x00\x1b[31m\u202e плотины'.replace("\u202e", "")
    found = await extract(data.encode("cp1251"), "html")
    assert found.title == "Бобры"
    assert found.text.startswith("Бобры строят")
    assert all(c.isprintable() or c == "\n" for c in found.text)


@pytest.mark.parametrize(
    ("data", "charset", "text"),
    [
        ("Grüße".encode(), "", "Grüße"),
        ("Grüße".encode("latin-1"), "", "Grüße"),
        ("Grüße".encode("utf-16"), "", "Grüße"),
        ("\ufeffGrüße".encode(), "", "Grüße"),
        ("日本語".encode("shift_jis"), "Shift_JIS", "日本語"),
        (b"plain", "no-such-charset", "plain"),
        (b"plain", "base64", "plain"),
        (b"plain", "\x00", "plain"),
        (("ü" * 300).encode()[:-1], "", "ü" * 299 + "\ufffd"),
    ],
)
def test_text_is_decoded_by_mark_name_or_guess(data: bytes, charset: str, text: str) -> None:
    assert decode(data, charset) == text


@pytest.mark.parametrize(
    ("name", "head", "kind"),
    [
        ("a.pdf", b"%PDF-1.7", "pdf"),
        ("a.txt", b"%PDF-1.7", "pdf"),
        ("a.docx", b"PK\x03\x04", "docx"),
        ("a.zip", b"PK\x03\x04", ""),
        ("a.HTM", b"<p>", "html"),
        ("a.md", b"# x", "text"),
        ("a.png", b"\x89PNG\r\n\x1a\n\x00\x00", ""),
        ("a.exe", b"MZ\x90\x00", ""),
        ("a", "Grüße".encode("utf-16"), "text"),
        ("a.py", b"", "text"),
    ],
)
def test_the_kind_of_a_file_is_told_by_its_bytes(name: str, head: bytes, kind: str) -> None:
    assert kind_of(name, head) == kind


def bomb() -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as packed:
        for n in range(4):
            packed.writestr(f"word/{n}.xml", b" " * (20 * 2**20))
    return out.getvalue()


@pytest.mark.parametrize(
    ("kind", "data", "said"),
    [
        ("pdf", b"%PDF-1.4 nothing else", "could not be read"),
        ("pdf", pdf(), "no text"),
        ("docx", b"PK\x03\x04 broken", "damaged"),
        ("docx", bomb(), "larger unpacked"),
        ("html", b"<script>only()</script>", "no text"),
        ("text", b" \n ", "no text"),
    ],
    ids=lambda v: v if isinstance(v, str) else "",
)
async def test_a_document_without_readable_text_is_a_clear_failure(kind: str, data: bytes, said: str) -> None:
    with pytest.raises(ToolError, match=said):
        await extract(data, kind)


async def test_a_huge_text_is_cut() -> None:
    assert len((await extract(b"word " * 200_000, "text")).text) <= MAX_TEXT


@pytest.mark.skipif(os.name != "posix", reason="processor limits are POSIX")
async def test_the_child_keeps_no_secret_of_the_environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "canary")
    spy = tmp_path / "sitecustomize.py"
    spy.write_text(
        "import os, json\nprint(json.dumps(['', str('OPENAI_API_KEY' in os.environ), '']), end='', flush=True); os._exit(0)"
    )
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    assert (await extract(b"x", "text")).text == "False"


async def test_a_parser_that_hangs_is_killed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "sitecustomize.py").write_text(
        f"import os, time\nopen({str(tmp_path / 'pid')!r}, 'w').write(str(os.getpid()))\ntime.sleep(60)"
    )
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    with pytest.raises(ToolError, match="too long"):
        await extract(b"x", "text", deadline=0.5)
    assert not psutil.pid_exists(int((tmp_path / "pid").read_text()))
