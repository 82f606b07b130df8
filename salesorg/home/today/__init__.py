"""Today, the first page after signing in: the visits in the order of a route, what is due, what changed, how one stands."""

from .page import nearby, today

__all__ = ["nearby", "today"]
