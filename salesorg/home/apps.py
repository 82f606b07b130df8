"""The pages that show several apps at once."""

from django.apps import AppConfig


class HomeConfig(AppConfig):
    name = "salesorg.home"
    label = "home"
