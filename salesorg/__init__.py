"""Salesorg: the organisation itself: its settings, its people, its memory."""

from .celery import app as celery_app

__all__ = ["celery_app"]
