"""A world gives the card that an edited copy of the whole log gives, and says so where it would not."""

from dataclasses import replace

import ibis
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pytest

from trail.baselines.occlusion import neutral_values
from trail.baselines.sample import sample_log
from trail.errors import EngineError
from trail.evaluate.faithfulness import OWN_EDITS, Aim, world_of
from trail.evaluate.faithfulness.surroundings import calm
from trail.evaluate.settled import numbers, same
from trail.events import EVENT_SCHEMA, Horizon
from trail.signals import Group, cards_at

WEEK = Horizon(7)
LOG, ITEMS = sample_log()
CUTOFF = LOG.last_cutoff()
EDITS = {edit.group: edit for edit in OWN_EDITS}


def rebuild(log, items):
    return cards_at(log, items, CUTOFF, WEEK)


@pytest.fixture(scope="module")
def cards():
    return rebuild(LOG, ITEMS)


@pytest.fixture(scope="module")
def rows(cards):
    """The two highest items, and one of the middle."""
    order = np.argsort(-cards.column("count_1"), kind="stable")
    return order[[0, 1, 40]]


@pytest.fixture(scope="module")
def world(cards, rows):
    with world_of(LOG, ITEMS, cards, rows, rebuild) as found:
        yield found


@pytest.fixture(scope="module")
def aim(cards):
    return Aim(neutral_values(cards))


def whole(events, catalogue=ITEMS):
    """The cards of a whole log with these events."""
    return rebuild(replace(LOG, table=ibis.memtable(events)), catalogue)


def without(item):
    table = LOG.table.to_pyarrow().cast(EVENT_SCHEMA)
    return table.filter(pc.not_equal(table["item_id"], item))


def agree(one, other):
    return all(same(one.column(name), other.column(name)).all() for name in numbers(one))


@pytest.mark.parametrize("group", [Group.LEVEL, Group.MOMENTUM])
def test_an_edit_alone_is_an_edit_of_the_whole_log(world, cards, rows, aim, group):
    own = EDITS[group].make(world.own[0], aim)
    found = world.rebuilt([own], rows[:1])
    item = cards.item_ids[rows[0]]
    expected = whole(pa.concat_tables([without(item), own.table]))
    assert found.item_ids == [item]
    assert agree(found, expected.take(np.array([expected.row_of(item)])))
    # it is another card than before: its rank or share among all moved too
    assert not agree(found, cards.take(rows[:1]))


def test_private_edits_do_not_see_each_other(world, cards, rows, aim):
    edited = [EDITS[Group.BREADTH].make(own, aim) for own in world.own]
    together = world.rebuilt(edited, rows)
    for at, own in enumerate(edited):
        assert agree(world.rebuilt([own], rows[[at]]), together.take(np.array([at])))
    changed = [
        name
        for name in numbers(cards)
        if not same(together.column(name), cards.take(rows).column(name)).all()
    ]
    assert set(changed) <= {"users", "users_change", "heaviest_share"}
    assert changed
    # why these share a world and others have one each: nobody else's card can see them
    assert [edit.group for edit in OWN_EDITS if edit.private] == [
        Group.PAST,
        Group.SEASON,
        Group.BREADTH,
        Group.PRICE,
    ]


def test_the_surroundings_are_calm_and_the_item_is_as_it_was(world, cards, rows, aim):
    row = int(rows[0])
    counts = calm(cards, world.counts, row, aim)
    (found,) = (world.rebuilt([world.own[0]], rows[:1], counts).card(0).values,)
    before = cards.card(row).values
    assert found["category_growth"] == pytest.approx(0, abs=1e-9)
    assert found["catalogue_growth"] == pytest.approx(0, abs=1e-9)
    assert found["category_count"] == pytest.approx(aim.neutral["category_count"])
    assert found["share"] == pytest.approx(before["share"])
    own = {
        name for name in found if name.startswith(("count_", "mean_", "level_", "users", "growth", "slope"))
    }
    assert {name: found[name] for name in own} == {name: before[name] for name in own}
    assert counts[row].tolist() == world.counts[row].tolist()
    assert (counts >= 0).all()


def test_nobody_around_is_nobody_to_calm(cards, world, aim):
    alone = np.zeros_like(world.counts)
    alone[3] = 5.0
    assert calm(cards, alone, 3, aim) is None


def test_a_signal_that_sees_more_of_others_is_refused(cards, rows):
    def seeing(log, items):
        made = rebuild(log, items)
        at = made.table.schema.get_field_index("total")
        events = float(log.table.count().to_pyarrow().as_py())
        return replace(made, table=made.table.set_column(at, "total", pa.array(np.full(len(made), events))))

    with (
        pytest.raises(EngineError, match="total") as caught,
        world_of(LOG, ITEMS, seeing(LOG, ITEMS), rows, seeing),
    ):
        pass
    assert "narrowed" in str(caught.value)
