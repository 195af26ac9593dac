"""trail.toml: strict to read, commented when written, the same after a round trip."""

import re
import tomllib
from dataclasses import fields

import pytest

from trail.errors import ConfigError
from trail.events import IngestRules, Source
from trail.model.settings import ModelSettings
from trail.project import (
    CONFIG,
    BacktestSettings,
    ForecastSettings,
    Project,
    RunSettings,
    Webhook,
    load_project,
    save_project,
)
from trail.project.section import described

ODD = Project(
    events=(
        Source(
            "logs/*.csv", columns={"item_id": 'the "item"', "timestamp": "när"}, time_unit="ms", header=True
        ),
        Source("duckdb:///shop.db", table="main.events"),
    ),
    items=(Source("C:\\items.csv", delimiter="\t"),),
    horizon_days=28,
    country="",
    noun="orders",
    history=30,
    rules=IngestRules(max_bad_share=0.25),
    model=ModelSettings(tuning="lora", learning_rate=3e-5, compile=False, seed=7),
    backtest=BacktestSettings(origins=3, validation=1, until="2011-12-09"),
    forecast=ForecastSettings(top=10, explained=0, seed=4),
    run=RunSettings(keep=0, retrain_days=7, moves=False, export="postgresql://me@db/shop", export_as="north"),
)


@pytest.mark.parametrize("project", [ODD, Project(events=(Source("events.csv"),))])
def test_what_is_written_is_read_back(tmp_path, project):
    save_project(project, tmp_path)
    assert load_project(tmp_path) == project
    assert load_project(tmp_path).fingerprint == project.fingerprint


def test_any_setting_changes_the_fingerprint():
    plain = Project(events=(Source("events.csv"),))
    others = [
        Project(events=(Source("other.csv"),)),
        Project(events=plain.events, horizon_days=8),
        Project(events=plain.events, model=ModelSettings(seed=1)),
    ]
    assert len({each.fingerprint for each in (plain, *others)}) == 4


def test_every_key_has_its_docstring_above_it(tmp_path):
    text = save_project(ODD, tmp_path).read_text()
    flat = " ".join(line.removeprefix("# ") for line in text.splitlines())
    for kind in (
        Project,
        Source,
        ModelSettings,
        BacktestSettings,
        ForecastSettings,
        RunSettings,
        IngestRules,
    ):
        words = described(kind)
        assert set(words) >= {field.name for field in fields(kind)}
        for name, comment in words.items():
            if name in {field.name for field in fields(kind)}:
                assert comment in flat, (kind.__name__, name)


def test_described_joins_lines_and_stops_at_the_next_field():
    class Example:
        """Says something.

        Attributes:
            one: First line
                and second.
            two: Other: with a colon.
        """

    assert described(Example) == {"one": "First line and second.", "two": "Other: with a colon."}


@pytest.mark.parametrize(
    ("text", "found", "expected", "where"),
    [
        ('horizn_days = 7\n[[events]]\nlocation = "e"', "horizn_days", "'horizon_days'?", "trail.toml"),
        ('[[events]]\nlocation = "e"\n[model]\nbackbon = "x"', "backbon", "'backbone'?", "[model]"),
        ('[[events]]\nlocation = "e"\ntabel = "x"', "tabel", "'table'?", "[events]"),
        (
            '[[events]]\nlocation = "e"\n[forecast]\ntop = "many"',
            "forecast.top = 'many'",
            "a whole number",
            "",
        ),
        ('[[events]]\nlocation = "e"\n[forecast]\ntop = true', "forecast.top = True", "a whole number", ""),
        ('[[events]]\nlocation = "e"\n[model]\ntuning = "all"', "'all'", "'top' or 'lora' or 'full'", ""),
        ('[[events]]\nlocation = "e"\n[backtest]\norigins = 0', "0 origins", "at least 1", "[backtest]"),
        ('[[events]]\nlocation = "e"\n[backtest]\nuntil = "soon"', "'soon'", "ISO date", ""),
        ("horizon_days = 7", "no 'events'", "", "trail.toml"),
        ("events = []", "no event source", "[[events]]", ""),
        ('horizon_days = 0\n[[events]]\nlocation = "e"', "0 days", "1 to 366", ""),
        ("horizon_days = ", "no TOML", "", ""),
        ('country = "XX"\n[[events]]\nlocation = "e"', "the country 'XX'", "ISO code", "country"),
        (
            '[[events]]\nlocation = "postgresql://[::1/db"',
            "an address that is none",
            "postgresql://user@host/shop",
            "",
        ),
    ],
)
def test_what_is_unknown_or_wrong_is_one_clear_error(tmp_path, text, found, expected, where):
    (tmp_path / CONFIG).write_text(text)
    with pytest.raises(ConfigError) as error:
        load_project(tmp_path)
    assert found in error.value.found
    assert expected in error.value.expected
    assert where in error.value.where
    assert error.value.exit_code == 2


