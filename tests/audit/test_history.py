"""Every change leaves one row that names who did it, on any path, and nobody can change that row."""

import pytest
from django.db import DatabaseError, connection, transaction

from accounts.models import Account
from salesorg.audit.models import Change


def changes_of(row):
    return Change.objects.filter(table=row._meta.db_table, row_id=row.pk).order_by("pk")


def test_a_change_names_its_person_and_cause_and_keeps_before_and_after(rita, acting_as):
    account = Account.objects.create(name="Acme")
    with acting_as(rita, "accounts:account_edit 100%'s"):
        Account.objects.filter(pk=account.pk).update(name="Acme Ltd")
    last = changes_of(account).last()
    assert (last.actor_id, last.cause, last.before, last.after) == (
        rita.pk,
        "accounts:account_edit 100%'s",
        {"name": "Acme"},
        {"name": "Acme Ltd"},
    )


@pytest.mark.parametrize("path", ["save", "bulk_create", "update", "bulk_update", "raw", "delete"])
def test_no_path_escapes_history(rita, acting_as, path):
    account = Account.objects.create(name="Acme")
    with acting_as(rita, path), transaction.atomic():
        if path == "save":
            account.name = "B"
            account.save()
        elif path == "bulk_create":
            account = Account.objects.bulk_create([Account(name="B"), Account(name="C")])[0]
        elif path == "update":
            Account.objects.filter(pk=account.pk).update(name="B")
        elif path == "bulk_update":
            account.name = "B"
            Account.objects.bulk_update([account], ["name"])
        elif path == "raw":
            with connection.cursor() as cursor:
                cursor.execute("UPDATE accounts_account SET name = 'B' WHERE id = %s", [account.pk])
        elif path == "delete":
            pk = account.pk
            account.delete()
            account.pk = pk
    last = changes_of(account).last()
    assert (last.actor_id, last.cause) == (rita.pk, path)


def test_a_row_that_did_not_change_leaves_no_trace(organisation):
    account = Account.objects.create(name="Acme")
    Account.objects.filter(pk=account.pk).update(name="Acme")
    assert changes_of(account).count() == 1


@pytest.mark.parametrize("sql", ["UPDATE audit_change SET cause = 'x'", "DELETE FROM audit_change"])
def test_the_database_refuses_to_change_history(organisation, sql):
    Account.objects.create(name="Acme")
    with pytest.raises(DatabaseError, match="Cannot"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(sql)


def test_history_outlives_the_row(organisation):
    account = Account.objects.create(name="Acme")
    pk = account.pk
    account.delete()
    assert list(Change.objects.filter(table="accounts_account", row_id=pk).values_list("operation", flat=True)) == [
        "INSERT",
        "DELETE",
    ]
