"""What a file of ours says to somebody who looks for a text in it: its bytes, and those of the records compressed in them."""

from __future__ import annotations

import re
import zlib

# zlib's header, as `agent/store/_rows.py` writes it.
_BEGIN = re.compile(b"\x78[\x01\x5e\x9c\xda]")
PIECE = 64


def told(raw: bytes) -> bytes:
    """The bytes, and all that can be unpacked from them; of a record that is cut into pages, its beginning."""
    return b"\n".join((raw, *(_unpacked(raw, found.start()) for found in _BEGIN.finditer(raw))))


def _unpacked(raw: bytes, at: int) -> bytes:
    out, reader = bytearray(), zlib.decompressobj()
    try:
        while at < len(raw) and not reader.eof:
            out += reader.decompress(raw[at : at + PIECE])
            at += PIECE
    except zlib.error:
        pass
    return bytes(out)
