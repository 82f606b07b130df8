"""Forms over scoped models: choices one may see, stale saves that lose nothing, rows that stay in one's own scope."""

import threading

import pytest
from django import forms
from django.db import connection, transaction

from accounts.models import Account, Contact
from pipeline.models import Deal
from salesorg.lib.errors import DomainError
from salesorg.lib.forms import ScopedModelForm, refusal_shown_in


class AccountForm(ScopedModelForm):
    class Meta:
        model = Account
        fields = ["name", "city"]


class ContactForm(ScopedModelForm):
    class Meta:
        model = Contact
        fields = ["name", "account"]


class OwnerForm(ScopedModelForm):
    class Meta:
        model = Deal
        fields = ["owner", "account"]


def test_choices_are_narrowed_to_what_the_person_sees(rita, sam, tom, account_of):
    mine, mates, hidden = account_of(rita), account_of(sam), account_of(tom)
    assert set(ContactForm(user=rita).fields["account"].queryset) == {mine, mates}
    form = ContactForm({"name": "Carla", "account": hidden.pk}, user=rita)
    absent = ContactForm({"name": "Carla", "account": 999_999}, user=rita)
    assert not form.is_valid()
    assert not absent.is_valid()
    assert str(form.errors["account"]) == str(absent.errors["account"]), "a hidden choice looks like an absent one"


def opened(account, user, **typed):
    """The form as it comes back from somebody who opened `account` as it is in memory."""
    fresh = Account.objects.get(pk=account.pk)
    data = {"name": account.name, "city": account.city, "version": account.version} | typed
    return AccountForm(data, instance=fresh, user=user)


def test_a_stale_save_shows_both_values_and_loses_neither(rita, account_of):
    account = account_of(rita, "Acme")
    Account.objects.filter(pk=account.pk).update(name="Acme Ltd", phone="123")
    form = opened(account, rita, name="Acme Inc", city="Rome")
    with transaction.atomic():
        assert not form.is_valid()
    assert "Someone saved “Acme Ltd” meanwhile; you typed “Acme Inc”." in form.errors["name"]
    assert form["name"].value() == "Acme Inc", "what was typed is still in its field"
    assert form["city"].value() == "Rome"
    assert Account.objects.get(pk=account.pk).name == "Acme Ltd"


def test_the_save_after_that_is_a_decision(rita, account_of):
    account = account_of(rita, "Acme")
    Account.objects.filter(pk=account.pk).update(name="Acme Ltd", phone="123")
    stale = opened(account, rita, name="Acme Inc")
    with transaction.atomic():
        stale.is_valid()
    again = AccountForm(stale.data, instance=Account.objects.get(pk=account.pk), user=rita)
    with transaction.atomic():
        assert again.is_valid()
        again.save()
    account.refresh_from_db()
    assert (account.name, account.phone) == ("Acme Inc", "123"), "columns that are not in the form stay as they are"


def test_columns_that_are_not_in_the_form_are_left_alone(rita, account_of):
    account = account_of(rita, "Acme")
    form = opened(account, rita, name="Acme")
    Account.objects.filter(pk=account.pk).update(phone="123")  # after the form's row was read
    with transaction.atomic():
        assert form.is_valid()
        form.save()
    assert Account.objects.get(pk=account.pk).phone == "123"


def test_a_stale_save_that_says_the_same_is_no_conflict(rita, account_of):
    account = account_of(rita, "Acme")
    Account.objects.filter(pk=account.pk).update(name="Acme Ltd")
    with transaction.atomic():
        assert opened(account, rita, name="Acme Ltd").is_valid()


def test_a_record_deleted_meanwhile_is_said_so(rita, account_of):
    account = account_of(rita, "Acme")
    form = opened(account, rita, name="Other")
    Account.objects.filter(pk=account.pk).delete()
    with transaction.atomic():
        assert not form.is_valid()
    assert "This record was deleted while you had it open." in form.non_field_errors()


def test_a_form_without_its_version_saves_nothing(rita, account_of):
    account = account_of(rita)
    form = AccountForm({"name": "Other"}, instance=account, user=rita)
    with transaction.atomic():
        assert not form.is_valid()


@pytest.mark.django_db(transaction=True)
def test_of_two_people_who_save_at_the_same_moment_one_is_told(rita, sam, account_of):
    account = account_of(rita, "Acme")
    barrier, results = threading.Barrier(2), {}

    def save(user, name):
        try:
            form = opened(account, user, name=name)
            barrier.wait()
            with transaction.atomic():
                results[name] = form.is_valid()
                if results[name]:
                    form.save()
        finally:
            connection.close()

    threads = [threading.Thread(target=save, args=each) for each in ((rita, "From Rita"), (sam, "From Sam"))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    saved = [name for name, valid in results.items() if valid]
    assert len(saved) == 1
    assert Account.objects.get(pk=account.pk).name == saved[0]


def test_a_save_that_would_leave_ones_own_scope_is_refused_and_undone(rita, tom, account_of, deal_of):
    deal = deal_of(rita)
    data = {"owner": tom.pk, "account": "", "version": deal.version}
    Deal.objects.filter(pk=deal.pk).update(gate_debt=["account"])
    deal.refresh_from_db()
    deal.members.all().delete()
    form = OwnerForm(data | {"version": deal.version}, instance=deal, user=rita)
    with pytest.raises(DomainError, match="You would no longer see this record"), transaction.atomic():
        assert form.is_valid(), form.errors
        form.save()
    assert Deal.objects.get(pk=deal.pk).owner == rita


def test_a_refusal_appears_at_its_field_and_nothing_is_saved(rita, account_of):
    class OneField(forms.Form):
        name = forms.CharField()

    form = OneField({"name": "typed"})
    assert form.is_valid()
    with refusal_shown_in(form):
        Account.objects.create(name="half done")
        raise DomainError("Not like this.", fields=["name"])
    assert form.errors == {"name": ["Not like this."]}
    assert form["name"].value() == "typed"
    assert not Account.objects.filter(name="half done").exists()