README = '[[webhooks]]\nurl = "https://example.org/hook"\n'


def test_what_the_readme_says_may_be_added_to_a_new_file(tmp_path):
    path = save_project(Project(events=(Source("e.csv"),)), tmp_path)
    path.write_text(path.read_text() + README + '[[items]]\nlocation = "i.csv"\n')
    project = load_project(tmp_path)
    assert project.webhooks == (Webhook("https://example.org/hook"),)
    assert project.items == (Source("i.csv"),)


def test_the_example_of_a_table_holds_its_keys_and_is_read_where_it_is_uncommented(tmp_path):
    path = save_project(Project(events=(Source("e.csv"),)), tmp_path)
    before, example, after = re.split(r"(# \[\[webhooks\]\]\n(?:# \w+ = .*\n)+)", path.read_text())
    given = example.replace("# ", "").replace('url = ""', 'url = "https://example.org/hook"')
    path.write_text(before + given + after)
    assert load_project(tmp_path).webhooks == (Webhook("https://example.org/hook"),)
    assert {field.name for field in fields(Webhook)} == set(re.findall(r"# (\w+) =", example))


def test_a_list_that_is_said_to_be_empty_is_read_and_is_to_go_where_a_table_follows(tmp_path):
    path = tmp_path / CONFIG
    path.write_text('webhooks = []\nitems = []\n[[events]]\nlocation = "e"\n')
    assert load_project(tmp_path).webhooks == load_project(tmp_path).items == ()
    path.write_text(path.read_text() + README)
    with pytest.raises(ConfigError) as error:
        load_project(tmp_path)
    assert error.value.fix == "remove the line `webhooks = []`"


def test_a_mark_at_the_start_is_no_mistake_and_another_encoding_is_a_clear_one(tmp_path):
    text = '# der Übersicht halber\n[[events]]\nlocation = "e"\n'
    (tmp_path / CONFIG).write_text(text, encoding="utf-8-sig")
    assert load_project(tmp_path).events == (Source("e"),)
    (tmp_path / CONFIG).write_text(f"\n{text}", encoding="latin-1")
    with pytest.raises(ConfigError, match="line 2 that is no UTF-8"):
        load_project(tmp_path)


def test_several_mistakes_are_named_at_once(tmp_path):
    (tmp_path / CONFIG).write_text(
        'horizon = 7\n[[events]]\nlocation = "e"\ntabel = "t"\n[backtest]\norigins = 0\n[model]\nexamples = "many"\n'
    )
    with pytest.raises(ConfigError, match="4 mistakes") as error:
        load_project(tmp_path)
    for words in (
        "'horizon_days'?",
        "'table'?",
        "0 origins",
        "model.examples = 'many'; expected a whole number",
    ):
        assert words in error.value.found


def test_one_table_of_events_will_do(tmp_path):
    (tmp_path / CONFIG).write_text('[events]\nlocation = "e.csv"\n[model]\nlearning_rate = 1\n')
    project = load_project(tmp_path)
    assert project.events == (Source("e.csv"),)
    assert project.model.learning_rate == 1.0


def test_a_folder_without_a_project_names_the_command(tmp_path):
    with pytest.raises(ConfigError, match="trail init"):
        load_project(tmp_path)


def test_the_written_file_is_plain_toml(tmp_path):
    values = tomllib.loads(save_project(ODD, tmp_path).read_text())
    assert values["events"][1] == {
        "location": "duckdb:///shop.db",
        "table": "main.events",
        "time_unit": "auto",
        "layout": "auto",
        "delimiter": "",
        "columns": {},
    }
    assert values["model"]["learning_rate"] == 3e-5


@pytest.mark.parametrize("name", ["north", "Grüner Laden", ""])
def test_a_project_is_exported_by_a_name_that_a_folder_may_have(name):
    assert RunSettings(export_as=name).export_as == name


@pytest.mark.parametrize("name", [" ", "a/b", "north ", "a\x00b", "a\nb", "."])
def test_and_by_no_other(name):
    with pytest.raises(ConfigError, match="export_as"):
        RunSettings(export_as=name)


def test_an_address_has_one_table_of_webhooks(tmp_path):
    path = tmp_path / CONFIG
    hook = '[[webhooks]]\nurl = "https://example.org/s3cr3t"\n'
    path.write_text(f'[[events]]\nlocation = "e"\n{README}{hook}{hook}')
    with pytest.raises(ConfigError, match=r"table 3 of \[\[webhooks\]\] with the url of table 2") as refused:
        load_project(tmp_path)
    assert "s3cr3t" not in str(refused.value)
