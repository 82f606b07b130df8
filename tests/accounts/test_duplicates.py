"""Records that are there twice: how alike two are, what the nightly search finds, and what is told while somebody types."""

import pytest

from accounts.engine.likeness import AccountFacts, ContactFacts, like_accounts, like_contacts
from accounts.models import Account, AccountPair, Contact, ContactPair
from accounts.services import dismiss_pair, merge_accounts
from salesorg.jobs.runs import run_here, start_run


def account(pk=1, name="Acme Logistics", **facts):
    return AccountFacts(pk, name, **facts)


def contact(pk=1, name="Olga Berg", **facts):
    return ContactFacts(pk, name, **facts)


@pytest.mark.parametrize(
    "one, other, score, reasons",
    [
        ({}, {"name": "ACME LOGISTICS, Inc."}, 60, ("same_name",)),
        ({"name": "Café Zürich"}, {"name": "Cafe Zurich GmbH"}, 60, ("same_name",)),
        ({}, {"name": "Logistics Acme"}, 55, ("same_words",)),
        ({"domain": "acme.com"}, {"name": "Acme Logistcs", "domain": "acme.com"}, 80, ("name_slip", "same_domain")),
        ({"domain": "acme.com"}, {"domain": "acme.de"}, 80, ("same_name", "similar_domain")),
        ({"domain": "acme.com"}, {"domain": "other.com"}, 50, ("same_name",)),
        ({"domain": "gmail.com"}, {"name": "Bolt", "domain": "gmail.com"}, 0, ()),
        ({"phone": "+49 30 1234567"}, {"phone": "030 1234567"}, 85, ("same_name", "same_phone")),
        (
            {"street": "12 Oak Street", "postal_code": "10001"},
            {"street": "Oak St. 12", "postal_code": "10001"},
            85,
            ("same_name", "same_address"),
        ),
        ({"name": "Store 12", "domain": "s.com"}, {"name": "Store 13", "domain": "s.com"}, 35, ("same_domain",)),
        ({"parent": 2, "domain": "acme.com"}, {"domain": "acme.com"}, 0, ()),
        (
            {"city": "Bern", "postal_code": "3000", "street": "Weg 1"},
            {"city": "Basel", "postal_code": "4000", "street": "Weg 1"},
            45,
            ("same_name",),
        ),
    ],
)
def test_accounts_are_as_alike_as_the_rules_say(one, other, score, reasons):
    found = like_accounts(account(1, **one), account(2, **other))
    assert (found.score, found.reasons) == (score, reasons)
    assert like_accounts(account(2, **other), account(1, **one)) == found


@pytest.mark.parametrize(
    "one, other, score",
    [
        ({"email": "olga@acme.com"}, {"email": "Olga@Acme.com", "name": "O. Berg"}, 90),
        ({"email": "info@acme.com"}, {"email": "info@acme.com", "name": "Pavel Novak"}, 0),
        ({"account": 7}, {"account": 7, "name": "Berg, Olga"}, 60),
        ({"account": 7}, {"account": 8}, 35),
        ({"account": 7, "email": "a@acme.com"}, {"account": 7, "email": "b@acme.com"}, 50),
        ({"phone": "+1 212 555 0100"}, {"phone": "212-555-0100"}, 60),
    ],
)
def test_contacts_are_as_alike_as_the_rules_say(one, other, score):
    assert like_contacts(contact(1, **one), contact(2, **other)).score == score


@pytest.fixture
def search(organisation):
    """Run the nightly search now."""
    periods = iter(range(100))
    return lambda: run_here(start_run(job="duplicates", period=f"test {next(periods)}"))


def pairs():
    return {(pair.first.name, pair.second.name) for pair in AccountPair.objects.open()}


def test_the_search_finds_what_is_there_twice_and_nothing_else(search):
    rows = [
        ("Acme Logistics", {}), ("Acme Logistics Inc.", {}),
        ("Birch Medical", {"domain": "birch.example"}), ("Birch Medcal", {"domain": "birch.example"}),
        ("Cedar Foods", {"phone": "+1 212 555 0100"}), ("Foods Cedar", {"phone": "(212) 555-0100"}),
        ("Dune Press", {"street": "1 Mill Road", "postal_code": "10001"}),
        ("Dune Press & Media", {"street": "1 Mill Rd", "postal_code": "10001"}),
        ("Ember 1", {}), ("Ember 2", {}),
    ]  # fmt: skip
    for name, facts in rows:
        Account.objects.create(name=name, **facts)
    run = search()
    assert run.state == "done", run.problems
    assert pairs() == {
        ("Acme Logistics", "Acme Logistics Inc."),
        ("Birch Medical", "Birch Medcal"),
        ("Cedar Foods", "Foods Cedar"),
    }


def test_the_search_finds_people_too(search, otto):
    acme = Account.objects.create(name="Acme")
    for name, email in (("Olga Berg", "olga@acme.example"), ("Olga Berg", ""), ("O. Berg", "olga@acme.example"), ("Pavel", "")):
        Contact.objects.create(account=acme, name=name, email=email)
    search()
    assert sorted(pair.score for pair in ContactPair.objects.all()) == [60, 100]


def test_an_unchanged_world_writes_nothing(search):
    for name in ("Acme", "Acme Inc."):
        Account.objects.create(name=name)
    search()
    stored = list(AccountPair.objects.values())
    counts = search().counts
    assert list(AccountPair.objects.values()) == stored
    assert (counts["pairs found"], counts["pairs changed"], counts["pairs gone"]) == (0, 0, 0)


