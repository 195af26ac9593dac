"""A sealed snapshot scored: every figure and every count equal to SQL written here, and to hand-made values."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import duckdb
import numpy as np
import pyarrow as pa
import pytest
from tests.snapshots.making import K, sealed

from trail.baselines.sample import sample_log
from trail.errors import DataError
from trail.evaluate.scorecard import (
    LABELS,
    Scorecard,
    group_of,
    happened,
    is_over,
    known_on,
    read_scores,
    reasons,
    record,
    score,
    sections,
    tally,
    write_scorecard,
)
from trail.evaluate.scorecard.figures import figures
from trail.evaluate.scorecard.first import SHOWN
from trail.evaluate.scorecard.happened import Happened
from trail.evaluate.scorecard.record import GROUPS, named
from trail.evaluate.scorecard.words import _apart, _gain, beside, came_true
from trail.events import EVENT_SCHEMA, Horizon, event_log
from trail.facts import Checked, Claim, Driver, Kind, Verdict, Verification
from trail.signals import BY_NAME, Group
from trail.snapshots import Explained

CUTOFF = datetime(2024, 5, 13, tzinfo=UTC)
WEEK = Horizon(7)


@pytest.fixture(scope="module")
def events():
    """The sample's events, two items that it does not know, and one event after the period."""
    extra = [
        {"item_id": "stranger-1", "timestamp": CUTOFF + timedelta(days=1), "weight": 400.0},
        {"item_id": "stranger-2", "timestamp": CUTOFF + timedelta(days=1), "weight": 1.0},
        {"item_id": "item-000", "timestamp": CUTOFF + timedelta(days=7), "weight": 9999.0},
    ]
    return pa.concat_tables([sample_log()[0].table.to_pyarrow(), pa.Table.from_pylist(extra, EVENT_SCHEMA)])


@pytest.fixture(scope="module")
def log(connection, events):
    connection.con.register("scorecard_events", events)
    return event_log(connection.table("scorecard_events"))


@pytest.fixture(scope="module")
def snapshot(tmp_path_factory):
    return sealed(tmp_path_factory.mktemp("snapshots") / "2024-05-13")


@pytest.fixture(scope="module")
def scored(snapshot, log):
    return score(snapshot, log, data="d2", definitions="v1")


@pytest.fixture(scope="module")
def earlier(tmp_path_factory, log):
    """A snapshot of the week before, of which more items were explained, some of them the same; and its score."""
    made = sealed(tmp_path_factory.mktemp("snapshots") / "2024-05-06", back=2, shown=40)
    return made, score(made, log, data="d2", definitions="v1")


def _joined(snapshot):
    """SQL of a sealed forecast, what happened, the last window, and whether active."""
    cutoff = snapshot.manifest.moment
    first, until, before, back = (f"'{cutoff + timedelta(weeks=each):%Y-%m-%d}'" for each in (0, 1, -1, -8))
    return f"""
        WITH counted AS (
            SELECT item_id,
                sum(CASE WHEN timestamp >= {first} AND timestamp < {until} THEN weight ELSE 0 END) AS target,
                sum(CASE WHEN timestamp >= {before} AND timestamp < {first} THEN weight ELSE 0 END) AS last,
                bool_or(timestamp >= {back} AND timestamp < {first}) AS active
            FROM log GROUP BY item_id)
        SELECT f.*, coalesce(c.target, 0) AS target, coalesce(c.last, 0) AS last, coalesce(c.active, false) AS active
        FROM read_parquet('{snapshot.folder}/forecast.parquet') f LEFT JOIN counted c USING (item_id)"""


@pytest.fixture
def sql(snapshot, events):
    """A connection with the log and `joined`, of the snapshot."""
    with duckdb.connect() as connection:
        connection.execute("SET TimeZone = 'UTC'")
        connection.register("log", events)
        connection.execute(f"CREATE TABLE joined AS {_joined(snapshot)}")
        yield connection


def _ndcg(gain, by, k):
    return f"""(SELECT sum(gain * shared) / sum(CASE WHEN best <= {k} THEN gain / log2(best + 1) ELSE 0 END) FROM (
        SELECT gain, avg(CASE WHEN place <= {k} THEN 1 / log2(place + 1) ELSE 0 END) OVER (PARTITION BY ranked) AS shared,
            row_number() OVER (ORDER BY gain DESC) AS best
        FROM (SELECT {gain} AS gain, {by} AS ranked, row_number() OVER (ORDER BY {by} DESC) AS place FROM scope)))"""


