"""Where accounts are and when they are open, and how one's own days in the field run."""

from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.forms.places import FieldDayForm, PlaceForm
from accounts.models import Account, FieldDay
from accounts.services.accounts import change_account
from accounts.services.field_days import set_field_day
from salesorg.lib.forms import refusal_shown_in
from salesorg.lib.http import FORM_METHODS, toast, undo_url
from salesorg.people.access import requires
from salesorg.people.roles import Action


@FORM_METHODS
@requires(Action.LOG_ACTIVITY)
def account_place(request, pk):
    """Say where an account is, when it is open and how long a visit takes."""
    account = get_object_or_404(Account.objects.visible_to(request.user), pk=pk)
    form = PlaceForm(request.POST or None, instance=account, user=request.user)
    if request.method == "POST" and form.saved_by(change_account, account=account):
        undo = undo_url(request)
        return toast(request, _("%(account)s saved") % {"account": account}, undo=undo, to=account.get_absolute_url())
    context = {"form": form, "account": account}
    return render(request, "accounts/account_place.html", context, status=422 if form.is_bound else 200)


@FORM_METHODS
@requires(Action.LOG_ACTIVITY)
def field_day(request):
    """Where one's own days in the field begin and end, and how long things take."""
    row = FieldDay.objects.visible_to(request.user).first() or FieldDay(user=request.user)
    form = FieldDayForm(request.POST or None, instance=row, user=request.user)
    if request.method == "POST" and form.is_valid():
        with refusal_shown_in(form):
            set_field_day(actor=request.user, **form.facts())
            # No undo: history does not know where anybody lives.
            return toast(request, _("Your days in the field are saved."), to=reverse("home:today"))
    return render(request, "accounts/field_day.html", {"form": form}, status=422 if form.is_bound else 200)
