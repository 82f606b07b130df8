"""Addresses of the people pages."""

from django.urls import path

from . import lookups

app_name = "people"
urlpatterns = [
    path("people/lookup/", lookups.person_lookup, name="person_lookup"),
]
