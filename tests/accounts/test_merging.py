"""Two accounts, or two contacts, become one: everything moves, everything can be taken back, and nothing gets lost in between."""

import threading
from datetime import date

import pytest
from django.db import connection, transaction
from django.db.backends.postgresql.psycopg_any import DateRange
from django.utils import timezone

from accounts import merging
from accounts.models import Account, AccountPair, Activity, Contact, Coverage, MergedAccount
from accounts.services import dismiss_pair, merge_accounts, merge_contacts
from salesorg.audit.recorded import recorded_models
from salesorg.audit.services import undo
from salesorg.lib.acting import acting
from salesorg.lib.errors import DomainError
from salesorg.people.models import User
from salesorg.people.roles import Role


def everything():
    """Every recorded row there is, as JSON, but for the count of its versions."""
    rows = {}
    with connection.cursor() as cursor:
        for table in recorded_models():
            cursor.execute(f'SELECT id, (to_jsonb(t) - %s)::text FROM "{table}" t ORDER BY id', ["version"])
            rows[table] = dict(cursor.fetchall())
    return rows


@pytest.fixture
def twins(rita, sam, otto, account_of, deal_of):
    """Acme of rita and its twin of sam, each with people, activities and a deal."""
    keep, drop = account_of(rita, "Acme"), account_of(sam, "ACME Inc.")
    Account.objects.filter(pk=drop.pk).update(
        domain="acme.example", note="Ask for Olga.", external_key="crm:2", industry="Mining"
    )
    Account.objects.filter(pk=keep.pk).update(note="Closed on Mondays.", industry="Steel")
    Contact.objects.create(account=keep, name="Olga Berg", phone="+1 212 555 0100")
    olga = Contact.objects.create(account=drop, name="Berg, Olga", email="olga@acme.example", do_not_contact=True)
    Contact.objects.create(account=drop, name="Pavel Novak")
    Activity.objects.create(account=drop, user=sam, contact=olga, kind="visit", done_at=timezone.now())
    Account.objects.create(name="Acme Subsidiary", parent=drop)
    deal_of(rita, keep)
    deal_of(sam, drop)
    keep.refresh_from_db()
    drop.refresh_from_db()
    return keep, drop


def merge(keep, drop, actor, **choices):
    with acting(actor, "accounts:account_merge") as click:
        result = merge_accounts(keep=keep, drop=drop, choices=choices, actor=actor)
    return result, click.context


@pytest.mark.parametrize("model", [Account, Contact])
def test_everything_that_points_at_a_record_can_be_merged_and_brought_back(model):
    assert merging.not_covered(model) == [], (
        "give the model history (recorded()), or register a rule of its own in accounts.merging"
    )


def test_everything_of_the_other_account_moves(twins, otto):
    keep, drop = twins
    result, _context = merge(keep, drop, otto)
    assert not Account.objects.filter(pk=drop.pk).exists()
    assert {row.account_id for row in [*Activity.objects.all(), *Contact.objects.all()]} == {keep.pk}
    assert keep.deals.count() == 2 and keep.subsidiaries.get().name == "Acme Subsidiary"
    assert ("deals", 1) in result.moved and ("contacts", 2) in result.moved
    assert all(not pointer.rows(drop.pk).exists() for pointer in merging.pointers(Account))


def test_values_are_chosen_field_by_field_and_both_notes_stay(twins, otto):
    keep, drop = twins
    merge(keep, drop, otto, industry="drop")
    keep.refresh_from_db()
    assert (keep.name, keep.industry, keep.domain) == ("Acme", "Mining", "acme.example")
    assert keep.note == "Closed on Mondays.\n\nAsk for Olga."


def test_a_person_at_both_accounts_becomes_one_and_stays_not_to_be_contacted(twins, otto):
    keep, drop = twins
    merge(keep, drop, otto)
    olga = Contact.objects.get(name="Olga Berg")
    assert (olga.phone, olga.email, olga.do_not_contact) == ("+1 212 555 0100", "olga@acme.example", True)
    assert Activity.objects.get().contact == olga and Contact.objects.count() == 2


