"""Whether named drivers are the reasons: events edited in the log, cards rebuilt, the forecast seen to move."""

from trail.evaluate.faithfulness.curves import COMPREHENSIVE, DRIVERS, RANDOM, SUFFICIENT, Point, curves
from trail.evaluate.faithfulness.edits import OWN_EDITS, UNTESTABLE, Aim, Edit
from trail.evaluate.faithfulness.folder import summary, write_faithfulness
from trail.evaluate.faithfulness.intervene import TESTED, Edited, Interventions, edit, intervene, needs
from trail.evaluate.faithfulness.measure import Faithfulness, faithfulness, judged
from trail.evaluate.faithfulness.own import Own
from trail.evaluate.faithfulness.rows import GroupTally, Move, Share
from trail.evaluate.faithfulness.statements import Score, Statements, score, scores
from trail.evaluate.faithfulness.subject import Setting, Subject
from trail.evaluate.faithfulness.texts import Text, Write, plain_writer
from trail.evaluate.faithfulness.worlds import World, world_of

__all__ = [
    "COMPREHENSIVE",
    "DRIVERS",
    "OWN_EDITS",
    "RANDOM",
    "SUFFICIENT",
    "TESTED",
    "UNTESTABLE",
    "Aim",
    "Edit",
    "Edited",
    "Faithfulness",
    "GroupTally",
    "Interventions",
    "Move",
    "Own",
    "Point",
    "Score",
    "Setting",
    "Share",
    "Statements",
    "Subject",
    "Text",
    "World",
    "Write",
    "curves",
    "edit",
    "faithfulness",
    "intervene",
    "judged",
    "needs",
    "plain_writer",
    "score",
    "scores",
    "summary",
    "world_of",
    "write_faithfulness",
]
