"""Figures computed in the database: a module for each subject."""