def test_undo_brings_back_every_row_exactly(twins, otto):
    before = everything()
    keep, drop = twins
    pair = AccountPair.objects.create(
        first=keep, second=Account.objects.create(name="Acme GmbH"), score=60, reasons=["same_name"]
    )
    dismiss_pair(pair=pair, actor=otto)
    before = everything()
    _result, context = merge(drop, keep, otto, industry="drop")  # the other way round: the pair's account goes
    assert everything() != before and AccountPair.objects.get().first_id == drop.pk
    undo(context=context, actor=otto)
    assert everything() == before


def test_undo_is_refused_in_words_when_somebody_worked_on_it_since(twins, otto, sam):
    keep, drop = twins
    _result, context = merge(keep, drop, otto)
    with acting(sam, "edit"):
        Contact.objects.filter(name="Pavel Novak").update(position="Buyer")
    with pytest.raises(DomainError, match=r"Pavel Novak.*was changed again by Sam"):
        undo(context=context, actor=otto)
    assert not Account.objects.filter(pk=drop.pk).exists()


def test_where_both_were_covered_the_kept_accounts_days_stay_and_the_rest_ends(rita, sam, otto, line):
    keep, drop = Account.objects.create(name="Acme"), Account.objects.create(name="Acme Inc.")

    def cover(account, user, *days, **more):
        fields = {"line": line, "role": Role.AE, "source": "manual", "reason": "test"} | more
        return Coverage.objects.create(account=account, user=user, during=DateRange(*days), **fields)

    cover(keep, rita, date(2022, 1, 1), date(2023, 1, 1))
    cover(keep, rita, date(2024, 1, 1), None, is_first_contact=True)
    cover(drop, sam, date(2020, 1, 1), None, is_first_contact=True)
    cover(drop, sam, date(2020, 1, 1), None, role=Role.CSM)
    before = everything()
    _result, context = merge(keep, drop, otto)
    found = Coverage.objects.filter(account=keep).order_by("role", "during")
    assert [(row.user.name, row.role, row.during.lower.year, row.during.upper and row.during.upper.year) for row in found] == [
        ("Sam", Role.AE, 2020, 2022),
        ("Rita", Role.AE, 2022, 2023),
        ("Sam", Role.AE, 2023, 2024),
        ("Rita", Role.AE, 2024, None),
        ("Sam", Role.CSM, 2020, None),
    ]
    assert Coverage.objects.filter(is_first_contact=True).count() == 1
    undo(context=context, actor=otto)
    assert everything() == before


def test_a_merge_never_makes_an_account_its_own_parent(otto):
    top = Account.objects.create(name="Top")
    drop = Account.objects.create(name="Acme Inc.", parent=top)
    between = Account.objects.create(name="Between", parent=drop)
    keep = Account.objects.create(name="Acme", parent=between)
    merge(keep, drop, otto)
    keep.refresh_from_db()
    between.refresh_from_db()
    assert (keep.parent, between.parent) == (top, keep)


def test_keys_of_other_systems_lead_to_the_kept_account(twins, otto):
    keep, drop = twins
    merge(keep, drop, otto)
    other = Account.objects.create(name="Acme Corp", external_key="crm:3")
    keep.refresh_from_db()
    assert keep.external_key == "crm:2"  # it had none of its own
    merge(keep, other, otto)
    assert Account.objects.known_by(["crm:2", "crm:3", "crm:4"]) == {"crm:2": keep.pk, "crm:3": keep.pk}


