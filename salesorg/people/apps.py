"""The people who sign in, their teams and roles, and what they may see."""

from django.apps import AppConfig


class PeopleConfig(AppConfig):
    name = "salesorg.people"
    label = "people"
