"""How many true texts are told to be English, and how many broken ones are not, though every claim in them still holds.

    python -m bench.english [--texts N] [--seed N]

Texts are those of `bench/verify.py`. They are broken one word at a time, by words that know nothing of the rules: a word left out, two
words that change places, another verb, a small word put in. Only what still holds is counted: the rest is refused anyhow.
Not every broken text is bad English ("it got" for "it had"), so no share is right; it is to be compared between states of the code.
"""

from __future__ import annotations

import argparse
import re
from collections import Counter
from collections.abc import Iterator
from random import Random

from bench.verify import Told, all_cards, written

from trail.facts import scene_for, ungrammatical, verify

_VERBS = [
    "had",
    "got",
    "drew",
    "received",
    "brought",
    "stood",
    "was",
    "were",
    "ranked",
    "came",
    "took",
    "rose",
    "climbed",
    "gained",
    "averaged",
    "should",
    "has",
    "been",
    "expect",
    "is",
    "placed",
    "fell",
]
_SMALL = ["the", "a", "of", "in", "it", "its", "was", "had", "that", "by", "for", "to"]
_TWICE = re.compile(r"\b(\w+) \1\b", re.IGNORECASE)


def broken(text: str, draw: Random) -> Iterator[tuple[str, str]]:
    """Yields the kind of break and the broken text."""
    words = text.split()
    for at, word in enumerate(words):
        before, after = words[:at], words[at + 1 :]
        yield "left out", " ".join([*before, *after])
        yield "put in", " ".join([*before, word, draw.choice(_SMALL), *after])
        if after:
            yield "changed places", " ".join([*before, after[0], word, *after[1:]])
        if word in _VERBS:
            other = draw.choice([each for each in _VERBS if each != word])
            yield "another verb", " ".join([*before, other, *after])


def is_english(text: str, told: Told) -> bool:
    """Whether the gate lets a text pass: its grammar, and no word said twice running."""
    return not _TWICE.search(text) and not ungrammatical(text, scene_for(told[1]))


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--texts", type=int, default=200)
    parser.add_argument("--seed", type=int, default=0)
    asked = parser.parse_args()
    draw, refused = Random(asked.seed), 0
    held, told_of = Counter[str](), Counter[str]()
    for text, simple, card, forecast in written(all_cards(asked.seed), asked.seed, asked.texts):
        told = (text.text, card, forecast)
        refused += sum(not is_english(each, told) for each in (text.text, simple))
        for kind, each in broken(text.text, draw):
            if verify(each, card, forecast).holds:
                held[kind] += 1
                told_of[kind] += not is_english(each, told)
    print(f"{2 * asked.texts} true texts, {refused} told to be no English")
    for kind in sorted(held):
        print(
            f"  {kind:<15} {held[kind]:>6} still hold, {told_of[kind]:>6} told to be no English, {told_of[kind] / held[kind]:.0%}"
        )


if __name__ == "__main__":
    main()
