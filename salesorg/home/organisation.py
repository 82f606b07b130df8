"""The organisation's settings, and the way to everything else that is administered."""

from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _

from salesorg.lib.forms import refusal_shown_in
from salesorg.lib.http import FORM_METHODS, toast, undo_url
from salesorg.people.access import requires
from salesorg.people.forms.organisation import OrganisationForm
from salesorg.people.models import organisation
from salesorg.people.roles import Action
from salesorg.people.services.organisation import change_organisation


@FORM_METHODS
@requires(Action.EDIT_SETTINGS)
def organisation_settings(request):
    """Name, time zone, currency and the hour of the nightly run."""
    form = OrganisationForm(request.POST or None, instance=organisation())
    if request.method == "POST" and form.is_valid():
        with refusal_shown_in(form):
            change_organisation(actor=request.user, **form.cleaned_data)
            undo = undo_url(request)
            return toast(request, _("Saved."), undo=undo, to=reverse("home:settings"))
    return render(request, "home/settings.html", {"form": form}, status=422 if form.is_bound else 200)