def _places(by, k, of="scope"):
    return f"""(SELECT item_id, target, p_top, avg(CASE WHEN place <= {k} THEN 1.0 ELSE 0 END) OVER (PARTITION BY ranked) AS share
        FROM (SELECT *, {by} AS ranked, row_number() OVER (ORDER BY {by} DESC) AS place FROM {of}))"""


def _average_rank(column):
    return f"rank() OVER (ORDER BY {column}) + (count(*) OVER (PARTITION BY {column}) - 1) / 2.0"


def _figures(by, expected):
    wanted = f"(SELECT least({K}, count(*) FILTER (target > 0)) FROM scope)"
    return {
        "ndcg@50": _ndcg("target", by, 50),
        "ndcg@10": _ndcg("target", by, 10),
        "risers@50": _ndcg("greatest(target - last, 0)", f"{expected} - last", 50),
        "wape": f"(SELECT sum(abs(target - {expected})) / sum(target) FROM scope)",
        "rmsle": f"(SELECT sqrt(avg((ln(1 + target) - ln(1 + {expected})) ** 2)) FROM scope)",
        "spearman": f"(SELECT corr(a, b) FROM (SELECT {_average_rank(by)} AS a, {_average_rank('target')} AS b FROM scope))",
        "recall": f"""(SELECT least(1, sum(share) / {wanted}) FROM {_places(by, K)} WHERE target >=
            (SELECT min(target) FROM (SELECT target FROM scope ORDER BY target DESC LIMIT {wanted})))""",
    }


@pytest.mark.parametrize("scope", ["active", "all"])
@pytest.mark.parametrize(
    ("forecaster", "by", "expected"),
    [("served", "score", "expected"), ("prior", "prior", "prior"), ("last_window", "last", "last")],
)
def test_every_figure_equals_sql_on_events_and_parquet(scored, sql, scope, forecaster, by, expected):
    sql.execute(f"CREATE VIEW scope AS SELECT * FROM joined WHERE active OR {scope == 'all'}")
    queries = _figures(by, expected)
    if forecaster == "served":
        # a chance of the top K of all items is held against the top K of all items, whoever is counted
        judged = f"""joined f JOIN {_places("target", K, "joined")} t USING (item_id)
            WHERE item_id IN (SELECT item_id FROM scope)"""
        queries["brier"] = f"(SELECT avg((f.p_top - t.share) ** 2) FROM {judged})"
        queries["log_score"] = f"""(SELECT -avg(t.share * ln(greatest(0.001, least(0.999, f.p_top)))
            + (1 - t.share) * ln(1 - greatest(0.001, least(0.999, f.p_top)))) FROM {judged})"""
        queries["coverage"] = (
            "(SELECT avg(CASE WHEN target BETWEEN q10 AND q90 THEN 1.0 ELSE 0 END) FROM scope)"
        )
        queries["coverage_gap"] = """(SELECT avg(CASE WHEN target BETWEEN q10 AND q90 THEN 1.0 ELSE 0 END
            - CASE WHEN q10 > 0 THEN 0.8 ELSE 0.9 END) FROM scope)"""
    rows = {row.metric: row for row in scored.figures if (row.scope, row.forecaster) == (scope, forecaster)}
    assert set(rows) == set(LABELS)
    assert {row.items for row in rows.values()} == set(sql.execute("SELECT count(*) FROM scope").fetchone())
    for metric, query in queries.items():
        assert rows[metric].value == pytest.approx(sql.execute(f"SELECT {query}").fetchone()[0], abs=1e-9), (
            metric
        )
    # who states no range and no chance is not judged by one
    unstated = {"coverage", "coverage_gap", "brier", "log_score"} if forecaster != "served" else set()
    assert {metric for metric, row in rows.items() if row.value is None} == unstated


def test_a_chance_of_the_top_of_all_items_is_not_held_against_the_top_of_the_active_ones():
    """K = 1: the new item, which is not active, takes the place; of the active two, neither was to enter and neither did."""
    numbers = {name: [5.0, 3.0, 1.0] for name in ("score", "expected", "q10", "q50", "q90", "prior")}
    forecast = pa.table(numbers | {"p_top": [0.7, 0.3, 0.0]})
    of = Happened(
        np.array([9.0, 4.0, 1.0]), np.array([0.0, 3.0, 2.0]), np.array([False, True, True]), np.empty(0)
    )
    found = {
        (each.scope, each.forecaster): each.value
        for each in figures(forecast, of, seal="s", cutoff=CUTOFF, k=1)
        if each.metric == "brier"
    }
    assert found["active", "served"] == pytest.approx((0.3**2 + 0) / 2)
    assert {found[scope, name] for scope in ("active", "all") for name in ("prior", "last_window")} == {None}
    assert found["all", "served"] == pytest.approx((0.3**2 + 0.3**2 + 0) / 3)


