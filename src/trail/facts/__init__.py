"""A card in words and back: render (plain sentences), read (text -> claims), verify (claims x card -> verdicts).

Times are written one way and read in many: "last week" is window 1, "two weeks ago" window 2, "3 weeks
ago" window 3; "the week before" is said in comparisons only and means window 2; "next week" is the period
predicted; "the same week last year" is that period 364 days earlier, and "at this point last year" the
change into it. Windows of a day read "in the last day", odd lengths "last period".
"""

from trail.facts.claims import Checked, Claim, Driver, Kind, Outlook, Verdict, Verification
from trail.facts.draft import Rendered, Statement
from trail.facts.english import ungrammatical
from trail.facts.frames import Audience
from trail.facts.grammar_names import Scene
from trail.facts.outline import Length
from trail.facts.prompt import Prompt, prompt
from trail.facts.read import read
from trail.facts.render import Language, Style, plain, render
from trail.facts.sides import wrong_sides
from trail.facts.speak import speaker
from trail.facts.translate import translated
from trail.facts.verify import check, scene_for, verify

__all__ = [
    "Audience",
    "Checked",
    "Claim",
    "Driver",
    "Kind",
    "Language",
    "Length",
    "Outlook",
    "Prompt",
    "Rendered",
    "Scene",
    "Statement",
    "Style",
    "Verdict",
    "Verification",
    "check",
    "plain",
    "prompt",
    "read",
    "render",
    "scene_for",
    "speaker",
    "translated",
    "ungrammatical",
    "verify",
    "wrong_sides",
]
