"""Addresses of the accounts pages."""

from django.urls import path

from . import lookups

app_name = "accounts"
urlpatterns = [
    path("lookup/", lookups.account_lookup, name="account_lookup"),
]
