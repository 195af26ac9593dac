"""Public layouts that people already have on disk, each described once for events and once for items."""

from __future__ import annotations

import functools
import operator
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import ibis.expr.types as ir

from trail.events.source import Role
from trail.events.sql import nothing, number_of, text_of

_GENRES = (
    "unknown", "Action", "Adventure", "Animation", "Children's", "Comedy", "Crime", "Documentary", "Drama",
    "Fantasy", "Film-Noir", "Horror", "Musical", "Mystery", "Romance", "Sci-Fi", "Thriller", "War", "Western",
)  # fmt: skip
#: Stock codes of Online Retail that name a fee, postage or a correction rather than a product.
_FEES = (
    "POST",
    "D",
    "DOT",
    "M",
    "C2",
    "S",
    "B",
    "PADS",
    "CRUK",
    "BANK CHARGES",
    "AMAZONFEE",
    "ADJUST",
    "ADJUST2",
)

Derive = Callable[[ir.Table], ir.Table]
SetAside = Callable[[ir.Table], ir.StringValue]


def _untouched(table: ir.Table) -> ir.Table:
    return table


@dataclass(frozen=True)
class View:
    """One role of a layout.

    Attributes:
        columns: Contract column -> column of the file, or of what `derive` adds. Several spellings of a
            file's column are tried in turn.
        marks: Columns that give the layout away, in lower case; every one must be there.
        file: File names that give it away where there is no header, in lower case.
        names: Column names where there is no header.
        delimiter: Its own delimiter, where it has one.
        quote: Empty where quotes mean nothing.
        reads: Other columns of the file that `derive` and `set_aside` need.
        derive: Adds columns to the raw table.
        set_aside: Reason why a row is no event, else null; such rows are counted, not held against the file.
        name: What one event is called, in the plural.
        month_first: Whether 12/1/2010 is the first of December where the data do not tell.
        catalogue: Whether the log names its items too, so that it also serves as a catalogue.
    """

    columns: Mapping[str, tuple[str, ...]]
    marks: frozenset[str] = frozenset()
    file: tuple[str, ...] = ()
    names: tuple[str, ...] = ()
    delimiter: str = ""
    quote: str = '"'
    reads: tuple[str, ...] = ()
    derive: Derive = _untouched
    set_aside: SetAside | None = None
    name: str = "events"
    month_first: bool = False
    catalogue: bool = False


def _of_title(column: str) -> Derive:
    """Returns what splits `Heat (1995)` into a title and a release year."""

    def derive(table: ir.Table) -> ir.Table:
        title = text_of(table[column])
        year = title.re_extract(r"\((\d{4})\)\s*$", 1).nullif("")
        return table.mutate(_title=title.re_replace(r"\s*\(\d{4}\)\s*$", ""), _release=year)

    return derive


def _genres(table: ir.Table) -> ir.Table:
    """Adds the categories of `u.item`, whose genres are flags, and its title without the year."""
    flagged = [(table[genre] == "1").ifelse(genre + "|", "") for genre in _GENRES[1:]]
    parts = functools.reduce(operator.add, flagged)
    split = _of_title("title")(table)
    return split.mutate(_categories=parts, _release=text_of(table["release"]).fill_null(split["_release"]))


def _film_genres(table: ir.Table) -> ir.Table:
    split = _of_title("title")(table)
    return split.mutate(_categories=table["genres"].nullif("(no genres listed)"))


def _words(table: ir.Table) -> ir.Table:
    """Adds lists that RecBole keeps as words (`class:token_seq`) as parts."""
    added = {
        f"_{name}": text_of(table[name]).re_replace(r"\s+", "|")
        for name in table.columns
        if name.endswith(":token_seq")
    }
    return table.mutate(**added)


def _whole(table: ir.Table, column: str) -> ir.StringValue:
    return text_of(table[column]).re_replace(r"\.0$", "")


def _column(table: ir.Table, *spellings: str) -> str:
    folded: dict[str, str] = {name.lower().replace(" ", ""): name for name in table.columns}
    return next(folded[spelling] for spelling in spellings if spelling in folded)


def _retail_users(table: ir.Table) -> ir.Table:
    return table.mutate(_user=_whole(table, _column(table, "customerid")))


def _retail_reason(table: ir.Table) -> ir.StringValue:
    invoice = text_of(table[_column(table, "invoiceno", "invoice")]).upper()
    quantity = number_of(table[_column(table, "quantity")])
    code = text_of(table[_column(table, "stockcode")]).upper()
    plain = (quantity <= 0).ifelse("a quantity of zero or less", nothing())
    fee = code.isin(_FEES).ifelse("a fee, postage or correction rather than a product", plain)
    return invoice.startswith("C").ifelse("a cancellation", fee)


def _amazon(item: str, user: str, time: str) -> dict[str, tuple[str, ...]]:
    return {"item_id": (item,), "timestamp": (time,), "user_id": (user,)}


_RETAIL_FILE = {
    "item_id": ("StockCode",),
    "timestamp": ("InvoiceDate",),
    "user_id": ("_user",),
    "price": ("UnitPrice", "Unit Price", "Price"),
}
_FILM = {
    "item_id": ("movieId",),
    "title": ("_title",),
    "categories": ("_categories",),
    "release": ("_release",),
}
_MOVIELENS_EVENTS = {"item_id": ("movieId",), "timestamp": ("timestamp",), "user_id": ("userId",)}

