"""Reads the search phrase off a result page's title or address, for the usual engines in any interface language."""

from __future__ import annotations

from functools import lru_cache

import re2

from agent.core.families import host
from agent.patterns._text import clean, parts


def _set(text: str) -> frozenset[str]:
    return frozenset(text.split())


_GOOGLE = (
    "search|suche|recherche|buscar con|buscar|cerca con|pesquisa|pesquisar|検索|搜索|搜尋|검색|поиск в|пошук|zoeken|szukaj w|"
    "'?da ara|sök|søgning|søk|haku|hledat|vyhľadať|keresés|căutare|αναζήτηση|بحث|חיפוש|जगह|tìm kiếm|ค้นหา|penelusuran|scholar"
)
_TITLES = tuple(
    re2.compile(r"(?i)^(.+?)" + tail)
    for tail in (
        rf"\s+[-–—]\s+(?:google[- ]?(?:{_GOOGLE})|(?:{_GOOGLE})\s?google)\W*$",
        r"\s+(?:at|bei|sur|en|su|em|no|op|på|i|w|v|в|na|via|auf|-|–|—)\s+duckduckgo$",
        r"\s+[-–—]\s+(?:microsoft )?bing(?: .{0,12})?$",
        r"\s*[-–—_]\s*(?:百度搜索|百度一下|搜狗搜索|360搜索|必应|神马搜索|头条搜索)$",
        r"\s+[-–—]\s+(?:the )?(?:ecosia|startpage|brave|kagi|mojeek|qwant|yahoo!?|searxng|presearch|swisscows|metager|yep)"
        r"(?:\s.{0,30})?$",
        r"\s+[-–—]\s+(?:ecosia|qwant)\s+[-–—]\s+\S+$",
        r"\s+[-–—]\s+(?:яндекс|yandex)(?:\W.*)?$",
        r"\s*:\s*네이버 (?:통합)?검색$|\s+[-–—]\s+다음 검색$",
        r"\s*」?の検索結果.*yahoo!検索.*$|\s+[-–—]\s+yahoo!検索.*$",
        r"\s+[-–—]\s+(?:seznam(?:\.cz)?|coccoc search|cốc cốc)$",
    )
)
_RESULT_PATHS = ("/search", "/s", "/web", "/html", "/sp/search", "/results", "/scholar", "/serp", "/find", "/yandsearch")
_ENGINES = _set(
    """bing.com duckduckgo.com search.brave.com ecosia.org startpage.com qwant.com baidu.com m.baidu.com
    search.naver.com sogou.com so.com kagi.com search.yahoo.com search.yahoo.co.jp mojeek.com search.seznam.cz ya.ru
    swisscows.com scholar.google.com metager.org presearch.com html.duckduckgo.com lite.duckduckgo.com cn.bing.com"""
)
_COUNTRY = re2.compile(r"^(?:google|yandex)\.[a-z.]{2,6}$|^[a-z]{2}\.search\.yahoo\.com$")


@lru_cache(maxsize=4096)
def query(title: str, url: str) -> str:
    """What was searched for, or empty when this is no page of search results."""
    if url and not result_page(url):
        return ""
    for pattern in _TITLES:
        match = pattern.match(title)
        if match:
            return clean(match.group(1).lstrip("「"))
    return clean(parts(title)[0]) if url and len(parts(title)) > 1 else ""


def result_page(url: str) -> bool:
    """Whether an address is a page of search results (its query may have been removed)."""
    name = host(url)
    if name not in _ENGINES and not _COUNTRY.match(name):
        return False
    path = "/" + url.partition("://")[2].partition("/")[2]
    bare = path.partition("?")[0].rstrip("/")
    return "?" in path or bare in _RESULT_PATHS or (bare == "" and "duckduckgo" in name)
