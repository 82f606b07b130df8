"""Every change of who covers what."""

from .placing import place
from .reassigning import Reassignment, give_seat, move_accounts, move_territory, preview
from .structure import apply_moves_due, create_force, create_plan, create_territory, open_seat

__all__ = [
    "Reassignment",
    "apply_moves_due",
    "create_force",
    "create_plan",
    "create_territory",
    "give_seat",
    "move_accounts",
    "move_territory",
    "open_seat",
    "place",
    "preview",
]