#: Layout -> role -> view; the first whose marks or file name fit is taken.
LAYOUTS: Mapping[str, Mapping[Role, View]] = {
    "movielens_100k": {
        "events": View(_MOVIELENS_EVENTS, file=("u.data", "ua.base", "ub.base"), names=("userId", "movieId", "rating", "timestamp"), delimiter="\t", quote="", name="ratings"),
        "items": View(_FILM, file=("u.item",), names=("movieId", "title", "release", "video", "url", *_GENRES), delimiter="|", quote="", reads=("title", "release", *_GENRES), derive=_genres),
    },
    "movielens_dat": {
        "events": View(_MOVIELENS_EVENTS, file=("ratings.dat",), names=("userId", "movieId", "rating", "timestamp"), delimiter="::", quote="", name="ratings"),
        "items": View(_FILM, file=("movies.dat",), names=("movieId", "title", "genres"), delimiter="::", quote="", reads=("title", "genres"), derive=_film_genres),
    },
    "movielens_csv": {
        "events": View(_MOVIELENS_EVENTS, frozenset({"userid", "movieid", "rating", "timestamp"}), name="ratings"),
        "items": View(_FILM, frozenset({"movieid", "title", "genres"}), reads=("title", "genres"), derive=_film_genres),
    },
    "amazon_2023": {
        "events": View(_amazon("parent_asin", "user_id", "timestamp"), frozenset({"parent_asin", "user_id", "timestamp"}), name="reviews"),
        "items": View({"item_id": ("parent_asin",), "title": ("title",), "categories": ("categories",), "brand": ("store",), "description": ("description",), "price": ("price",), "release": ("details.Date First Available",)}, frozenset({"parent_asin", "main_category", "title"})),
    },
    "amazon_2018": {
        "events": View(_amazon("asin", "reviewerID", "unixReviewTime"), frozenset({"asin", "reviewerid", "unixreviewtime", "verified"}), name="reviews"),
        "items": View({"item_id": ("asin",), "title": ("title",), "categories": ("category",), "brand": ("brand",), "description": ("description",), "price": ("price",), "release": ("date",)}, frozenset({"asin", "category"})),
    },
    "amazon_2014": {
        "events": View(_amazon("asin", "reviewerID", "unixReviewTime"), frozenset({"asin", "reviewerid", "unixreviewtime"}), name="reviews"),
        "items": View({"item_id": ("asin",), "title": ("title",), "categories": ("categories",), "brand": ("brand",), "description": ("description",), "price": ("price",)}, frozenset({"asin", "categories"})),
    },
    "online_retail": {
        "events": View(_RETAIL_FILE, frozenset({"stockcode", "invoicedate", "quantity"}), reads=("Invoice", "InvoiceNo", "Quantity", "CustomerID", "Customer ID"), derive=_retail_users, set_aside=_retail_reason, name="orders", month_first=True, catalogue=True),
        "items": View({"item_id": ("StockCode",), "title": ("Description",)}, frozenset({"stockcode", "invoicedate", "quantity"}), reads=("Invoice", "InvoiceNo", "Quantity"), set_aside=_retail_reason),
    },
}  # fmt: skip
#: RecBole's files name their columns themselves (`item_id:token`): guessed like any, but told by the header.
RECBOLE: Mapping[Role, View] = {"events": View({}, quote=""), "items": View({}, quote="", derive=_words)}
NAMES = ("auto", "plain", "recbole", *LAYOUTS)


def is_recbole(columns: tuple[str, ...]) -> bool:
    """Whether every column says its type, as the header of an atomic file does."""
    kinds = ("token", "token_seq", "float", "float_seq")
    return bool(columns) and all(":" in name and name.rsplit(":", 1)[1] in kinds for name in columns)


def by_file(name: str, role: Role) -> str:
    """Returns the layout that a file's name gives away, else an empty text."""
    plain = name.lower().removesuffix(".gz")
    return next((layout for layout, views in LAYOUTS.items() if plain in views[role].file), "")


def by_columns(columns: tuple[str, ...], role: Role) -> str:
    """Returns the layout that column names give away, else an empty text."""
    if is_recbole(columns):
        return "recbole"
    folded = {name.lower().replace(" ", "") for name in columns}
    fits = (name for name, views in LAYOUTS.items() if (marks := views[role].marks) and marks <= folded)
    return next(fits, "")


def view_of(layout: str, role: Role) -> View | None:
    """Returns a layout's view of a role; null for a plain table."""
    if layout == "recbole":
        return RECBOLE[role]
    return LAYOUTS[layout][role] if layout in LAYOUTS else None


def mapped(view: View, columns: tuple[str, ...]) -> dict[str, str]:
    """Returns contract column -> source column of a view, by the spellings that the file uses."""
    folded = {name.lower(): name for name in columns}
    chosen = {}
    for name, spellings in view.columns.items():
        for spelling in spellings:
            head = spelling.split(".", 1)[0].lower()
            if spelling.startswith("_") or head in folded:
                chosen[name] = spelling if spelling.startswith("_") or "." in spelling else folded[head]
                break
    return chosen
