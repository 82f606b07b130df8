"""Undo: what one click did is taken back whole, or refused with the reason, and leaves its own trace."""

import uuid
from datetime import date
from decimal import Decimal

import pytest
from django.db.backends.postgresql.psycopg_any import DateRange

from accounts.models import Account, Activity, Contact, Coverage
from salesorg.audit.models import Change
from salesorg.audit.services import undo
from salesorg.lib.errors import DomainError
from salesorg.people.models import Membership
from salesorg.people.roles import Role


@pytest.fixture
def done_by(acting_as):
    """Let a person do something and return its context: done_by(rita, function)."""

    def do(person, change, cause="accounts:account_edit"):
        with acting_as(person, cause) as click:
            change()
        return click.context

    return do


def fresh(person):
    """The person as the next request sees them."""
    return type(person)._base_manager.get(pk=person.pk)


def test_an_edit_is_taken_back_column_by_column(rita, account_of, done_by):
    account = account_of(rita, "Acme")
    Account.objects.filter(pk=account.pk).update(annual_revenue=Decimal("123456789012345.6789"))
    click = done_by(rita, lambda: Account.objects.filter(pk=account.pk).update(name="Acme Ltd", annual_revenue=1))
    undone = undo(context=click, actor=rita)
    account.refresh_from_db()
    assert (account.name, account.annual_revenue, undone.changes) == ("Acme", Decimal("123456789012345.6789"), 1)


def test_a_bulk_edit_is_taken_back_in_one_go(rita, account_of, done_by, django_assert_max_num_queries):
    accounts = [account_of(rita, f"Account {i}") for i in range(30)]

    def change():
        for account in accounts:
            account.industry = f"Industry {account.pk}"
        Account.objects.bulk_update(accounts, ["industry"])

    click = done_by(rita, change)
    with django_assert_max_num_queries(25):
        undo(context=click, actor=rita)
    assert set(Account.objects.values_list("industry", flat=True)) == {""}


def test_what_was_made_is_gone_and_what_was_deleted_is_back_with_its_number(rita, account_of, done_by):
    account = account_of(rita)
    contact = Contact.objects.create(account=account, name="Kim")
    before = Contact.objects.values().get(pk=contact.pk)

    def change():
        Contact.objects.get(pk=contact.pk).delete()
        Contact.objects.create(account=account, name="Lee")

    click = done_by(rita, change)
    undo(context=click, actor=rita)
    assert list(Contact.objects.values()) == [before]


def test_deleting_an_account_with_all_that_hangs_on_it_is_undone(otto, rita, account_of, done_by):
    account = account_of(rita)
    contact = Contact.objects.create(account=account, name="Kim")
    Activity.objects.create(account=account, contact=contact, user=rita, kind="task", due_on=date(2026, 3, 31))
    before = [list(model.objects.order_by("pk").values()) for model in (Account, Contact, Activity, Coverage)]
    click = done_by(otto, account.delete)
    assert not Account.objects.exists()
    undo(context=click, actor=otto)
    assert [list(model.objects.order_by("pk").values()) for model in (Account, Contact, Activity, Coverage)] == before


def test_a_row_changed_twice_in_one_click_goes_back_to_where_it_was(rita, account_of, done_by):
    account = account_of(rita, "Acme")

    def change():
        for name in ("B", "C"):
            Account.objects.filter(pk=account.pk).update(name=name)

    undo(context=done_by(rita, change), actor=rita)
    account.refresh_from_db()
    assert account.name == "Acme"


def test_an_undo_can_be_undone(rita, account_of, done_by):
    account = account_of(rita, "Acme")
    click = done_by(rita, lambda: Account.objects.filter(pk=account.pk).update(name="B"))
    undone = undo(context=click, actor=rita)
    change = Change.objects.filter(context=undone.context).get()
    assert (change.cause, change.actor_id) == ("undo accounts:account_edit", rita.pk)
    undo(context=undone.context, actor=rita)
    account.refresh_from_db()
    assert account.name == "B"


