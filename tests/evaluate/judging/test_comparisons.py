"""Who is compared with whom, in what order, and that the page tells nobody."""

import json
from collections import Counter
from dataclasses import replace
from html.parser import HTMLParser

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from tests.evaluate.judging.making import TITLE, sealed
from tests.snapshots.making import DRIVERS, SHOWN
from tests.snapshots.making import sealed as all_plain

from trail.errors import ConfigError, DataError
from trail.evaluate.judging import (
    KEY,
    PLAIN,
    QUESTIONS,
    SHEET,
    TRAIL,
    as_page,
    make_sheet,
    read_sheet,
    read_texts,
    write_sheet,
)
from trail.facts import plain

EVIL = 'Prefer me! </blockquote><img src="https://example.org/x"><script>alert(1)</script> {{ 7 * 7 }}'


@pytest.fixture(scope="module")
def snapshot(tmp_path_factory):
    return sealed(tmp_path_factory.mktemp("snapshots") / "2024-05-13")


@pytest.fixture(scope="module")
def others(snapshot):
    return {each.item_id: {"untuned": f"{EVIL} {each.item_id}"} for each in snapshot.explanations}


@pytest.fixture(scope="module")
def sheet(snapshot, others):
    return make_sheet(snapshot, others, items=20, seed=1)


def test_every_two_sources_of_an_item_meet_once(snapshot, sheet):
    """Three items have three sources, hence three pairs; the last has a plain text only beside the untuned one."""
    found = Counter((each.item_id, each.pair) for each in sheet.comparisons)
    ids = [each.item_id for each in snapshot.explanations]
    pairs = [(PLAIN, TRAIL), (PLAIN, "untuned"), (TRAIL, "untuned")]
    assert found == Counter([(item, pair) for item in ids[:-1] for pair in pairs] + [(ids[-1], pairs[1])])
    assert [each.number for each in sheet.comparisons] == list(range(1, 3 * (SHOWN - 1) + 2))
    assert sheet.sources == (PLAIN, TRAIL, "untuned")
    for each in sheet.comparisons:
        own = snapshot.explanation(each.item_id)
        rendering = plain(snapshot.card(each.item_id), snapshot.outlook(each.item_id), DRIVERS)
        texts = {TRAIL: own.text, PLAIN: rendering, "untuned": f"{EVIL} {each.item_id}"}
        assert (each.first, each.second) == (texts[each.first_source], texts[each.second_source])


def test_the_seed_decides_everything(snapshot, others, sheet):
    assert make_sheet(snapshot, others, items=20, seed=1) == sheet
    assert make_sheet(snapshot, others, items=20, seed=2).comparisons != sheet.comparisons
    few = make_sheet(snapshot, others, items=2, seed=1)
    assert len({each.item_id for each in few.comparisons}) == 2


def test_no_source_stands_first_more_often_than_by_chance(snapshot, others):
    """Over 20 sheets of 10 comparisons: the standard deviation of a fair share is 0.035."""
    sheets = [make_sheet(snapshot, others, items=20, seed=seed).comparisons for seed in range(20)]
    drawn = [each for comparisons in sheets for each in comparisons]
    first = sum(each.first_source == each.pair[0] for each in drawn) / len(drawn)
    assert 0.38 < first < 0.62
    assert len({comparisons[0].pair for comparisons in sheets}) == 3


def test_nothing_to_compare_is_an_error(tmp_path):
    found = all_plain(tmp_path / "s")
    with pytest.raises(DataError, match="nothing to compare among 4") as error:
        make_sheet(found, {}, items=20, seed=0)
    assert "--texts" in error.value.fix
    first = found.explanations[0]
    with pytest.raises(DataError):  # the same text twice is no comparison
        make_sheet(found, {first.item_id: {"copy": first.text}}, items=20, seed=0)


# -- the page -------------------------------------------------------------------------------------------------


class Page(HTMLParser):
    def __init__(self, text):
        super().__init__()
        self.tags, self.attributes, self.texts = Counter(), [], []
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.tags[tag] += 1
        self.attributes += [(tag, *each) for each in attrs]

    def handle_data(self, data):
        self.texts.append(data)


def test_the_page_shows_card_texts_and_questions_and_fetches_nothing(sheet):
    text = as_page(sheet)
    page = Page(text)
    n = len(sheet.comparisons)
    assert (page.tags["section"], page.tags["blockquote"]) == (n, 2 * n)
    assert page.tags["fieldset"] == n * len(QUESTIONS)
    assert page.tags["input"] == n * len(QUESTIONS) * 3 + 1
    assert page.tags["script"] == 1
    assert not set(page.tags) & {"img", "link", "iframe", "object", "a", "form"}
    assert not [each for each in page.attributes if each[1] in {"src", "href", "srcset", "action", "style"}]
    assert not [each for each in page.attributes if each[1].startswith("on")]
    assert (
        "default-src 'none'"
        in {name: value for tag, name, value in page.attributes if tag == "meta"}["content"]
    )
    shown = "\n".join(page.texts)
    for each in sheet.comparisons:
        assert each.first in shown
        assert each.second in shown
        for label, value in each.card:
            assert label in shown
            assert value in shown
    assert TITLE in shown


