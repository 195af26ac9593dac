"""Functions of DuckDB that Ibis has no name for, and the cleaning of raw values that both inputs share."""

# Ibis is untyped, and a builtin of the engine is a signature without a body.
# mypy: disable-error-code="untyped-decorator, valid-type, empty-body"
from __future__ import annotations

import ibis
import ibis.expr.datatypes as dt
import ibis.expr.types as ir

PART = " | "
_EXACT = 1e15


@ibis.udf.scalar.builtin
def try_strptime(text: str, form: str) -> dt.Timestamp():
    """Reads text by a strptime format; null where it does not fit."""


@ibis.udf.scalar.builtin
def make_timestamp(micros: int) -> dt.Timestamp():
    """Returns the timestamp of microseconds since 1970."""


@ibis.udf.scalar.builtin
def json_valid(text: str) -> bool:
    """Whether text is JSON."""


@ibis.udf.scalar.builtin
def json_type(text: str) -> str:
    """Returns OBJECT, ARRAY, VARCHAR and so on."""


@ibis.udf.scalar.builtin
def json_extract_string(text: str, path: str) -> str:
    """Returns the value at a path as text, null where there is none."""


@ibis.udf.scalar.builtin
def md5_number_lower(text: str) -> dt.UInt64():
    """Returns the lower half of an MD5 digest."""


@ibis.udf.scalar.builtin
def md5_number_upper(text: str) -> dt.UInt64():
    """Returns the upper half of an MD5 digest."""


def nothing(dtype: str = "string") -> ir.Value:
    """Returns a null of a type."""
    return ibis.null(dtype)


def text_of(value: ir.Value) -> ir.StringValue:
    """Returns a raw value as trimmed text, empty as null; 13085.0 of a float column is 13085."""
    dtype = value.type()
    if dtype.is_floating():
        whole = (value == value.floor()) & (value.abs() < _EXACT)
        text = value.isnan().ifelse(
            nothing(), whole.ifelse(value.try_cast("int64").cast("string"), value.cast("string"))
        )
    else:
        text = value if dtype.is_string() else value.cast("string")
    return text.strip().nullif("")


def number_of(value: ir.Value) -> ir.FloatingValue:
    """Returns a raw value as float64; unreadable and not finite as null; 5.95 of a float32 stays 5.95."""
    dtype = value.type()
    if dtype.is_string() or dtype.is_float32():
        number = value.cast("string").try_cast("float64")
    else:
        number = value.cast("float64")
    return (number.isnan() | number.isinf()).ifelse(nothing("float64"), number)


def price_of(value: ir.Value) -> ir.FloatingValue:
    """Returns a price as float64: `$1,299.00` is 1299; a range, words and a negative price are null."""
    if value.type().is_string():
        value = value.re_replace(r"^\s*[$€£]\s*", "").re_replace(r",(\d{3})", r"\1")
    number = number_of(value)
    return (number < 0).ifelse(nothing("float64"), number)


def joined(value: ir.Value, *, glue: str, marks: str = "") -> ir.StringValue:
    """Returns the parts of a list as one text; of a list of lists, the parts of the first.

    Args:
        value: Raw value: plain text, or text of a JSON array.
        glue: What comes between the parts.
        marks: Regular expression of what separates parts in plain text; empty where nothing does.
    """
    text = text_of(value)
    first = json_extract_string(text, "$[0]")
    is_list = text.startswith("[").ifelse(json_valid(text), ibis.literal(value=False))
    inner = first.startswith("[").ifelse(json_valid(first), ibis.literal(value=False)).ifelse(first, text)
    parts = is_list.ifelse(inner, nothing()).try_cast("json").try_cast("array<string>")
    plain = (
        text if not marks else text.re_replace(marks, "|").split("|").map(_strip).filter(_filled).join(glue)
    )
    return is_list.ifelse(parts.map(_strip).filter(_filled).join(glue), plain).nullif("")


def _strip(part: ir.StringValue) -> ir.StringValue:
    return part.strip()


def _filled(part: ir.StringValue) -> ir.BooleanValue:
    return part != ""