@pytest.mark.parametrize("pooled", [False, True])
def test_reason_counts_equal_sql(scored, snapshot, earlier, sql, pooled):
    """By sign and over all moves; of one snapshot, and of two pooled, in which an item that both explain counts twice."""
    snapshots, scores = ([snapshot, earlier[0]], [scored, earlier[1]]) if pooled else ([snapshot], [scored])
    groups = ", ".join(f"('{name}', '{signal.group.value}')" for name, signal in BY_NAME.items())
    explained = " UNION ALL ".join(
        f"""SELECT '{each.folder.name}' AS snapshot, e.item_id, e.claims, e.drivers, j.expected, j.last, j.target
            FROM read_parquet('{each.folder}/explanations.parquet') e JOIN ({_joined(each)}) j USING (item_id)"""
        for each in snapshots
    )
    found = sql.execute(f"""
        WITH texts AS (
            SELECT *,
                CASE WHEN abs(expected - last) < greatest(1, 0.05 * last) THEN 'level'
                     WHEN expected > last THEN 'rise' ELSE 'fall' END AS move
            FROM ({explained})),
        judged AS (
            SELECT *, CASE move WHEN 'rise' THEN target > last WHEN 'fall' THEN target < last
                ELSE abs(target - last) < greatest(1, 0.05 * last) END AS ok,
                move <> 'level' AND target = last AS tie FROM texts),
        groups(signal, about) AS (VALUES {groups}),
        claims AS (SELECT snapshot, item_id, move, ok, tie, unnest(claims) AS c FROM judged),
        drivers AS (SELECT item_id, expected, target, unnest(drivers) AS d FROM judged),
        given AS (
            SELECT 'text' AS basis, '' AS about, move AS sign, ok, tie FROM judged
            UNION ALL SELECT 'cited', about, move, ok, tie FROM (SELECT DISTINCT snapshot, item_id, about, move, ok, tie
                FROM claims JOIN groups ON groups.signal = c.signal WHERE c.verdict = 'supported')
            UNION ALL SELECT 'claim', kind, move, ok, tie FROM (SELECT DISTINCT snapshot, item_id, c.kind AS kind, move, ok, tie
                FROM claims JOIN groups ON groups.signal = c.signal WHERE c.verdict = 'supported')
            UNION ALL SELECT 'driver', about, CASE WHEN d.effect > 0 THEN 'raised' ELSE 'lowered' END,
                abs(ln(1 + target) - ln(1 + expected)) < abs(ln(1 + target) - (ln(1 + expected) - d.effect)), false
                FROM drivers JOIN groups ON groups.signal = d.signal),
        totalled AS (SELECT * FROM given UNION ALL SELECT basis, about, '', ok, tie FROM given WHERE sign <> 'level')
        SELECT basis, about, sign, count(*), count(*) FILTER (ok), count(*) FILTER (tie)
        FROM totalled GROUP BY ALL""").fetchall()
    card = Scorecard("Shop", "d2", CUTOFF + timedelta(days=7), tuple(scores), (), ())
    mine = [(t.basis, t.about, t.sign, t.cases, t.right, t.ties) for t in card.tallies]
    assert sorted(mine) == sorted(found)
    assert {row[0] for row in found} == {"text", "cited", "claim", "driver"}
    table = record(card.tallies).table
    lines = list(zip(*list(table.values())[:4], strict=True))
    assert list(table["times"]) == sorted(table["times"], reverse=True)
    assert len(lines) == sum(sign in ("", "level") and basis != "claim" for basis, _, sign, *_ in found)
    for basis, about, sign, cases, right, _ in found:
        if sign in ("", "level") and basis != "claim":
            share = f"{right / cases:.0%}" if cases >= 10 else ""
            assert lines.count((named(basis, about, sign), cases, right, share)) == 1
    if pooled:
        counts = {row[:3]: row[3:] for row in found}
        assert {sign for basis, _, sign in counts if basis == "text"} == {"", "rise", "fall", "level"}
        cases, right, ties = counts["text", "", ""]
        assert cases >= 10
        assert 0 < right < cases
        assert ties
        assert counts["text", "", "rise"][0] + counts["text", "", "fall"][0] == cases
        items = [{each.item_id for each in one.explanations} for one in snapshots]
        assert items[0] & items[1]
        assert cases + counts["text", "", "level"][0] == sum(map(len, items))