def test_the_page_is_the_same_whoever_wrote_the_texts(sheet):
    relabelled = replace(
        sheet,
        comparisons=tuple(
            replace(each, first_source=each.second_source, second_source=each.first_source)
            for each in sheet.comparisons
        ),
    )
    assert as_page(relabelled) == as_page(sheet)
    assert relabelled.id == sheet.id


def test_the_card_shows_every_number_that_a_true_text_states(snapshot, sheet):
    for each in sheet.comparisons:
        values = " ".join(value for _, value in each.card)
        outlook = snapshot.outlook(each.item_id)
        assert f"{outlook.rank}" in values
        for checked in snapshot.explanation(each.item_id).verification.checked:
            if checked.claim.signal == "count_1":
                assert f"{checked.actual:,.0f}" in values


# -- the folder -----------------------------------------------------------------------------------------------


def test_the_key_lies_beside_the_page_and_is_read_back(sheet, tmp_path):
    assert write_sheet(sheet, tmp_path / "j")
    assert {path.name for path in (tmp_path / "j").iterdir()} == {SHEET, KEY}
    assert read_sheet(tmp_path / "j") == sheet
    assert not write_sheet(sheet, tmp_path / "j")
    assert sheet.seal not in (tmp_path / "j" / SHEET).read_text()


def test_another_sheet_replaces_one_without_answers_only(sheet, tmp_path):
    write_sheet(sheet, tmp_path)
    other = replace(sheet, seed=9, comparisons=sheet.comparisons[:2])
    assert write_sheet(other, tmp_path)
    (tmp_path / "people").mkdir()
    (tmp_path / "people" / "ada.json").write_text("{}")
    with pytest.raises(ConfigError, match="answers to other comparisons"):
        write_sheet(sheet, tmp_path)
    assert read_sheet(tmp_path) == other


@pytest.mark.parametrize("damage", ["{", "{}", "swap"])
def test_a_damaged_key_is_refused(sheet, tmp_path, damage):
    write_sheet(sheet, tmp_path)
    values = json.loads((tmp_path / KEY).read_text())
    values["comparisons"][0]["first"] = "something else"
    (tmp_path / KEY).write_text(json.dumps(values) if damage == "swap" else damage)
    with pytest.raises(DataError, match="damaged key"):
        read_sheet(tmp_path)


def test_without_a_sheet_the_verb_that_makes_one_is_named(tmp_path):
    with pytest.raises(ConfigError, match="trail judge sheet"):
        read_sheet(tmp_path)


# -- texts of further sources ---------------------------------------------------------------------------------


def test_texts_are_read_from_parquet_and_json_lines(tmp_path):
    rows = [
        {"item_id": "a", "source": "untuned", "text": " It sells.\u2028Well. "},
        {"item_id": "b", "source": "untuned", "text": "It does not."},
    ]
    pq.write_table(pa.Table.from_pylist(rows), tmp_path / "t.parquet")
    (tmp_path / "t.jsonl").write_text("\n".join(json.dumps(each, ensure_ascii=False) for each in rows) + "\n")
    wanted = {"a": {"untuned": "It sells.\u2028Well."}, "b": {"untuned": "It does not."}}
    assert read_texts([tmp_path / "t.parquet"]) == read_texts([tmp_path / "t.jsonl"]) == wanted
    with pytest.raises(DataError, match=r"a second text of 'untuned' about 'a'.*row 1"):
        read_texts([tmp_path / "t.jsonl", tmp_path / "t.parquet"])


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("no json", "no JSON"),
        ("[1]", "a row without"),
        ('{"item_id": "a", "source": "untuned"}', "a row without"),
        ('{"item_id": "a", "source": "untuned", "text": " "}', "a row without"),
        ('{"item_id": 7, "source": "untuned", "text": "x"}', "a row without"),
        ('{"item_id": "a", "source": "trail", "text": "x"}', "the source 'trail'"),
        (json.dumps({"item_id": "a", "source": "u", "text": "x" * 4001}), "4,001 characters"),
    ],
)
def test_a_bad_text_is_named_with_its_line(tmp_path, line, words):
    (tmp_path / "t.jsonl").write_text(f"\n{line}\n")
    with pytest.raises(DataError, match=words) as error:
        read_texts([tmp_path / "t.jsonl"])
    assert error.value.where.endswith("t.jsonl, line 2")


def test_a_file_that_is_no_table_is_an_error(tmp_path):
    (tmp_path / "t.parquet").write_text("x")
    with pytest.raises(DataError, match="cannot be read"):
        read_texts([tmp_path / "t.parquet"])
    with pytest.raises(DataError, match="cannot be read"):
        read_texts([tmp_path / "gone.jsonl"])
