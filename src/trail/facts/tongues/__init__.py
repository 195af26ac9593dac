"""Languages beside English: all that a plain rendering needs of each, one module a language."""

from collections.abc import Mapping

from trail.facts.tongues.chinese import CHINESE
from trail.facts.tongues.french import FRENCH
from trail.facts.tongues.german import GERMAN
from trail.facts.tongues.spanish import SPANISH
from trail.facts.tongues.tongue import Tongue

TONGUES: Mapping[str, Tongue] = {each.locale: each for each in (GERMAN, FRENCH, SPANISH, CHINESE)}

__all__ = ["TONGUES", "Tongue"]
