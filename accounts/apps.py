"""Customer accounts, contacts, activities, and who covers them."""

from django.apps import AppConfig


class AccountsConfig(AppConfig):
    name = "accounts"