def _headed(score, **changed):
    return replace(score, head=replace(score.head, **changed))


def _parts(*scores):
    card = Scorecard("Shop", "d2", CUTOFF + timedelta(days=7), scores, (), ())
    return card, {each.title: each for each in sections(card)}


def test_what_was_sealed_when_its_period_was_over_is_listed_apart(scored, earlier, sql):
    """Means and reasons are those of the forecast alone; of backtests only where there is nothing else, and it is said."""
    card, parts = _parts(earlier[1], _headed(scored, afterwards=False))
    apart = "Sealed when their period was over: backtests, in no mean above"
    assert list(parts[apart].table["snapshot"]) == ["2024-05-06"]
    assert list(parts["Snapshot by snapshot, active items"].table["snapshot"]) == ["2024-05-13"]
    assert parts["Figures"].paragraphs[0].startswith("Means over 1 snapshot;")
    sql.execute("CREATE VIEW scope AS SELECT * FROM joined WHERE active")
    wape = sql.execute(f"SELECT {_figures('score', 'expected')['wape']}").fetchone()[0]
    table = parts["Figures"].table
    of = dict(zip(table["mean of"], zip(*list(table.values())[1:4], strict=True), strict=True))
    assert of["WAPE ↓"][0] == f"{wape:.3f}"
    assert [each[1:] for name, each in of.items() if "top K ↓" in name] == [("-", "-")] * 2
    cases = {(each.basis, each.about, each.sign): each.cases for each in card.tallies}
    assert cases == {(each.basis, each.about, each.sign): each.cases for each in tally(scored.reasons)}
    said = " ".join(parts["In short"].paragraphs)
    assert "1 of 2 were sealed when their period was over already" in said
    assert "leave them out" in said
    alone, parts = _parts(earlier[1], scored)
    assert apart not in parts
    assert (alone.pooled, alone.late) == (alone.scores, ())
    assert "means and reasons are of backtests" in " ".join(parts["In short"].paragraphs)


def test_another_horizon_or_k_has_a_mean_of_its_own(scored, earlier):
    _, parts = _parts(_headed(earlier[1], until=CUTOFF + timedelta(days=21)), scored)
    titles = [f"Figures, {days} days ahead, K {K}" for days in (28, 7)]
    assert [each for each in parts if each.startswith("Figures")] == titles
    assert all("Means over 1 snapshot;" in parts[each].paragraphs[0] for each in titles)
    assert list(parts["Snapshot by snapshot, active items"].table["days"]) == [28, 7]
    said = parts["In short"].paragraphs
    assert [each.partition(": ")[0] for each in said if "of 1 snapshot:" in each] == [
        words for words in (f"28 days ahead, K {K}", f"7 days ahead, K {K}") for _ in range(2)
    ]
    assert len(_parts(_headed(earlier[1], k=K + 1), scored)[0].sorts) == 2
    assert set(_parts(earlier[1], scored)[1]) >= {"Figures"}


def _explained(item, signals=(), drivers=()):
    claims = [Claim(Kind.VALUE, name, 0, 1) for name in signals]
    checked = tuple(Checked(claim, Verdict.SUPPORTED) for claim in claims)
    context = Checked(Claim(Kind.CONTEXT, "title", 0, 1), Verdict.CONTEXT)
    return Explained(
        item, "", Verification((*checked, context)), tuple(Driver(*each) for each in drivers), "model"
    )


def _given(explained, expected, last, target):
    item = explained.item_id
    found = reasons([explained], {item: expected}, {item: last}, {item: target}, seal="s", cutoff=CUTOFF)
    return {(each.basis, each.about): each for each in found}


@pytest.mark.parametrize(
    ("expected", "last", "target", "sign", "right", "tie"),
    [
        (120, 100, 101, "rise", True, False),
        (120, 100, 99, "rise", False, False),
        (120, 100, 100, "rise", False, True),
        (80, 100, 99, "fall", True, False),
        (80, 100, 150, "fall", False, False),
        (80, 100, 100, "fall", False, True),
        (104, 100, 96, "level", True, False),  # both within 5% of 100
        (104, 100, 105, "level", False, False),
        (2.9, 2, 2, "level", True, False),  # within one event
        (3, 2, 3, "rise", True, False),
        (0, 0, 0, "level", True, False),
    ],
)
def test_a_text_is_right_if_the_count_moved_as_its_forecast_said(expected, last, target, sign, right, tie):
    found = _given(_explained("a", ["count_1", "count_2", "last_year", "expected"]), expected, last, target)
    assert set(found) == {("text", ""), ("cited", "level"), ("cited", "season"), ("claim", "value")}
    assert {(each.sign, each.right, each.tie, each.turn) for each in found.values()} == {
        (sign, right, tie, last)
    }


