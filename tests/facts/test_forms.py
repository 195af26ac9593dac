"""Forms of one text: variety, lengths, readers, languages; the facts said in each are held side by side."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import replace
from datetime import date
from pathlib import Path

import numpy as np
import pytest
from babel.numbers import parse_decimal

from trail.evaluate.text_metrics import distinct, most_alike, ngrams, skeleton
from trail.events import Horizon
from trail.facts import Audience, Driver, Language, Length, Style, plain, render, translated, verify
from trail.facts.numbers import rounded
from trail.facts.outline import contexts_of
from trail.facts.render import stated
from trail.facts.slots import Facts, unit_of
from trail.facts.tongues import TONGUES
from trail.facts.translate import kind_of
from trail.signals import SIGNALS, Group, Unit

from .cards import CANDLE, CANDLE_OUTLOOK
from .cases import OUTLOOK, card, cards, drivers, outlook

CARDS = 150
LENGTHS, OTHERS = tuple(Length), tuple(each for each in Language if each is not Language.ENGLISH)


@pytest.fixture(scope="module")
def told(synthetic, opened):
    """Cards with a forecast; three in four have drivers."""
    rng, pool = np.random.default_rng(11), cards(synthetic, opened)
    found = []
    for at in range(CARDS):
        each = pool[rng.integers(len(pool))]
        found.append((each, outlook(each, rng), drivers(each, rng) if at % 4 else []))
    return found


# -- variety --------------------------------------------------------------------------------------------------


def test_no_skeleton_stands_in_fifty_texts_more_than_three_times(synthetic, opened):
    """Fifty items of one log and week: lessons, plain texts with drivers, and plain texts without."""
    rng = np.random.default_rng(2)
    pool = [
        each for each in cards(synthetic, opened) if each.horizon == Horizon(7) and each.events == "orders"
    ]
    rows = [
        (each, outlook(each, rng), drivers(each, rng))
        for each in (pool[at] for at in rng.permutation(len(pool))[:50])
    ]
    kinds = {
        "lesson": [render(*row, rng).text for row in rows],
        "plain": [plain(*row) for row in rows],
        "without drivers": [plain(*row[:2], []) for row in rows],
    }
    for name, texts in kinds.items():
        told = [(text, row[0]) for text, row in zip(texts, rows, strict=True)]
        assert 1 <= most_alike(told) <= 3, (name, Counter(skeleton(*each) for each in told).most_common(1))
    assert most_alike([*told, *told[:1] * 9]) >= 10
    assert distinct(ngrams(kinds["lesson"], 2)[:989]) > 0.5


@pytest.mark.xfail(
    strict=True,
    reason="0.57 to 0.62 on as many pairs as the hand-written have, these 0.69: windows and the words around the range recur",
)
def test_lessons_are_as_varied_as_what_was_written_by_hand(synthetic, opened):
    path = Path(__file__).parent / "texts" / "sentences.txt"
    lines = [
        line.split("|", 2)
        for line in path.read_text(encoding="utf-8").splitlines()
        if line and line[0] != "#"
    ]
    hand = ngrams([line[2].strip() for line in lines if line[1].strip() == "yes"], 2)
    rng, pool = np.random.default_rng(3), cards(synthetic, opened)
    chosen = [pool[at] for at in rng.permutation(len(pool))[:50]]
    ours = ngrams([render(each, outlook(each, rng), drivers(each, rng), rng).text for each in chosen], 2)
    assert distinct(ours[: len(hand)]) >= distinct(hand)


# -- lengths and readers --------------------------------------------------------------------------------------


def claims(text: str, each, forecast) -> set[tuple[object, ...]]:
    found = verify(text, each, forecast)
    assert found.holds, (text, [one.reason for one in found.checked])
    return {
        (c.signal, c.other, c.relation, str(c.stated).strip('"').lower())
        for c in (one.claim for one in found.checked)
    }


def test_a_shorter_form_says_less_and_every_reader_is_told_the_same(told):
    for row in told:
        said = {
            (length, reader): claims(plain(*row, Style(length, reader)), *row[:2])
            for length in Length
            for reader in Audience
        }
        for length in Length:
            assert (
                said[length, Audience.MERCHANDISER]
                == said[length, Audience.ENGINEER]
                == said[length, Audience.EXECUTIVE]
            )
        for reader in Audience:
            short, normal, long = (said[length, reader] for length in LENGTHS)
            assert short <= normal <= long
            assert short < long


def test_the_short_form_is_one_sentence_and_no_form_smells_of_its_frame(told):
    for row in told:
        for reader in Audience:
            assert len(re.findall(r"[.](?: |$)", plain(*row, Style(Length.SHORT, reader)))) == 1
            for length in Length:
                assert not re.search(
                    r"  |None|[{}\[\]]|\.\.|,,| ,| \.|: ,", plain(*row, Style(length, reader))
                )


def test_context_is_said_where_there_is_any_and_not_in_the_short_form():
    each = card({"title": "Heart", "category": "Hearts"}, count_1=98.0)
    assert contexts_of(Facts(each)) == ["holiday", "category"]
    assert contexts_of(Facts(each), ("metadata",)) == ["holiday"]
    long = plain(each, OUTLOOK, [], Style(Length.LONG))
    assert long.startswith("In the week of Christmas Eve, ")
    assert ' for this "Hearts" item, ' in long
    assert "Hearts" not in plain(each, OUTLOOK, [], Style(Length.SHORT))


# -- languages ------------------------------------------------------------------------------------------------


def test_every_signal_and_every_part_has_words_in_every_language():
    """The keys of each language are those of the signals that may be reasons: none is missing, none is left over."""
    signals = {
        kind_of(each.name) for each in SIGNALS if each.wording.say and each.group is not Group.CALENDAR
    }
    assert set(TONGUES) == {each.value for each in OTHERS}
    for tongue in TONGUES.values():
        assert set(tongue.signals) == signals
        assert set(tongue.spans) == {"day", "week", "fortnight", "month", "quarter", "period"}
        for name in ("forecast", "frames", "context", "events", "people"):
            assert set(getattr(tongue, name)) == set(getattr(TONGUES["de"], name))
        for name, words in tongue.signals.items():
            signal = next(each for each in SIGNALS if kind_of(each.name) == name)
            turns = "[" in "".join(signal.wording.say) or ":more}" in "".join(signal.wording.say)
            assert isinstance(words, tuple) == turns, name
            assert not signal.wording.flat or len(words) == 3, name


@pytest.mark.parametrize("language", OTHERS)
def test_a_translation_states_the_facts_of_the_english_text(told, language):
    """The same signals in each length, and every number, read back by Babel, at the rounding of English."""
    stated_numbers = 0
    for each, forecast, reasons in told:
        for length in Length:
            text = translated(each, forecast, reasons, Style(length, language=language))
            english = stated(each, forecast, reasons, Style(length))
            assert Counter(one.signal for one in text.statements) == Counter(
                one.signal for one in english.statements
            )
            assert not re.search(r"None|nan|[{}\[\]]|\.\.", text.text)
            facts = Facts(each, forecast)
            for slot in (slot for one in text.statements for slot in one.slots):
                assert text.text[slot.start : slot.end].lower() == slot.shown.lower()
                shown = re.search(r"\d(?:[\d.,\u202f\u00a0]*\d)?", slot.shown)
                unit, true = unit_of(slot.name), abs(facts.number(slot.name))
                scale = 100 if unit in (Unit.CHANGE, Unit.SHARE) else 1
                number = float(parse_decimal(shown[0], locale=language.value))
                assert number == pytest.approx(abs(rounded(unit, true)) * scale), (slot, text.text)
                stated_numbers += 1
    assert stated_numbers > 4 * CARDS


#: Words of a rise and of a fall by language, none of which is part of one of the other side.
_TURNS = {
    "de": (r"stieg|steigt|mehr als|zu$|liegt .* zurück", r"fiel|fällt|fallen|weniger|nach$|bis zum"),
    "fr": (r"hausse|augmenté|de plus|progressé|gagné|remonte", r"baisse|baissé|de moins|reculé|perdu|prévue"),
    "es": (r"sub(?:e|ió|ido)\b|más|hace", r"baj(?:a|ó|ado)\b|menos|dentro"),
    "zh": (r"增|上升|多|前$", r"减|下降|少|后"),
}


@pytest.mark.parametrize("language", OTHERS)
def test_a_rise_is_told_as_a_rise_and_a_fall_as_a_fall(language):
    """Words of each side, for values of each sign, as the text has them: numbers alone do not tell a rise from a fall."""
    up, down = (re.compile(each) for each in _TURNS[language.value])
    turning = {
        name: words for name, words in TONGUES[language.value].signals.items() if isinstance(words, tuple)
    }
    seen = set()
    for name in turning:
        for value in (4.0, -4.0):
            values = {"count_1": 14.0, "count_2": 14.0 - value} | {name: value}
            reasons = [Driver(name, 1.0)]
            text = translated(card(**values), OUTLOOK, reasons, Style(Length.SHORT, language=language))
            said = next((one for one in text.statements if one.signal == name), None)
            if said is None:  # not a reason of so small a card
                continue
            seen.add((name, value > 0))
            words = text.text[said.start : said.end]
            right, wrong = (up, down) if value > 0 else (down, up)
            assert right.search(words), (name, value, words)
            assert not wrong.search(words), (name, value, words)
    assert len(seen) > len(turning), seen


def test_numbers_plurals_and_measure_words():
    """Decimal commas, thousands, singulars: 1 of 1, in French also of 0 and 1.5; a measure word in Chinese."""
    reasons = [Driver("count_1", 1.0)]

    def said(language: Language, value: float) -> str:
        return translated(card(count_1=value), OUTLOOK, reasons, Style(Length.SHORT, language=language)).text

    assert said(Language.GERMAN, 1.0).endswith("letzte Woche gab es 1 Bestellung.")
    assert said(Language.GERMAN, 2.4).endswith("2,4 Bestellungen.")
    assert said(Language.GERMAN, 12345.0).endswith("12.345 Bestellungen.")
    assert said(Language.FRENCH, 1.5).endswith("1,5 commande.")
    assert said(Language.FRENCH, 0.0).endswith("0 commande.")
    assert said(Language.FRENCH, 12345.0).endswith("12\u202f345 commandes.")
    assert said(Language.SPANISH, 0.0).endswith("0 pedidos.")
    assert said(Language.SPANISH, 12345.0).endswith("12.345 pedidos.")
    assert said(Language.CHINESE, 12345.0).endswith("上周有12,345个订单。")


def test_a_whole_text_in_each_language():
    reasons = [Driver("growth", 0.4), Driver("catalogue_growth", -0.2)]
    new = replace(
        CANDLE,
        metadata={**CANDLE.metadata, "release": date(2011, 12, 1)},
        values={**CANDLE.values, "release_age": 4.0},
    )
    bauble = replace(CANDLE, metadata={**CANDLE.metadata, "title": "Christmas Candle"})
    openings = {
        Language.GERMAN: (
            "Erscheinungstag: 1. Dezember. ",
            "Der Zeitraum beginnt am 5. Dezember. Artikel: „Christmas Candle“. ",
        ),
        Language.FRENCH: (
            "Date de sortie : 1 décembre. ",
            "La période commence le 5 décembre. Article : « Christmas Candle ». ",
        ),
        Language.SPANISH: (
            "Fecha de lanzamiento: 1 de diciembre. ",
            "El periodo empieza el 5 de diciembre. Artículo: «Christmas Candle». ",
        ),
        Language.CHINESE: ("发布日期：12月1日。", "预测期始于12月5日。商品：“Christmas Candle”。"),
    }
    for language, words in openings.items():
        for each, opening in zip((new, bauble), words, strict=True):
            text = translated(each, CANDLE_OUTLOOK, reasons, Style(language=language)).text
            assert text.replace("\u202f", " ").replace("\xa0", " ").startswith(opening)
    texts = {
        each: translated(CANDLE, CANDLE_OUTLOOK, reasons, Style(language=each))
        .text.replace("\u202f", " ")
        .replace("\xa0", " ")
        for each in OTHERS
    }
    assert texts == {
        Language.GERMAN: "Wir erwarten nächste Woche 110 Bestellungen (80-%-Bereich: 84 bis 140). "
        "Hauptgrund: die Zahl der Bestellungen stieg gegenüber der Vorwoche um 31 %. Dagegen spricht: der gesamte Katalog "
        "gab gegenüber der Vorwoche um 2 % nach.",
        Language.FRENCH: "Nous attendons 110 commandes la semaine prochaine (intervalle à 80 % : de "
        "84 à 140). Raison principale : le nombre de commandes a augmenté de 31 % par rapport à la semaine précédente. En sa "
        "défaveur : l'ensemble du catalogue a reculé de 2 % par rapport à la semaine précédente.",
        Language.SPANISH: "Esperamos 110 pedidos la próxima semana (intervalo del 80 %: de 84 a 140). "
        "Motivo principal: el número de pedidos subió un 31 % respecto a la semana anterior. En contra: el conjunto del "
        "catálogo bajó un 2 % respecto a la semana anterior.",
        Language.CHINESE: "预计下周有110个订单（80%区间：84至140）。主要原因：订单数较前一周增长了31%。"
        "不利因素：全部商品较前一周下降了2%。",
    }
