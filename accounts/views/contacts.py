"""People at an account: what was said with them, adding and changing them, and how they wish to be reached."""

from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from accounts.columns import CONTACT_ROW, contact_facts, contact_listing
from accounts.forms import ConsentForm, ContactForm, NewContactForm
from accounts.models import Account, Consent, Contact
from accounts.selections.accounts import ContactSelection
from accounts.services import add_contact, change_contact, record_consent
from accounts.timeline import planned, said_with
from salesorg.lib.forms import refusal_shown_in
from salesorg.lib.http import FORM_METHODS, later_toast, toast, undo_url
from salesorg.lib.lists import total_of
from salesorg.lib.search import answers_by_index
from salesorg.people.access import requires
from salesorg.people.roles import Action

from .departures import stayed_before
from .merging import contact_leads_on

SHOWN = 50  # of the other people there, beside the form


@require_safe
@requires(Action.READ_RECORDS)
@contact_leads_on
def contact_detail(request, pk):
    """One person: what was said with them and by whom, their part in the decision, and how they may be reached."""
    contact = get_object_or_404(_contacts(request).select_related("account"), pk=pk)
    context = {
        "contact": contact,
        "account": contact.account,
        "wishes": wishes(request.user, contact),
        "planned": planned(request.user, contact=contact),
        "earlier": stayed_before(request.user, contact),
        "timeline": said_with(request.user, contact, request.GET.get("after", "")),
        "may_edit": request.user.may(Action.EDIT_ACCOUNTS),
        "may_log": request.user.may(Action.LOG_ACTIVITY),
    }
    return render(request, "accounts/contact_detail.html", context)


def wishes(user, contact):
    """For each channel its label, the latest word about it (None when nobody asked) and the earlier ones."""
    words = list(Consent.objects.visible_to(user).filter(contact=contact).select_related("recorded_by"))
    of_channel = {value: [word for word in words if word.channel == value] for value in Consent.Channel.values}
    return [(Consent.Channel(value).label, said[0] if said else None, said[1:]) for value, said in of_channel.items()]


@require_safe
@requires(Action.READ_RECORDS)
@answers_by_index
def contact_list(request):
    """The people at the accounts one sees, by the filters of the address."""
    selection = ContactSelection(request.GET, user=request.user)
    contacts = selection.contacts()
    listing = contact_listing(selection)
    page = listing.page(contacts.select_related("account").only(*CONTACT_ROW), request.GET)
    roles = [each for each in Contact.DecisionRole.choices if each[0]]
    context = listing.context(page, contact_facts()) | {
        "selection": selection,
        "total": total_of(contacts, request.GET),
        "whose": [
            {"label": label, "url": "?" + selection.query(whose=value), "current": selection.get("whose") == (value or "")}
            for value, label in (("mine", _("Mine")), ("team", _("Team")), (None, _("All")))
        ],
        "chips": [selection.chip(_("Do not contact"), "reachable", "no")],
        "menus": [
            selection.menu(_("Role in the decision"), "decision_role", roles),
            selection.menu(_("At the account"), "left", selection.fields["left"].choices[1:]),
        ],
        "others_q": selection.besides("q"),
        "may_export": request.user.may(Action.EXPORT),
    }
    return render(request, "accounts/contact_list.html", context)


@FORM_METHODS
@requires(Action.EDIT_ACCOUNTS)
def contact_new(request, pk):
    """Add a person at the account, and the next one at once when asked."""
    account = get_object_or_404(Account.objects.visible_to(request.user), pk=pk)
    form = NewContactForm(request.POST or None, user=request.user, account=account)
    if request.method == "POST" and (contact := form.saved_by(add_contact, account=account)):
        text, undo = _("%(contact)s added") % {"contact": contact}, undo_url(request)
        if request.POST.get("then") == "another":
            later_toast(request, text, undo=undo)
            return redirect("accounts:contact_new", account.pk)
        return toast(request, text, undo=undo, to=account.get_absolute_url())
    context = {"form": form, "account": account, "others": _contacts(request).here().filter(account=account)[:SHOWN]}
    return render(request, "accounts/contact_form.html", context, status=422 if form.is_bound else 200)


@FORM_METHODS
@requires(Action.EDIT_ACCOUNTS)
def contact_edit(request, pk):
    """Change what is known of a contact."""
    contact = get_object_or_404(_contacts(request).select_related("account"), pk=pk)
    name, account = contact.name, contact.account
    form = ContactForm(request.POST or None, instance=contact, user=request.user)
    if request.method == "POST" and form.saved_by(change_contact, contact=contact):
        undo = undo_url(request)
        return toast(request, _("%(contact)s saved") % {"contact": contact}, undo=undo, to=contact.get_absolute_url())
    context = {"form": form, "account": account, "contact": contact, "name": name}
    return render(request, "accounts/contact_form.html", context, status=422 if form.is_bound else 200)


@FORM_METHODS
@requires(Action.EDIT_ACCOUNTS)
def consent_record(request, pk):
    """Note that a contact agreed to be reached through a channel, or took it back."""
    contact = get_object_or_404(_contacts(request).select_related("account"), pk=pk)
    form = ConsentForm(request.POST or None, user=request.user)
    if request.method == "POST" and form.is_valid():
        with refusal_shown_in(form):
            record_consent(contact=contact, actor=request.user, **form.cleaned_data)
            return toast(request, _("Noted."), undo=undo_url(request), to=reverse("accounts:contact_detail", args=[pk]))
    context = {"form": form, "contact": contact, "account": contact.account}
    return render(request, "accounts/consent_form.html", context, status=422 if form.is_bound else 200)


def _contacts(request):
    return Contact.objects.visible_to(request.user)
