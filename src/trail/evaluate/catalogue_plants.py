"""Changes planted into copies of a catalogue: what a later crawl would have listed, and how it would have worded it."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

import ibis
import numpy as np
import pyarrow as pa

from trail.evaluate.ground import NEWCOMER, Ground, Planted
from trail.events import Items

#: Catalogue columns that say what an item is: context by design, which a forecaster may read whenever they
#: were crawled. Every other column may be of a later crawl, and nothing may depend on it.
CONTEXT = ("item_id", "title", "categories", "category", "brand", "description", "release")
#: Those of them that no signal reads.
_WORDS = ("title", "categories", "brand", "description")


def later_crawl(ground: Ground) -> Planted | None:
    """Changes every catalogue column that a later crawl would change; what an item is stays."""
    table = ground.items.table.to_pyarrow()
    changed = [name for name in table.column_names if name not in CONTEXT]
    if not changed:
        return None
    rng = ground.rng
    for name in changed:
        at, kind = table.schema.get_field_index(name), table.schema.field(name).type
        if pa.types.is_integer(kind) or pa.types.is_floating(kind):
            found = pa.array(np.round(rng.lognormal(5.0, 2.0, table.num_rows))).cast(kind)
        else:
            found = table[name].take(pa.array(rng.permutation(table.num_rows)))
        table = table.set_column(at, name, found)
    return Planted(ground.log, replace(ground.items, table=ground.written(ibis.memtable(table))))


def newcomer(ground: Ground) -> Planted | None:
    """Lists an item of the busiest category, of which the first event is in the period predicted.

    Its own card is set aside: what one more row does to a fit, or to places among all, is no knowledge of the future.
    """
    table = ground.items.table.to_pyarrow()
    if not table.num_rows:
        return None
    # a row of the largest category, so that a count of the category's rows would tell
    categories = table["category"].to_pylist()
    often = Counter(each for each in categories if each is not None).most_common(1)
    row = table.slice(categories.index(often[0][0]) if often else 0, 1)
    for name in ("item_id", "title"):
        at = row.schema.get_field_index(name)
        row = row.set_column(at, row.schema.field(at), pa.array([NEWCOMER], row.schema.field(at).type))
    listed = ground.written(ibis.memtable(pa.concat_tables([table, row])))
    planted = ground.with_bursts([NEWCOMER], ground.moments())
    return replace(planted, items=Items(listed, ground.items.rows + 1), aside=frozenset({NEWCOMER}))


def other_words(ground: Ground) -> Planted | None:
    """Exchanges what the catalogue says of its items in words."""
    table = ground.items.table.to_pyarrow()
    order = pa.array(ground.rng.permutation(table.num_rows))
    words = [name for name in _WORDS if name in table.column_names]
    mixed = table.select(words).take(order)
    if mixed.equals(table.select(words)):
        return None
    for name in words:
        table = table.set_column(table.schema.get_field_index(name), table.schema.field(name), mixed[name])
    changed = replace(ground.items, table=ground.written(ibis.memtable(table)))
    return Planted(ground.log, changed, reworded=True)