def test_a_pair_goes_when_its_facts_say_so(search):
    _acme, other = (Account.objects.create(name=name) for name in ("Acme", "Acme Inc."))
    search()
    Account.objects.filter(pk=other.pk).update(name="Bolt")
    search()
    assert pairs() == set()


def test_two_that_somebody_called_different_come_back_only_when_much_more_speaks_for_it(search, otto):
    for name in ("Acme", "Acme Inc."):
        Account.objects.create(name=name)
    search()
    dismiss_pair(pair=AccountPair.objects.get(), actor=otto)
    search()
    assert pairs() == set()
    Account.objects.update(domain="acme.example")
    search()
    assert pairs() == {("Acme", "Acme Inc.")}


def test_what_is_merged_is_no_longer_listed(search, otto):
    for name in ("Acme", "Acme Inc.", "ACME Ltd"):
        Account.objects.create(name=name)
    search()
    assert len(pairs()) == 3
    merge_accounts(keep=Account.objects.get(name="Acme"), drop=Account.objects.get(name="ACME Ltd"), choices={}, actor=otto)
    assert pairs() == {("Acme", "Acme Inc.")}


def typed(client, **facts):
    return client.get("/accounts/duplicates/typed/", facts).content.decode()


def test_likely_twins_appear_while_one_types(as_user, rita, account_of):
    acme = account_of(rita, "Acme Logistics")
    client = as_user(rita)
    assert f'href="/accounts/{acme.pk}/"' in typed(client, name="Acme Logistcs")
    assert "Acme Logistics" in typed(client, name="acme log")
    assert "Acme Logistics" not in typed(client, name="Bolt Logistics")
    assert typed(client, name="").strip() == ""


def test_of_a_hidden_twin_only_its_team_is_told_and_only_for_its_very_name(as_user, rita, tom, account_of):
    hidden = account_of(tom, "Acme Logistics")
    Account.objects.filter(pk=hidden.pk).update(city="Bern", domain="acme.example")
    client = as_user(rita)
    told = typed(client, name="ACME Logistics Inc.")
    assert "covered by team South. Ask them for access." in told
    assert not any(word in told for word in ("Acme", "Bern", "acme.example", f"/{hidden.pk}/"))
    assert typed(client, name="Acme Logistic").strip() == ""
    assert "team South" in typed(client, name="Something else", domain="acme.example")


def test_a_person_behind_the_wall_is_told_by_the_very_e_mail_alone(as_user, rita, tom, account_of):
    mine, theirs = account_of(rita), account_of(tom)
    Contact.objects.create(account=theirs, name="Olga Berg", email="olga@acme.example")
    address = f"/accounts/{mine.pk}/contacts/typed/"
    told = as_user(rita).get(address, {"name": "Olga Berg", "email": "olga@acme.example"}).content.decode()
    assert "team South" in told and "Olga" not in told
    assert as_user(rita).get(address, {"name": "Olga Berg", "email": "olga@acme"}).content.decode().strip() == ""


def test_a_pair_is_listed_only_for_who_sees_both(as_user, mia, otto, rita, tom, account_of):
    pair = AccountPair.objects.create(
        first=account_of(rita, "Acme"), second=account_of(tom, "Acme Inc."), score=60, reasons=["same_name"]
    )
    assert "Acme" in as_user(otto).get("/accounts/duplicates/").content.decode()
    assert "Acme" not in as_user(mia).get("/accounts/duplicates/").content.decode()
    assert as_user(mia).post(f"/accounts/duplicates/accounts/{pair.pk}/").status_code == 404


def test_operations_merges_on_the_page_and_takes_it_back(as_user, otto, rita, account_of):
    keep, drop = account_of(rita, "Acme"), account_of(rita, "Acme Inc.")
    Account.objects.filter(pk=drop.pk).update(industry="Mining")
    address = f"/accounts/{keep.pk}/merge/{drop.pk}/"
    page = as_user(otto).get(address)
    answer = as_user(otto).post(address, page.context["form"].initial | {"name": "drop"})
    assert answer.status_code == 302, answer.content.decode()
    keep.refresh_from_db()
    assert (keep.name, keep.industry) == ("Acme Inc.", "Mining")
    undo_url = str(next(iter(as_user(otto).get(keep.get_absolute_url()).context["messages"])).extra_tags)
    assert as_user(otto).post(undo_url).status_code == 302
    assert Account.objects.filter(name__in=["Acme", "Acme Inc."]).count() == 2


def test_a_merge_is_taken_back_from_the_duplicates_long_after_its_toast_by_whoever_made_it(as_user, otto, rita, mia, account_of):
    keep, drop = account_of(rita, "Acme"), account_of(rita, "Acme Inc.")
    address, duplicates = f"/accounts/{keep.pk}/merge/{drop.pk}/", "/accounts/duplicates/"
    as_user(otto).post(address, as_user(otto).get(address).context["form"].initial)
    assert as_user(mia).get(duplicates).context["merged"] == []
    page = as_user(otto).get(duplicates)
    [(gone, kept, _at, undo)] = page.context["merged"]
    assert (gone.name, kept) == ("Acme Inc.", keep) and f'action="{undo}"' in page.content.decode()
    assert as_user(otto).post(undo).status_code == 302
    assert Account.objects.filter(pk__in=[keep.pk, drop.pk]).count() == 2
    assert as_user(otto).get(duplicates).context["merged"] == []
