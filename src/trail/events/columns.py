"""Which column is which: by the names people give them, and by what is in them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from trail.events.layouts import is_recbole
from trail.events.shape import Shape
from trail.events.source import CONTRACT, Role
from trail.events.times import looks_like_time

#: Why a column is what it is said to be on the command line.
TOLD = "as told"
#: Contract column -> names in lower case without punctuation, the likeliest first.
SYNONYMS: Mapping[str, tuple[str, ...]] = {
    name: tuple(words.split())
    for name, words in {
        "item_id": "itemid item productid product sku parentasin asin articleid article movieid trackid songid"
        " videoid stockcode productcode itemcode isbn bookid newsid contentid gameid appid repoid repository"
        " repo offerid listingid businessid poiid venueid upc ean gtin movie track song video book game id",
        "timestamp": "timestamp ts eventtime eventtimestamp datetime time transactiontimestamp createdat"
        " occurredat orderedat playedat viewedat starredat invoicedate orderdate transactiondate purchasedate"
        " unixreviewtime unixtime createdutc reviewtime eventdate date week day",
        "user_id": "userid user customerid customer memberid reviewerid visitorid clientid accountid buyerid"
        " householdid household viewerid listenerid uid buyer shopperid shopper reviewer viewer listener reader visitor"
        " subscriberid subscriber deviceid cookieid sessionid",
        "weight": "weight count cnt n events nevents eventcount freq frequency plays playcount views viewcount"
        " clicks orders",
        "kind": "kind event eventtype eventname type action actiontype behavior behaviour activity interaction",
        "title": "title name itemname productname producttitle itemtitle movietitle booktitle trackname"
        " songtitle label",
        "categories": "categories category genres genre categorypath categoryname productcategory categorycode"
        " categoryid class department taxonomy tags tag subcategory producttypename productgroupname producttype"
        " productgroup itemtype itemgroup itemcategory division section group",
        "brand": "brand brandname manufacturer maker author authors artist artistname director directors"
        " publisher developer store vendor owner studio",
        "description": "description desc longdescription itemdescription productdescription plot overview"
        " synopsis summary abstract about",
        "ingested_at": "ingestedat ingested ingestiontime ingestiontimestamp ingestedtime ingesttime ingestts ingestdate"
        " loadedat loaded loadtime loadtimestamp loadts loaddate loaddatetime dwloadedat etlloadedat insertedat insertedts inserttime"
        " receivedat syncedat importedat extractedat createdinwarehouse warehousecreatedat"
        " airbyteextractedat airbyteemittedat fivetransynced sdcreceivedat sdcextractedat",
        "price": "price unitprice saleprice pricepaid itemprice salesprice retailprice listprice",
        "release": "release releasedate released releaseyear year publicationdate publicationyear publisheddate"
        " publishedat published pubdate launchdate premiere",
    }.items()
}
#: Words in file and column names -> what one unit of weight is called.
_WORDS = {
    "reviews": {"review", "reviews", "reviewer", "amazon"},
    "stars": {"star", "stars", "starred"},
    "orders": {"order", "orders", "ordered", "invoice", "basket", "purchase", "purchases", "transaction",
               "transactions", "sales", "retail", "sku", "quantity", "household"},
    "plays": {"play", "plays", "played", "playcount", "listen", "listens", "track", "song", "artist"},
    "clicks": {"click", "clicks", "clicked"},
    "views": {"view", "views", "viewed", "video", "watch"},
    "ratings": {"rating", "ratings"},
}  # fmt: skip
_LIKE = {"item_id": r"item|product|sku|article|movie|track", "user_id": r"user|customer|visitor|member"}


def plain(name: str) -> str:
    """Returns a column name in lower case without punctuation and without a RecBole type."""
    return re.sub(r"[^a-z0-9]", "", name.rsplit(":", 1)[0].lower())


def guess_columns(shape: Shape, role: Role, told: Mapping[str, str]) -> tuple[dict[str, str], dict[str, str]]:
    """Returns contract column -> source column, and contract column -> why; what was told is not guessed."""
    folded: dict[str, str] = {}
    for column in shape.columns:
        folded.setdefault(plain(column), column)
    chosen = dict(told)
    reasons = dict.fromkeys(chosen, TOLD)
    for name in CONTRACT[role]:
        if name == "ingested_at" or name in chosen:
            continue
        free = (word for word in SYNONYMS[name] if folded.get(word) and folded[word] not in chosen.values())
        found = next((folded[word] for word in free if shape.values(folded[word])), None)
        if found is not None:
            chosen[name], reasons[name] = found, f"named {found!r}"
    if (
        role == "events"
        and "timestamp" in chosen.keys() - told.keys()
        and not looks_like_time(shape.values(chosen["timestamp"]), share=0.5)
    ):
        del chosen["timestamp"], reasons["timestamp"]
    _by_content(shape, role, chosen, reasons)
    if role == "events" and "ingested_at" not in chosen:
        _arrival(shape, folded, chosen, reasons)
    if role == "items" and is_recbole(shape.columns):
        chosen = {name: _recbole(name, column) for name, column in chosen.items()}
    return chosen, reasons


def _recbole(name: str, column: str) -> str:
    return f"_{column}" if name == "categories" and column.endswith(":token_seq") else column


def _arrival(
    shape: Shape, folded: Mapping[str, str], chosen: dict[str, str], reasons: dict[str, str]
) -> None:
    """Takes the column of arrival times by its name, once the event's own time is known to be another."""
    free = (folded[word] for word in SYNONYMS["ingested_at"] if word in folded)
    times = (
        each
        for each in free
        if each not in chosen.values() and looks_like_time(shape.values(each), share=0.5)
    )
    found = next(times, None)
    if found is not None:
        chosen["ingested_at"], reasons["ingested_at"] = found, f"named {found!r}"