@pytest.mark.parametrize(
    ("effect", "target", "right", "tie"),
    [
        # forecast 99, log(1 + 99); a driver of log 4 raised it from 24; half way is 49
        (np.log(4), 50, True, False),
        (np.log(4), 48, False, False),
        (np.log(4), 49, False, True),
        # lowered from 399; half way is 199
        (-np.log(4), 150, True, False),
        (-np.log(4), 250, False, False),
    ],
)
def test_a_driver_is_right_if_the_forecast_was_nearer_with_it_than_without(effect, target, right, tie):
    found = _given(_explained("a", drivers=[("last_year", float(effect))]), 99.0, 10.0, target)
    each = found["driver", "season"]
    assert (each.right, each.tie, each.sign) == (right, tie, "raised" if effect > 0 else "lowered")
    without = np.log1p(99.0) - effect
    nearer = abs(np.log1p(target) - np.log1p(99.0)) < abs(np.log1p(target) - without) - 1e-12
    assert nearer == right


def test_counts_in_words_never_a_percentage_of_few_cases():
    def texts(cases, expected, target, first=0):
        for number in range(first, first + cases):
            yield from _given(_explained(f"i{number}", ["last_year"]), expected, 100, target).values()

    found = tally(
        [*texts(9, 120, 130), *texts(5, 120, 90, 20), *texts(3, 50, 60, 40), *texts(2, 101, 100, 60)]
    )
    # 9 + 3 of 17 moves; Wilson's interval by hand: (p + z^2/2n -+ z sqrt(p(1-p)/n + z^2/4n^2)) / (1 + z^2/n)
    n, p, z = 17, 12 / 17, 1.959964
    half = z * np.sqrt(p * (1 - p) / n + z * z / (4 * n * n))
    low, high = ((p + z * z / (2 * n) + sign * half) / (1 + z * z / n) for sign in (-1, 1))
    table = record(found).table
    rows = [line for line in zip(*table.values(), strict=True) if "last year" in line[0]]
    assert rows == [
        ("texts citing last year's same weeks", 17, 12, "71%", f"{low:.0%} to {high:.0%}"),
        ("texts citing last year's same weeks, saying that nothing moves", 2, 2, "", ""),
    ]
    total = next(each for each in found if (each.basis, each.sign) == ("cited", ""))
    assert (total.low, total.high) == (pytest.approx(low, abs=1e-6), pytest.approx(high, abs=1e-6))


def test_every_group_and_quantity_has_its_words():
    assert set(GROUPS) == set(Group)
    assert {group_of(name) for name in ("sum_2", "mean_2", "peak_2", "low_1", "mean_1")} == {Group.LEVEL}
    assert {group_of(name) for name in ("mean_12", "sum_3", "low_4", "most_before_2", "least_before_4")} == {
        Group.PAST
    }
    assert group_of("per_user") is Group.BREADTH
    names = ("mean_3", "users_before", "season_before", "count_1", "count_4", "expected", "forecast_rank")
    assert [group_of(name) for name in names] == [
        Group.PAST,
        Group.BREADTH,
        Group.SEASON,
        Group.LEVEL,
        Group.PAST,
        None,
        None,
    ]


def test_what_must_be_said_of_the_snapshot(scored):
    head = scored.head
    assert (head.others, head.others_top, head.texts, head.revised) == (2, 1, 4, 0)
    assert head.afterwards is True  # it was sealed when the test ran, years after its period
    assert 0 < head.others_weight < 1


