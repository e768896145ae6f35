"""Takes the text out of a page, PDF, docx or text file, in a process of its own with little memory and time.

Covered: parsers that hang, crash or eat memory on a hostile file (the child is killed; nothing stays in the daemon);
zip bombs; encrypted PDFs; wrong or missing character sets. Not covered: text in pictures (scans), tables as tables;
memory and processor limits on Windows, where only the deadline holds.
"""

from __future__ import annotations

import asyncio
import io
import json
import os
import sys
from dataclasses import dataclass
from pathlib import Path
from zipfile import BadZipFile, ZipFile

from agent.core.lines import clean
from agent.errors import ToolError

MAX_TEXT = 60_000  # signs: far more than 8,000 tokens in any language
_MEMORY = 768 * 2**20  # address space; a 20 MiB PDF with its fonts stays below
_UNPACKED = 64 * 2**20
_KEPT = ("PATH", "PYTHONPATH", "PYTHONHOME", "SYSTEMROOT", "TEMP", "LANG")


@dataclass(frozen=True)
class Extracted:
    """Title (may be empty) and text, cleaned of control signs, at most MAX_TEXT signs."""

    title: str
    text: str


def kind_of(name: str, head: bytes) -> str:
    """html, pdf, docx or text by the first bytes of a file and its suffix; '' if it is none of them."""
    suffix = Path(name).suffix.casefold()
    if head.lstrip().startswith(b"%PDF-"):
        return "pdf"
    if head.startswith(b"PK\x03\x04"):
        return "docx" if suffix == ".docx" else ""
    if head.startswith((b"\xff\xfe", b"\xfe\xff")):
        return "text"
    if b"\x00" in head:
        return ""
    return "html" if suffix in (".html", ".htm", ".xhtml") else "text"


async def extract(data: bytes, kind: str, charset: str = "", *, deadline: float = 20.0) -> Extracted:
    """The text of a document; ToolError if there is none or the document cannot be read."""
    import agent

    child = await asyncio.create_subprocess_exec(
        *(sys.executable, "-B", "-m", "agent.tools._extract", kind, charset),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
        cwd=Path(str(agent.__file__)).parent.parent,
        env={k: v for k, v in os.environ.items() if k in _KEPT} | {"PYTHONIOENCODING": "utf-8"},
    )
    try:
        out, _ = await asyncio.wait_for(child.communicate(data), deadline)
    except asyncio.TimeoutError as e:
        raise ToolError("The document takes too long to read.", "Open it yourself.") from e
    finally:
        if child.returncode is None:
            child.kill()
            await child.wait()
    return _answer(out, kind)


def _answer(out: bytes, kind: str) -> Extracted:
    try:
        title, text, problem = json.loads(out)
    except ValueError as e:
        raise ToolError(f"The {kind} document could not be read: its reader stopped.", "Open it yourself.") from e
    if problem or not text.strip():
        raise ToolError(
            problem or "There is no text in the document (it may be a scan or drawn by a script).", "Open it yourself."
        )
    return Extracted(clean(title).strip(), clean(text).strip())


def text_of(data: bytes, kind: str, charset: str = "") -> tuple[str, str]:
    """Title and text of a document, in this process. Raises whatever its parser raises, and ToolError."""
    if kind == "pdf":
        return _pdf(data)
    if kind == "docx":
        return _docx(data)
    text = decode(data, charset)
    if kind == "text":
        return "", text
    from agent.tools._html import main_text

    return main_text(text)


def decode(data: bytes, charset: str = "") -> str:
    """Text of unknown encoding: its byte order mark, the named charset, UTF-8, else Latin-1."""
    marks = {b"\xef\xbb\xbf": "utf-8-sig", b"\xff\xfe": "utf-16", b"\xfe\xff": "utf-16"}
    marked = [name for mark, name in marks.items() if data.startswith(mark)]
    for name in (*marked, charset or _declared(data), "utf-8"):
        try:
            return data.decode(name)
        except (LookupError, ValueError):  # an unknown or wrong charset; the next one is tried
            continue
    # Cut in the middle of a sign, or really Latin-1.
    lost = data.decode("utf-8", "replace")
    return lost if lost.count("\ufffd") * 100 < len(lost) else data.decode("cp1252", "replace")


def _declared(data: bytes) -> str:
    import re

    found = re.search(rb"""<meta[^>]{0,200}?charset\s*=\s*["']?([A-Za-z0-9_:-]{1,40})""", data[:2048], re.IGNORECASE)
    return found[1].decode("ascii") if found else "utf-8"


def _pdf(data: bytes) -> tuple[str, str]:
    from pypdf import PdfReader

    reader = PdfReader(io.BytesIO(data))
    if reader.is_encrypted and not reader.decrypt(""):
        raise ToolError("The PDF is protected by a password.")
    pages: list[str] = []
    for page in reader.pages[:200]:
        pages.append(page.extract_text())
        if sum(map(len, pages)) > MAX_TEXT:
            break
    title = str(reader.metadata.title or "") if reader.metadata else ""
    return title, "\n\n".join(pages)


def _docx(data: bytes) -> tuple[str, str]:
    with ZipFile(io.BytesIO(data)) as packed:
        if sum(entry.file_size for entry in packed.infolist()) > _UNPACKED:
            raise ToolError("The document is far larger unpacked than it looks.")
    from docx import Document
    from docx.table import Table

    document = Document(io.BytesIO(data))
    lines: list[str] = []
    for block in document.iter_inner_content():
        if isinstance(block, Table):
            lines += [" | ".join(cell.text for cell in row.cells) for row in block.rows]
        else:
            lines.append(block.text)
    return document.core_properties.title or "", "\n".join(lines)


def _confine() -> None:
    try:
        import resource
    except ImportError:  # Windows
        return
    if sys.platform != "darwin":  # macOS does not keep RLIMIT_AS
        resource.setrlimit(resource.RLIMIT_AS, (_MEMORY, _MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (15, 15))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def main() -> None:
    """The child: document on stdin, [title, text, problem] as JSON on stdout."""
    _confine()
    data = sys.stdin.buffer.read()
    try:
        title, text = text_of(data, sys.argv[1], sys.argv[2])
        answer = (title[:300], text[:MAX_TEXT], "")
    except ToolError as e:
        answer = ("", "", e.title)
    except BadZipFile:
        answer = ("", "", "The document is damaged.")
    except Exception as e:  # noqa: BLE001 - parsers raise anything on a hostile file; the parent says that it failed
        answer = ("", "", f"The document could not be read ({type(e).__name__}).")
    sys.stdout.buffer.write(json.dumps(answer).encode())


if __name__ == "__main__":
    main()
