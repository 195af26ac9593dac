"""Raw rows as items of the contract: parts joined, a category that tells items apart, one row an item."""

from __future__ import annotations

import ibis
import ibis.expr.types as ir

from trail.events.log import ITEM_SCHEMA
from trail.events.normal import BROKEN, DUPLICATE, NO_ITEM, Judged, raw_text
from trail.events.reading import Reading
from trail.events.sql import PART, joined, nothing, price_of, text_of, try_strptime
from trail.events.times import FACTORS, MAGNITUDES, moment_of

#: A category says little when one value of it covers more items than this.
MOST = 0.8
_DEEPEST = 8
_FORMATS = ("%d-%b-%Y", "%B %d, %Y", "%b %d, %Y", "%m/%d/%Y", "%d.%m.%Y", "%Y/%m/%d", "%Y%m%d")
_COLUMNS = tuple(name for name in ITEM_SCHEMA.names if name not in ("item_id", "category"))


def judge_items(raw: ir.Table, reading: Reading) -> Judged:
    """Reads raw rows as items; `category` is left to the whole catalogue.

    Assumes `raw` has the source columns, `_file`, `_row`, `_broken`.
    """
    columns = dict(reading.columns)
    aside = reading.view.set_aside(raw) if reading.view and reading.view.set_aside else nothing()
    values = {name: _value(raw, columns, name) for name in ("item_id", *_COLUMNS)}
    reason = ibis.cases(
        (raw["_broken"].notnull(), BROKEN),
        (aside.notnull(), aside),
        (values["item_id"].isnull(), NO_ITEM),
        else_=nothing(),
    )
    tail = {"_file": raw["_file"], "_row": raw["_row"], "_reason": reason, "_text": raw_text(raw, columns)}
    return Judged(raw.select(**values, **tail))


def _value(raw: ir.Table, columns: dict[str, str], name: str) -> ir.Value:
    if name not in columns:
        return nothing({"price": "float64", "release": "date"}.get(name, "string"))
    value = raw[columns[name]]
    if name == "price":
        return price_of(value)
    if name == "release":
        return release_of(value)
    if name == "categories":
        return joined(value, glue=PART, marks=r"\s*(\||>|;)\s*")
    return text_of(value) if name == "item_id" else joined(value, glue=" ")


def release_of(value: ir.Value) -> ir.DateValue:
    """Returns a release as a date: ISO, a known format, a Unix time, a month (its first day) or a year (1 January)."""
    if value.type().is_timestamp() or value.type().is_date():
        return value.cast("date")
    text = text_of(value).re_replace(r"\.0$", "")
    year = text.re_search(r"^(1[5-9]|20)\d{2}$").ifelse(text + "-01-01", nothing())
    month = text.re_search(r"^(1[5-9]|20)\d{2}-\d{2}$").ifelse(text + "-01", nothing())
    iso = text.re_search(r"^\d{4}-\d{1,2}-\d{1,2}").ifelse(text.re_extract(r"^[0-9-]+", 0), nothing())
    formats = (try_strptime(text, form).cast("date") for form in _FORMATS)
    return ibis.coalesce(*(part.try_cast("date") for part in (year, month, iso)), *formats, _unix(text))


def _unix(text: ir.StringValue) -> ir.DateValue:
    number = text.try_cast("float64")
    micros = ibis.cases(
        *(
            ((number >= MAGNITUDES[unit][0]) & (number < MAGNITUDES[unit][1]), number * FACTORS[unit])
            for unit in ("s", "ms")
        ),
        else_=nothing("float64"),
    )
    return moment_of(micros).cast("date")


def fold(items: ir.Table) -> ir.Table:
    """Returns one row an item of a log that names its items on every row: the most frequent of each value.

    Assumes good rows with `_source`, `_file`, `_row`; of equally frequent values the smallest is taken. Prices are
    left out: they change, and the log has them where they were paid.
    """
    ids = items.group_by("item_id").aggregate(
        _source=items["_source"].min(), _file=items["_file"].min(), _row=items["_row"].min()
    )
    for name in _COLUMNS:
        if name == "price":
            ids = ids.mutate(price=nothing("float64"))
            continue
        counted = (
            items.filter(items[name].notnull()).group_by("item_id", name).aggregate(_n=lambda t: t.count())
        )
        rank = ibis.row_number().over(
            group_by=counted["item_id"], order_by=[ibis.desc(counted["_n"]), counted[name]]
        )
        best = counted.mutate(_rank=rank).filter(lambda t: t["_rank"] == 0).select("item_id", name)
        ids = ids.left_join(best, "item_id").drop("item_id_right")
    return ids


def first_of_each(items: ir.Table) -> tuple[ir.Table, ir.Table]:
    """Returns the first row of every item in file order, and the other rows with their reason.

    Assumes good rows with `_source`, `_file`, `_row`.
    """
    rank = ibis.row_number().over(
        group_by=items["item_id"], order_by=[items[n] for n in ("_source", "_file", "_row")]
    )
    ranked = items.mutate(_rank=rank)
    first = ranked.filter(ranked["_rank"] == 0).drop("_rank")
    again = ranked.filter(ranked["_rank"] > 0).drop("_rank")
    return first, again.mutate(_reason=ibis.literal(DUPLICATE))


def with_category(items: ir.Table) -> ir.Table:
    """Returns items in the order of `ITEM_SCHEMA`, with the category.

    It is the part of the first level at which no value covers more than `MOST` of the items that have categories; an
    item whose path ends earlier counts with its last part. Where no level is like that it is the first part.
    """
    level = _telling_level(items)
    table = items.mutate(category=_part(items["categories"], level))
    return table.select(*ITEM_SCHEMA.names).order_by("item_id")


def _part(categories: ir.StringValue, level: int) -> ir.StringValue:
    parts = categories.split(PART)
    # DuckDB takes the part of a null text for an integer; the typed null settles it
    return ibis.coalesce(parts[ibis.least(level, parts.length() - 1)], ibis.null("string"))


def _telling_level(items: ir.Table) -> int:
    filled = items.filter(items["categories"].notnull())
    depth = filled.aggregate(rows=filled.count(), deepest=filled["categories"].split(PART).length().max())
    row = depth.to_pyarrow().to_pylist()[0]
    for level in range(min(_DEEPEST, int(row["deepest"] or 0))):
        values = filled.select(part=_part(filled["categories"], level))
        counted = values.group_by("part").aggregate(n=values.count())
        if int(counted["n"].max().to_pyarrow().as_py()) <= MOST * row["rows"]:
            return level
    return 0
