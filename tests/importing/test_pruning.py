"""What was imported and exported long ago is removed by night; what came of it stays."""

from datetime import timedelta

import pytest
from django.utils import timezone

from accounts.importing.pruning import old_parts, prune
from accounts.models import Account, BulkChange, Export, Import, ImportRow
from salesorg.audit.models import Change
from salesorg.audit.services import undo


@pytest.fixture
def night(db):
    def run():
        counts = [prune(None, payload) for _key, payload in old_parts(None)]
        return {name: sum(each.get(name, 0) for each in counts) for each in counts for name in each}

    return run


def aged(model, days):
    model.objects.update(created_at=timezone.now() - timedelta(days=days))


def test_an_import_of_three_months_ago_is_gone_with_its_rows_and_its_accounts_stay(imported, night, rita, line):
    old = imported(rita, "key,name\nK1,Alpha\n")
    aged(Import, 91)
    kept = imported(rita, "key,name\nK2,Beta\n")
    assert night() == {"imports removed": 1}
    assert list(Import.objects.all()) == [kept]
    assert {row.made_by_id for row in ImportRow.objects.all()} == {kept.pk}
    assert Account.objects.count() == 2
    undo(context=old.context, actor=rita)  # history has not forgotten it
    assert Account.objects.get().external_key == "K2"


def test_the_days_are_a_setting_and_an_import_at_work_is_left_alone(imported, night, rita, line, settings):
    imported(rita, "key,name\nK1,Alpha\n")
    aged(Import, 20)
    assert night() == {}
    settings.IMPORTS_KEPT_DAYS = 10
    Import.objects.update(state=Import.State.UNDOING)
    assert night() == {}
    Import.objects.update(state=Import.State.DONE)
    assert night() == {"imports removed": 1}


def test_an_old_export_is_gone_and_history_keeps_who_took_out_what(night, rita, acting_as):
    with acting_as(rita):
        for content in (b"name\nAcme\n", None):
            Export.objects.create(user=rita, kind="accounts", words="Bonn", format="csv", count=1, content=content)
    aged(Export, 91)
    assert night() == {"exports removed": 2}
    last = Change.objects.filter(table="accounts_export", operation="DELETE").latest("pk")
    assert (last.before["user_id"], last.before["words"]) == (rita.pk, "Bonn")


def test_an_old_change_of_many_is_gone_when_nobody_works_on_it(night, rita):
    for state in ("done", "changing"):
        BulkChange.objects.create(user=rita, kind="accounts", what="Industry: Steel", typed={}, count=0, state=state)
    aged(BulkChange, 91)
    assert night() == {"changes of many removed": 1}
    assert BulkChange.objects.get().state == "changing"