def _by_content(shape: Shape, role: Role, chosen: dict[str, str], reasons: dict[str, str]) -> None:
    """Fills what no name told: a column of times, a column whose name contains the word, the identifiers."""
    free = [column for column in shape.columns if column not in chosen.values()]
    if role == "events" and "timestamp" not in chosen:
        times = [column for column in free if looks_like_time(shape.values(column))]
        # an event's own time, whatever it is called, rather than that of its arrival
        times.sort(key=lambda column: plain(column) in SYNONYMS["ingested_at"])
        if times:
            chosen["timestamp"], reasons["timestamp"] = times[0], "its values read as times"
            free.remove(times[0])
    for name in ("item_id", "user_id"):
        if name not in CONTRACT[role] or name in chosen:
            continue
        named = [column for column in free if re.search(_LIKE[name], column.lower())]
        if named:
            chosen[name], reasons[name] = named[0], f"the name {named[0]!r} contains the word"
            free.remove(named[0])
    if role == "events" and "item_id" not in chosen and not any(map(str.isalpha, map(plain, shape.columns))):
        _unnamed(shape, free, chosen, reasons)


def _unnamed(shape: Shape, free: list[str], chosen: dict[str, str], reasons: dict[str, str]) -> None:
    """Takes the identifiers of a file without a header: user before item, as most such files have it."""
    varied = [
        column for column in free if len(set(map(str, shape.values(column)))) > 1 or len(shape.rows) == 1
    ]
    if varied:
        where = "the first" if len(varied) == 1 else "the second"
        chosen["item_id"] = varied[min(1, len(varied) - 1)]
        reasons["item_id"] = f"no header: {where} column that varies; check it"
    if len(varied) > 1:
        chosen["user_id"], reasons["user_id"] = varied[0], "no header: the first column that varies; check it"


def guess_name(shape: Shape, path: str) -> str:
    """Returns what one unit of weight is called in the plural, by file and column names; else events."""
    words = set(
        re.findall(
            r"[a-z]+",
            " ".join(re.sub(r"([a-z])([A-Z])", r"\1 \2", text) for text in (path, *shape.columns)).lower(),
        )
    )
    return next((name for name, marks in _WORDS.items() if marks & words), "events")


def quantity_note(columns: Mapping[str, str], shape: Shape) -> str:
    """Returns why a quantity is not the weight, where there is one; else an empty text."""
    found: Any = next(
        (name for name in shape.columns if plain(name) in ("quantity", "qty", "units", "amount")), None
    )
    if found is None or "weight" in columns:
        return ""
    return f'one row counts once; set weight = "{found}" to count units'
