"""The summary without a model: real sentences of the text, the ones it is about, in any language."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.tools._summary import sentences, summarise

ABOUT = {
    "en": "Subscribe to our newsletter. The European beaver was hunted almost to extinction for its fur. By 1900 only about "
    "1,200 beavers survived in eight small populations. Cookies help us. Protection has brought the beaver back to most of its "
    "former range. Beavers build dams, and the ponds behind the dams slow floods and store water.\nMy neighbour likes to play "
    "the piano in the evening. Managers lower the water of a beaver pond with pipes, without removing the dam.",
    "de": "Der Biber wurde wegen seines Fells fast ausgerottet. Um 1900 lebten z. B. nur noch etwa 1.200 Biber in Europa. "
    "Schutz und Wiederansiedlung haben den Biber in große Teile Europas zurückgebracht. Biber bauen Dämme aus Ästen. "
    "Ich esse gerne Kuchen mit Sahne am Sonntag. Die Teiche hinter den Dämmen der Biber bremsen Hochwasser.",
    "zh": "欧亚河狸曾因毛皮几乎被猎杀殆尽。到1900年，只有大约1200只河狸存活。保护使河狸回到了大部分原有的分布区。"
    "我的邻居晚上喜欢弹钢琴曲子。河狸用树枝和泥土筑坝，坝后的池塘能减缓洪水并储存水。2020年欧洲河狸数量超过120万只！",
    "ja": "ビーバーは毛皮のために絶滅寸前まで狩られた。1900年には約1200頭のビーバーしか残っていなかった。"
    "保護によってビーバーは元の生息地に戻った。隣の人は夜にピアノを弾くのが好きです。ビーバーは枝と泥でダムを作る。",
    "ar": "كان القندس الأوروبي مهددا بالانقراض بسبب فرائه. بقي حوالي ألف قندس فقط في عام 1900. "
    "هل تعلم لماذا عاد القندس إلى أوروبا؟ أعادت الحماية القندس إلى معظم مناطقه. "
    "يحب جاري العزف على البيانو في المساء. يبني القندس السدود من الأغصان والطين.",
    "hi": "बीवर को उसके फर के लिए लगभग समाप्त कर दिया गया था। 1900 तक यूरोप में केवल 1200 बीवर बचे थे। "
    "संरक्षण से बीवर वापस आ गए। मेरे पड़ोसी को शाम को पियानो बजाना पसंद है। बीवर टहनियों और मिट्टी से बांध बनाते हैं।",
}
OFF_TOPIC = ("piano", "Kuchen", "钢琴", "ピアノ", "البيانو", "पियानो", "newsletter", "Cookies")


@pytest.mark.parametrize("language", ABOUT)
def test_a_summary_is_made_of_the_text_s_own_sentences_in_order_and_on_its_topic(language: str) -> None:
    text = ABOUT[language]
    chosen = summarise(text, 3)
    plain = " ".join(text.split())
    assert len(chosen) == 3
    assert [plain.index(s) for s in chosen] == sorted(plain.index(s) for s in chosen)
    assert not [s for s in chosen if any(word in s for word in OFF_TOPIC)]


def test_abbreviations_numbers_and_initials_end_no_sentence() -> None:
    text = "Dr. J. Smith of No. 5 pays 1.200 e.g. on Monday. It is z. B. fine! Really? Yes."
    assert sentences(text) == ["Dr. J. Smith of No. 5 pays 1.200 e.g. on Monday.", "It is z. B. fine!", "Really?", "Yes."]


def test_a_closing_quote_stays_with_its_sentence() -> None:
    assert sentences("他说：“好。”然后走了。") == ["他说：“好。”", "然后走了。"]


def test_a_script_without_full_stops_is_parted_at_its_spaces() -> None:
    thai = " ".join(["บีเวอร์สร้างเขื่อนจากกิ่งไม้และโคลน"] * 30)
    assert max(map(len, sentences(thai))) < 300


def test_a_repeated_sentence_is_given_once() -> None:
    chosen = summarise("The beaver builds a dam of branches. " * 9 + "Frogs live in the pond behind the dam.", 3)
    assert len(chosen) == len(set(chosen)) == 2


def test_a_long_text_is_summarised_quickly() -> None:
    text = " ".join(f"Sentence number {i} speaks of topic {i % 17} and item {i % 29} at length." for i in range(5000))
    began = time.monotonic()
    assert summarise(text)
    assert time.monotonic() - began < 1


@given(st.text(max_size=400))
def test_any_text_gives_sentences_or_nothing(text: str) -> None:
    for sentence in summarise(text):
        assert sentence
        assert "\n" not in sentence
