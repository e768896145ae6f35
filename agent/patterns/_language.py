"""Guesses the language of titles and says a few search phrases in it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from types import MappingProxyType

import re2

_SCRIPTS = (
    ("ja", re2.compile(r"[\p{Hiragana}\p{Katakana}]")),
    ("ko", re2.compile(r"\p{Hangul}")),
    ("zh", re2.compile(r"\p{Han}")),
    ("ru", re2.compile(r"\p{Cyrillic}")),
)
_SMALL: Mapping[str, frozenset[str]] = MappingProxyType(
    {
        "en": frozenset({"the", "and", "of", "for", "with", "your", "how", "is"}),
        "de": frozenset({"der", "die", "und", "für", "mit", "von", "das", "wie", "nicht", "im"}),
        "fr": frozenset({"le", "les", "des", "et", "pour", "avec", "sur", "une", "du", "comment"}),
        "es": frozenset({"el", "los", "las", "y", "para", "con", "cómo", "una", "del"}),
        "pt": frozenset({"os", "das", "uma", "com", "não", "como", "e", "do", "da"}),
        "it": frozenset({"il", "gli", "di", "per", "che", "della", "come", "una"}),
    }
)
_WORD = re2.compile(r"\pL+")

CLEARLY = 0.3
"""Share of the titles: one mail in another language does not change the user's."""

SAYINGS: Mapping[str, Mapping[str, str]] = MappingProxyType(
    {
        "fill": {
            "en": "fill web form from spreadsheet automatically",
            "de": "Webformular aus Tabelle automatisch ausfüllen",
            "fr": "remplir un formulaire web depuis un tableur automatiquement",
            "es": "rellenar formulario web desde hoja de cálculo automáticamente",
            "pt": "preencher formulário web a partir de planilha automaticamente",
            "it": "compilare modulo web da foglio di calcolo automaticamente",
            "ru": "заполнить веб-форму из таблицы автоматически",
            "zh": "从表格自动填写网页表单",
            "ja": "スプレッドシートからWebフォームに自動入力",
            "ko": "스프레드시트에서 웹 양식 자동 입력",
        },
        "import": {
            "en": "import data from another document at once",
            "de": "Daten aus anderem Dokument auf einmal übernehmen",
            "fr": "importer les données d'un autre document en une fois",
            "es": "importar datos de otro documento de una vez",
            "pt": "importar dados de outro documento de uma vez",
            "it": "importare dati da un altro documento in una volta",
            "ru": "импортировать данные из другого документа сразу",
            "zh": "批量导入其他文档的数据",
            "ja": "別の文書からデータを一括で取り込む",
            "ko": "다른 문서에서 데이터 한 번에 가져오기",
        },
        "stretch": {
            "en": "five minute desk stretches",
            "de": "fünf Minuten Dehnübungen am Schreibtisch",
            "fr": "étirements au bureau cinq minutes",
            "es": "estiramientos de oficina cinco minutos",
            "pt": "alongamentos no escritório cinco minutos",
            "it": "stretching in ufficio cinque minuti",
            "ru": "разминка за столом пять минут",
            "zh": "五分钟办公室拉伸",
            "ja": "デスクでできる5分ストレッチ",
            "ko": "5분 사무실 스트레칭",
        },
    }
)
"""What to search for -> language -> phrase."""


def language(titles: Iterable[str]) -> str:
    """The two-letter language of most titles (each counted once); English unless another one is clearly ahead."""
    votes: Counter[str] = Counter()
    different = set(titles)
    for title in different:
        script = next((name for name, pattern in _SCRIPTS if pattern.search(title)), "")
        own = {word.casefold() for word in _WORD.findall(title)}
        votes.update([script] if script else [name for name, small in _SMALL.items() if own & small])
    best = max(votes, key=lambda name: votes[name], default="en")
    needed = max(2 * votes["en"], CLEARLY * len(different))
    return best if votes[best] > needed else "en"


def say(what: str, name: str) -> str:
    """A phrase of SAYINGS in a language."""
    return SAYINGS[what].get(name, SAYINGS[what]["en"])
