"""Choosing rows, and who may see them: a module for each subject."""

from .accounts import Digits, PlainName, Words  # migrations name them here

__all__ = ["Digits", "PlainName", "Words"]
