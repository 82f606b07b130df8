"""Reminders: what is due now, as the open page asks for it; and whether a mail is wanted too."""

from django import forms
from django.http import JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _lazy
from django.views.decorators.http import require_safe

from accounts.models import ReminderChoice
from accounts.services.reminders import choose_reminders, due_reminders, words_of
from salesorg.lib.http import FORM_METHODS, toast, undo_url
from salesorg.people.access import requires
from salesorg.people.roles import Action


class ReminderForm(forms.Form):
    """How one wants to be reminded."""

    by_email = forms.BooleanField(
        label=_lazy("Remind me by e-mail too"),
        required=False,
        help_text=_lazy("The open page always reminds you, as long before as each visit or call says."),
    )


@require_safe
@requires(Action.LOG_ACTIVITY)
def reminders(request):
    """What this person is to be reminded of now; `key` names a reminder, so that a browser tells it once."""
    rows = [
        {
            "key": f"{each.pk} {each.remind_at.isoformat()}",
            "text": words_of(each),
            "url": reverse("accounts:plan_edit", args=[each.pk]),
        }
        for each in due_reminders(request.user, timezone.now())
    ]
    return JsonResponse({"reminders": rows})


@FORM_METHODS
@requires(Action.LOG_ACTIVITY)
def reminder_settings(request):
    """Whether a mail is sent beside what the open page tells."""
    mine = ReminderChoice.objects.visible_to(request.user).first()
    form = ReminderForm(initial={"by_email": bool(mine and mine.by_email)})
    if request.method == "POST":
        form = ReminderForm(request.POST)
        if form.is_valid():
            choose_reminders(by_email=form.cleaned_data["by_email"], actor=request.user)
            return toast(request, _("Saved."), undo=undo_url(request), to=reverse("accounts:calendar"))
    return render(request, "accounts/reminder_settings.html", {"form": form}, status=422 if form.is_bound else 200)
