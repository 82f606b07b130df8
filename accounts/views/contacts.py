"""People at an account: adding and changing them."""

from django.shortcuts import get_object_or_404, render
from django.utils.translation import gettext as _

from accounts.forms import ContactForm
from accounts.models import Account, Contact
from accounts.services import add_contact, change_contact
from salesorg.lib.http import FORM_METHODS, toast, undo_url
from salesorg.people.access import requires
from salesorg.people.roles import Action


@FORM_METHODS
@requires(Action.EDIT_ACCOUNTS)
def contact_new(request, pk):
    """Add a person at the account."""
    account = get_object_or_404(Account.objects.visible_to(request.user), pk=pk)
    form = ContactForm(request.POST or None, user=request.user)
    if request.method == "POST" and (contact := form.saved_by(add_contact, account=account)):
        undo = undo_url(request)
        return toast(request, _("%(contact)s added") % {"contact": contact}, undo=undo, to=account.get_absolute_url())
    context = {"form": form, "account": account}
    return render(request, "accounts/contact_form.html", context, status=422 if form.is_bound else 200)


@FORM_METHODS
@requires(Action.EDIT_ACCOUNTS)
def contact_edit(request, pk):
    """Change what is known of a contact."""
    contact = get_object_or_404(Contact.objects.visible_to(request.user).select_related("account"), pk=pk)
    name, account = contact.name, contact.account
    form = ContactForm(request.POST or None, instance=contact, user=request.user)
    if request.method == "POST" and form.saved_by(change_contact, contact=contact):
        undo = undo_url(request)
        return toast(request, _("%(contact)s saved") % {"contact": contact}, undo=undo, to=account.get_absolute_url())
    context = {"form": form, "account": account, "contact": contact, "name": name}
    return render(request, "accounts/contact_form.html", context, status=422 if form.is_bound else 200)
