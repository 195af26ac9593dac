"""Whether a text is English: a true one that is not well formed is not shown."""

from trail.facts.english.clauses import ungrammatical

__all__ = ["ungrammatical"]
