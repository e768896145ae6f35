"""Finds the title and the readable text of an HTML page: no menus, scripts, forms and link lists."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from selectolax.lexbor import LexborNode

_DROPPED = (
    "script, style, noscript, template, svg, canvas, iframe, object, nav, aside, footer, form, button, select, dialog, "
    "[hidden], [aria-hidden=true], [role=navigation], [role=banner], [role=contentinfo], [role=search], [role=complementary]"
)
_MAIN = "main, [role=main], article, [itemprop=articleBody]"
_INLINE = {
    *("a", "abbr", "b", "bdi", "bdo", "big", "cite", "code", "data", "dfn", "em", "font", "i", "ins", "kbd", "label", "mark"),
    *("q", "rp", "rt", "ruby", "s", "samp", "small", "span", "strong", "sub", "sup", "time", "tt", "u", "var", "wbr", "del"),
}
_HEADINGS = {"h1", "h2", "h3", "h4", "h5", "h6"}
_CLIMB = 12  # inline elements above a piece of text; deeper nesting than that is an attack, not a page


def main_text(html: str) -> tuple[str, str]:
    """Title and main text, a line a block. Both may be empty."""
    from selectolax.lexbor import LexborHTMLParser

    tree = LexborHTMLParser(html)
    title = tree.css_first("title")
    heading = tree.css_first("h1")
    named = next((n.text(strip=True) for n in (title, heading) if n is not None and n.text(strip=True)), "")
    body = tree.body
    if body is None:
        return named, ""
    for node in body.css(_DROPPED):
        node.decompose()
    content = _content(body)
    return " ".join(named.split()), "\n".join(_blocks(content, menus=content is body))


def _content(body: LexborNode) -> LexborNode:
    """The part marked as the content, if it holds a good share of the page's text."""
    whole = len(body.text(strip=True))
    parts = body.css(_MAIN)
    best = max(parts, key=lambda n: len(n.text(strip=True)), default=body)
    return best if len(best.text(strip=True)) * 4 > whole else body


def _blocks(root: LexborNode, *, menus: bool) -> list[str]:
    """Text of each block element in order; where there may be menus, short blocks that are mostly links are left out."""
    found: list[tuple[int, str, list[str], list[int]]] = []
    for node in root.traverse(include_text=True):
        if node.tag == "br":
            found.append((0, "br", [], [0]))
        if node.tag != "-text":
            continue
        text = node.text(deep=False)
        block, linked = _above(node)
        if not found or found[-1][0] != block.mem_id:
            found.append((block.mem_id, block.tag or "", [], [0]))
        found[-1][2].append(text)
        found[-1][3][0] += len(text.strip()) if linked else 0
    return [line for _, tag, texts, (links,) in found if (line := _line(tag, texts, links if menus else 0))]


def _line(tag: str, texts: list[str], links: int) -> str:
    if tag == "pre":
        return "".join(texts).strip("\n")
    line = " ".join("".join(texts).split())
    menu = links * 2 > len(line) and len(line) < 100
    return "" if menu and tag not in _HEADINGS else line


def _above(node: LexborNode) -> tuple[LexborNode, bool]:
    """The block element a text stands in, and whether it is part of a link."""
    at, linked = node.parent or node, False
    for _ in range(_CLIMB):
        linked = linked or at.tag == "a"
        if at.tag not in _INLINE or at.parent is None:
            break
        at = at.parent
    return at, linked