def test_a_change_by_somebody_else_since_is_never_overwritten(rita, sam, account_of, done_by):
    account, other = account_of(rita, "Acme"), account_of(rita, "Other")

    def change():
        Account.objects.filter(pk=account.pk).update(name="Acme Ltd")
        Account.objects.filter(pk=other.pk).update(name="Other Ltd")

    click = done_by(rita, change)
    done_by(sam, lambda: Account.objects.filter(pk=account.pk).update(industry="Mining"))
    with pytest.raises(DomainError, match=r"Account “Acme Ltd” was changed again by Sam on .*Undo that first"):
        undo(context=click, actor=rita)
    other.refresh_from_db()
    assert other.name == "Other Ltd"


def test_what_others_depend_on_since_is_not_taken_away(rita, account_of, done_by, line):
    made = []

    def change():
        made.append(Account.objects.create(name="Acme"))
        Coverage.objects.create(
            account=made[0], line=line, role=Role.AE, user=rita, during=DateRange(date(2020, 1, 1), None),
            source="manual", reason="test", is_first_contact=True,
        )  # fmt: skip

    click = done_by(rita, change)
    Contact.objects.create(account=made[0], name="Kim")
    with pytest.raises(DomainError, match="clash with contacts entered since"):
        undo(context=click, actor=rita)
    assert Account.objects.filter(pk=made[0].pk).exists()


def test_a_place_taken_since_stays_taken(otto, rita, sam, account_of, done_by):
    account = account_of(rita)
    click = done_by(otto, Coverage.objects.get().delete)
    account_coverage(account, sam)
    with pytest.raises(DomainError, match="clash"):
        undo(context=click, actor=otto)


def account_coverage(account, user):
    from accounts.models import CoverageLine

    return Coverage.objects.create(
        account=account,
        line=CoverageLine.objects.get(code="new-business"),
        role=Role.AE,
        user=user,
        during=DateRange(date(2020, 1, 1), None),
        source="manual",
        reason="test",
    )


def test_a_stranger_cannot_tell_anothers_click_from_none(rita, tom, mia, account_of, done_by):
    account = account_of(rita)
    click = done_by(rita, lambda: Account.objects.filter(pk=account.pk).update(name="B"))
    words = set()
    for person, context in ((tom, click), (mia, click), (tom, uuid.uuid4())):
        with pytest.raises(DomainError) as refusal:
            undo(context=context, actor=person)
        words.add(str(refusal.value))
    assert words == {"There is nothing here that you can undo."}


def test_who_no_longer_sees_the_row_cannot_undo_on_it(rita, tom, account_of, done_by):
    account = account_of(rita, "Acme")
    click = done_by(rita, lambda: Account.objects.filter(pk=account.pk).update(name="B"))
    Coverage.objects.update(user=tom)
    with pytest.raises(DomainError, match="nothing here"):
        undo(context=click, actor=fresh(rita))
    account.refresh_from_db()
    assert account.name == "B"


def test_what_became_of_a_row_one_no_longer_sees_is_not_told(rita, tom, account_of, done_by):
    account = account_of(rita, "Acme")
    click = done_by(rita, lambda: Account.objects.filter(pk=account.pk).update(name="B"))
    Coverage.objects.update(user=tom)
    done_by(tom, lambda: Account.objects.filter(pk=account.pk).update(name="Secret GmbH"))
    with pytest.raises(DomainError) as refusal:
        undo(context=click, actor=fresh(rita))
    assert str(refusal.value) == "There is nothing here that you can undo."


def test_who_gave_something_away_may_take_it_back(otto, rita, tom, account_of, done_by):
    account_of(rita)
    click = done_by(rita, lambda: Coverage.objects.update(user=tom))
    undo(context=click, actor=fresh(rita))
    assert Coverage.objects.get().user == rita


def test_a_right_that_was_lost_is_not_regained_by_undo(ada, done_by):
    click = done_by(ada, lambda: Membership.objects.filter(user=ada).update(role=Role.AE))
    with pytest.raises(DomainError, match="You may not change memberships"):
        undo(context=click, actor=fresh(ada))


def test_a_large_import_is_undone_in_seconds(otto, done_by, django_assert_max_num_queries):
    click = done_by(otto, lambda: Account.objects.bulk_create([Account(name=f"Account {i}") for i in range(3000)]))
    with django_assert_max_num_queries(30):
        assert undo(context=click, actor=otto).changes == 3000
    assert not Account.objects.exists()
