"""The records that the access matrix asks for: how one is made for a person, and who else sees it."""

from . import accounts, orders, others, people, pipeline, prospects, sprints
from .registry import ABSENT, KINDS, SINCE

__all__ = ["ABSENT", "KINDS", "SINCE", "accounts", "orders", "others", "people", "pipeline", "prospects", "sprints"]
