"""What somebody may have meant who named an item that there is not."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from difflib import get_close_matches

#: Items that are named, and names that are compared letter by letter: slow, and only done of a mistake.
_NAMED, _COMPARED = 3, 50_000
#: Characters that two identifiers begin with alike, at least, to be taken for each other.
_BEGINS = 3


def near(asked: str, titles: Mapping[str, str]) -> str:
    """Returns the one thing to do next: name one of the items that are meant, if any is like what was asked for.

    Items whose identifier or title holds what was asked for come first, whatever its capitals, then those that differ by
    few letters.

    Args:
        asked: What was taken for an identifier.
        titles: Item -> its title; empty where it has none or none is known.
    """
    words = asked.casefold().strip()
    holds = [item for item, title in titles.items() if words and words in f"{item}\n{title}".casefold()]
    holds.sort(
        key=lambda item: (words not in (item.casefold(), titles[item].casefold()), len(item + titles[item]))
    )
    found = holds[:_NAMED] or _like(words, titles)
    if not found:
        return "name an item_id of the forecast, as `trail forecast` and the page show them"
    said = " or ".join(f'{item} ("{titles[item]}")' if titles[item] else item for item in found)
    return f"did you mean {said}? An item is named by its identifier"


def beside(asked: str, neighbours: Sequence[str]) -> str:
    """Returns the same of the identifiers that stand before and after it in their order, where nothing may be looked through.

    Args:
        asked: What was taken for an identifier.
        neighbours: These identifiers; those that do not begin like it are not named.
    """
    begins = asked[:_BEGINS]
    alike = [each for each in neighbours if len(begins) == _BEGINS and each.startswith(begins)]
    meant = f"; did you mean {' or '.join(alike)}?" if alike else ""
    return f"check its spelling, or search the list{meant}"


def _like(words: str, titles: Mapping[str, str]) -> list[str]:
    """Returns the items whose identifier or title differs by few letters, the likest first."""
    names = [
        (name.casefold(), item)
        for item, title in list(titles.items())[:_COMPARED]
        for name in (item, title)
        if name
    ]
    by_name = dict(reversed(names))  # of equal names the item that comes first
    close = get_close_matches(words, by_name, _NAMED)
    return list(dict.fromkeys(by_name[each] for each in close))