def test_an_old_address_leads_on_through_two_merges(twins, otto, as_user, tom):
    keep, drop = twins
    last = Account.objects.create(name="Acme Worldwide")
    merge(keep, drop, otto)
    merge(last, keep, otto)
    answer = as_user(otto).get(f"/accounts/{drop.pk}/")
    assert (answer.status_code, answer.headers["Location"]) == (302, f"/accounts/{last.pk}/")
    assert MergedAccount.objects.filter(account=last).count() == 2
    hidden, absent = (as_user(tom).get(f"/accounts/{pk}/") for pk in (drop.pk, 999_999_999))
    assert hidden.status_code == 404 and hidden.content == absent.content


def test_two_contacts_become_one(rita, account_of):
    acme = account_of(rita, "Acme")
    keep = Contact.objects.create(account=acme, name="Olga Berg")
    drop = Contact.objects.create(account=acme, name="O. Berg", email="olga@acme.example")
    visit = Activity.objects.create(account=acme, user=rita, contact=drop, kind="visit", done_at=timezone.now())
    before = everything()
    with acting(rita, "merge") as click:
        merge_contacts(keep=keep, drop=drop, choices={}, actor=rita)
    visit.refresh_from_db()
    keep.refresh_from_db()
    assert visit.contact == keep and keep.email == "olga@acme.example"
    undo(context=click.context, actor=rita)
    assert everything() == before


def test_what_was_seen_must_still_hold(twins, otto):
    keep, drop = twins
    seen = (keep.version, drop.version)
    Account.objects.filter(pk=drop.pk).update(industry="Coal")
    with pytest.raises(DomainError, match="meanwhile"):
        merge_accounts(keep=keep, drop=drop, choices={}, actor=otto, versions=seen)
    assert Account.objects.filter(pk=drop.pk).exists()


def test_a_manager_does_not_move_what_belongs_to_others(rita, tom, mia, otto, account_of, deal_of):
    keep, drop = account_of(rita, "Acme"), account_of(rita, "Acme Inc.")
    deal = deal_of(tom, account_of(tom))
    type(deal).objects.filter(pk=deal.pk).update(account=drop)
    assert type(deal).objects.visible_to(mia).filter(pk=deal.pk).exists()  # on an account of her own people she sees it
    with_pin = Account.objects.get(pk=drop.pk)
    merge(keep, with_pin, mia)
    assert keep.deals.get() == deal


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("turned", [False, True], ids=["the same merge twice", "each into the other"])
def test_two_merges_at_once_make_one_account(otto, turned):
    one, two = Account.objects.create(name="Acme"), Account.objects.create(name="Acme Inc.")
    Activity.objects.create(account=two, user=otto, kind="note", done_at=timezone.now())
    start, answers = threading.Barrier(2), []

    def run(keep, drop):
        start.wait()
        try:
            merge(keep, drop, User.objects.get(pk=otto.pk))
            answers.append("merged")
        except DomainError as error:
            answers.append(str(error))
        connection.close()

    pairs = [(one, two), (two, one) if turned else (one, two)]
    threads = [threading.Thread(target=run, args=pair) for pair in pairs]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    assert Account.objects.count() == 1 and Activity.objects.get().account == Account.objects.get()
    assert answers.count("merged") == 1 and any("is gone" in answer for answer in answers), answers


@pytest.mark.django_db(transaction=True)
def test_what_somebody_adds_during_a_merge_is_never_lost(rita, otto):
    keep, drop = Account.objects.create(name="Acme"), Account.objects.create(name="Acme Inc.")
    added, merged, answers = threading.Event(), threading.Event(), []

    def add():
        """A note that is written before the merge and saved after it."""
        try:
            with transaction.atomic():
                Activity.objects.create(account_id=drop.pk, user_id=rita.pk, kind="note", done_at=timezone.now())
                added.set()
                merged.wait(2)
        except Exception as error:
            answers.append(type(error).__name__)
        connection.close()

    writer = threading.Thread(target=add)
    writer.start()
    added.wait()
    merge(keep, drop, otto)
    merged.set()
    writer.join()
    # Refused, so that the page can say so and what was typed is still there: never taken and then gone.
    assert answers == ["IntegrityError"] and not Activity.objects.exists()
