"""Accounts: created once, seen by whoever made them, never part of a circle."""

import pytest

from accounts.models import Account, Activity, Contact, Coverage
from accounts.services import change_account, create_account, plan_activity, set_coverage
from salesorg.lib.errors import DomainError
from salesorg.people.roles import Role


def test_a_rep_covers_the_account_she_creates_at_once(rita, line):
    account = create_account(name="Acme", actor=rita)
    coverage = account.coverage.get()
    assert (coverage.user, coverage.line, coverage.role, coverage.source) == (rita, line, Role.AE, "manual")
    assert coverage.reason == "created by Rita"
    assert Account.objects.visible_to(rita).get() == account


def test_asked_for_a_few_rows_the_gate_lets_through_the_same(cast, account_of, deal_of):
    for name in ("rita", "sam", "tom", "sol"):
        plan_activity(account=account_of(cast[name]), kind="visit", due_on=cast[name].today, actor=cast[name])
        Contact.objects.create(account=account_of(cast[name], f"Second of {name}"), name="Ines")
    deal_of(cast["rita"], Account.objects.get(name="Second of tom"))  # whose account she sees for her open deal
    for model in (Account, Activity, Contact):
        seen = {name: set(model.objects.visible_to(person)) for name, person in cast.items()}
        assert {name: set(model.objects.visible_to(person, few=True)) for name, person in cast.items()} == seen
        assert len({len(rows) for rows in seen.values()}) > 2


def test_operations_creates_an_account_without_covering_it(otto, line):
    assert not create_account(name="Acme", actor=otto).coverage.exists()


@pytest.mark.parametrize("name", ["ACME", "Acme, Inc.", "a-c-m-e", "Acme Ltd"])
def test_the_same_company_is_met_whatever_its_spelling(rita, account_of, name):
    account_of(rita, "Acme")
    with pytest.raises(DomainError, match="Acme exists already"):
        create_account(name=name, actor=rita)


def test_the_same_domain_is_the_same_company(rita, line):
    create_account(name="Acme", domain="acme.example", actor=rita)
    with pytest.raises(DomainError, match="exists already"):
        create_account(name="Another name", domain="ACME.example", actor=rita)


def test_a_duplicate_behind_the_wall_says_only_which_team_to_ask(rita, tom, account_of):
    hidden = account_of(rita, "Acme Secret Projects")
    Account.objects.filter(pk=hidden.pk).update(domain="acme.example")
    with pytest.raises(DomainError) as refused:
        create_account(name="Acme", domain="acme.example", actor=tom)
    assert str(refused.value) == "An account like this exists, covered by team North. Ask them for access."


def test_two_companies_may_share_a_name_when_someone_says_so(rita, account_of):
    account_of(rita, "Acme")
    create_account(name="Acme", actor=rita, another_company=True)
    assert Account.objects.filter(name="Acme").count() == 2


def test_names_of_nothing_but_a_legal_form_are_not_all_alike(rita, line):
    create_account(name="Co.", actor=rita)
    create_account(name="Inc.", actor=rita)


def test_a_company_cannot_belong_to_its_own_subsidiary(otto):
    top, middle, bottom = (Account.objects.create(name=name) for name in ("Top", "Middle", "Bottom"))
    change_account(account=middle, actor=otto, parent=top)
    change_account(account=bottom, actor=otto, parent=middle)
    with pytest.raises(DomainError, match="Bottom already belongs to Top"):
        change_account(account=top, actor=otto, parent=bottom)
    with pytest.raises(DomainError, match="already belongs"):
        change_account(account=top, actor=otto, parent=top)


def test_changing_one_column_leaves_what_others_saved_meanwhile(rita, account_of):
    account = account_of(rita, "Acme")
    Account.objects.filter(pk=account.pk).update(city="Graz")
    change_account(account=account, actor=rita, industry="steel")
    account.refresh_from_db()
    assert (account.city, account.industry) == ("Graz", "steel")


def test_covering_by_hand_ends_whoever_covered_before_and_keeps_the_past(rita, sam, mia, account_of, line):
    account = account_of(rita)
    set_coverage(account=account, line=line, role=Role.AE, user=sam, reason="Rita is on leave", actor=mia)
    before, now = Coverage.objects.filter(account=account).order_by("during")
    assert (before.user, before.during.upper) == (rita, mia.today)
    assert (now.user, now.during.lower, now.during.upper, now.reason) == (sam, mia.today, None, "Rita is on leave")
