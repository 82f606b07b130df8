"""Choosing rows, and who may see them: a module for each subject."""
