"""Contacts as vCards: one for a phone, and a file of them brought in."""

from urllib.parse import urlsplit

from django import forms
from django.conf import settings
from django.http import StreamingHttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.text import slugify
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _lazy
from django.utils.translation import ngettext
from django.views.decorators.http import require_safe

from accounts.forms import ContactForm
from accounts.models import Account, Contact
from accounts.services import add_contact
from accounts.vcard import LARGEST_FILE, card_of, read_cards
from salesorg.lib.errors import DomainError
from salesorg.lib.forms import refusal_shown_in
from salesorg.lib.http import FORM_METHODS, toast, undo_url
from salesorg.people.access import requires
from salesorg.people.roles import Action


class CardsForm(forms.Form):
    """A file of vCards."""

    file = forms.FileField(
        label=_lazy("vCard file"),
        max_length=200,
        help_text=_lazy("A .vcf file, as phones and mail programs export their contacts."),
        widget=forms.ClearableFileInput({"accept": ".vcf,text/vcard"}),
    )


@require_safe
@requires(Action.READ_RECORDS)
def contact_vcard(request, pk):
    """One contact for the phone's address book: whoever may call, may. Several at once are an export."""
    contact = get_object_or_404(Contact.objects.visible_to(request.user).select_related("account"), pk=pk)
    card = card_of(contact, host=urlsplit(settings.BASE_URL).hostname)
    return vcard_answer([card], f"{slugify(contact.name)[:60] or 'contact'}.vcf")


def vcard_answer(cards, name):
    """A download of the texts of `cards`, sent as they come."""
    return StreamingHttpResponse(
        (card.encode() for card in cards),
        content_type="text/vcard; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{name}"', "X-Content-Type-Options": "nosniff"},
    )


@FORM_METHODS
@requires(Action.EDIT_ACCOUNTS)
def vcard_import(request, pk):
    """The cards of a file become contacts of the account; who stands there already is passed over."""
    account = get_object_or_404(Account.objects.visible_to(request.user), pk=pk)
    form = CardsForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        with refusal_shown_in(form):
            added = _add_cards(request.user, account, form.cleaned_data["file"])
            text = ngettext("%(n)d contact added", "%(n)d contacts added", added) % {"n": added}
            return toast(request, text, undo=undo_url(request) if added else "", to=account.get_absolute_url())
    context = {"form": form, "account": account}
    return render(request, "accounts/vcard_import.html", context, status=422 if form.is_bound else 200)


def _add_cards(user, account, upload):
    """Add a contact for each card whose name and e-mail do not stand there yet. Returns how many were added."""
    cards = read_cards(upload.read(LARGEST_FILE + 1))
    there = Contact.objects.visible_to(user).filter(account=account).values_list("name", "email")
    known = {(name.casefold(), email.casefold()) for name, email in there}
    added = 0
    for number, card in enumerate(cards, 1):
        who = (card.name.casefold(), card.email.casefold())
        if who in known:
            continue
        known.add(who)
        form = ContactForm(vars(card), user=user)
        if not form.is_valid():
            words = {"number": number, "name": card.name[:50] or "–", "why": next(iter(form.errors.values()))[0]}
            raise DomainError(_("Card %(number)d, %(name)s: %(why)s Nothing was added.") % words, fields=["file"])
        add_contact(account=account, actor=user, **form.facts())
        added += 1
    return added
