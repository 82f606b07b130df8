"""Customer accounts, contacts, activities, and who covers them."""

from django.apps import AppConfig


class AccountsConfig(AppConfig):
    name = "accounts"
    undo_needs = "edit_accounts"  # who may take changes of these records back (salesorg.audit)