def test_the_first_items_stand_beside_what_happened_to_them(scored, snapshot, sql):
    found = sql.execute("""
        WITH counts AS (SELECT item_id, sum(weight) AS target FROM log WHERE timestamp >= '2024-05-13'
            AND timestamp < '2024-05-20' GROUP BY item_id)
        SELECT item_id, rank, expected, q10, q90, target,
            1 + (SELECT count(*) FROM counts WHERE counts.target > joined.target)
        FROM joined ORDER BY rank""").fetchall()
    mine = [
        (row.item_id, row.rank, row.expected, row.q10, row.q90, row.target, row.true_rank)
        for row in scored.first
    ]
    assert mine == found[: max(K, SHOWN)]
    titles = dict(zip(snapshot.cards.item_ids, snapshot.cards.table["title"].to_pylist(), strict=True))
    assert [row.title for row in scored.first] == [titles.get(row.item_id) or "" for row in scored.first]
    assert min(row.true_rank for row in scored.first) == 2, "the first was not forecast at all"

    latest = Scorecard("Shop", "d2", CUTOFF, (scored,), (), ()).latest
    inside = [row[3] <= row[5] <= row[4] for row in sql.execute(
        "SELECT item_id, rank, expected, q10, q90, target FROM joined WHERE active").fetchall()]  # fmt: skip
    assert (latest.said, latest.were) == (K, sum(row[6] <= K and row[5] > 0 for row in found[:K]))
    assert 0 < latest.were < K
    assert (latest.active, latest.inside) == (len(inside), pytest.approx(np.mean(inside)))
    assert latest.items == scored.first[:SHOWN]


def test_what_came_of_it_in_words():
    assert came_true(50, 37, 3029, 0.857) == (
        "of the 50 items said to be first, 37 were; 86% of the outcomes of 3,029 active items lay inside their range"
    )
    assert came_true(1, 1, 0, None) == "of the 1 item said to be first, 1 was"
    assert [beside(target, 2.0, 5.0) for target in (1.9, 2, 5, 5.1)] == ["below", "inside", "inside", "above"]


def test_a_period_is_over_when_the_log_covers_it_whole(log, connection):
    assert is_over(log, CUTOFF, WEEK)
    assert not is_over(log, CUTOFF + timedelta(hours=1), WEEK)
    assert known_on(log, CUTOFF, WEEK) == CUTOFF + timedelta(days=7)
    assert known_on(log, CUTOFF + timedelta(hours=1), WEEK) == CUTOFF + timedelta(days=8)
    weekly = replace(log, grid=timedelta(days=7), start=CUTOFF - timedelta(days=70), end=CUTOFF)
    assert is_over(weekly, CUTOFF, WEEK)  # the week is stamped at its start
    assert not is_over(weekly, CUTOFF + timedelta(days=7), WEEK)
    with pytest.raises(DataError, match="whole weeks"):
        happened(weekly, [], CUTOFF + timedelta(days=1), WEEK)
    with pytest.raises(DataError, match="begins on"):
        happened(replace(log, start=CUTOFF), [], CUTOFF, WEEK)


def test_what_was_written_is_read_back_and_not_written_twice(scored, tmp_path):
    card = Scorecard("A <b>card</b> | x", "d2", CUTOFF + timedelta(days=7), (scored,), (), ())
    folder = tmp_path / "scorecard"
    assert write_scorecard(card, folder)
    assert read_scores(folder) == [scored]
    assert not write_scorecard(card, folder)
    page = (folder / "scorecard.html").read_text()
    assert "<b>card" not in page
    assert "src=" not in page
    for part in sections(card):
        assert part.title in page
        assert f"## {part.title}" in (folder / "scorecard.md").read_text()
    for change in (
        lambda path: path.write_bytes(b"no parquet"),
        lambda path: path.unlink(),  # a scorecard from before it was kept
    ):
        change(folder / "first.parquet")
        assert read_scores(folder) == [replace(scored, first=())]
    assert replace(card, scores=(replace(scored, first=()),)).latest is None
    (folder / "figures.parquet").write_bytes(b"no parquet")
    assert read_scores(folder) == []
    assert read_scores(tmp_path / "nowhere") == []


def test_an_interval_is_made_of_snapshots_whose_periods_do_not_overlap(scored):
    def moved(days):
        head, by = scored.head, timedelta(days=days)
        return replace(scored, head=replace(head, cutoff=head.cutoff + by, until=head.until + by))

    assert _apart([moved(days) for days in range(16)]) == [0, 7, 14]
    assert _apart([moved(days) for days in (0, 7, 14)]) == [0, 1, 2]
    difference = np.array([0.1, 0.2, 0.3, 0.2])
    assert _gain(difference, "wape", [0, 2]) == (
        "less the prior +0.2000, better at 0 of 4 (95% t interval of the 2 whose periods do not overlap -1.0706 to +1.4706)"
    )
    assert _gain(difference, "wape", [0]) == "less the prior +0.2000, better at 0 of 4"
