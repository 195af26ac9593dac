"""A card in words and back: render (plain sentences), read (text -> claims), verify (claims x card -> verdicts)."""

from trail.facts.claims import Checked, Claim, Driver, Kind, Outlook, Verdict, Verification
from trail.facts.grammar_names import Scene
from trail.facts.read import read
from trail.facts.verify import check, scene_for, verify

__all__ = [
    "Checked",
    "Claim",
    "Driver",
    "Kind",
    "Outlook",
    "Scene",
    "Verdict",
    "Verification",
    "check",
    "read",
    "scene_for",
    "verify",
]
