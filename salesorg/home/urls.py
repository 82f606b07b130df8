"""Addresses of the pages that show several apps at once, and of the health checks."""

from django.urls import path

from . import health, views

app_name = "home"
urlpatterns = [
    path("healthz", health.healthz, name="healthz"),
    path("readyz", health.readyz, name="readyz"),
    path("search/", views.search, name="search"),
    path("commands/", views.commands, name="commands"),
    path("patterns/", views.style, name="style"),
]
