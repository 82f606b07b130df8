"""The endpoint that takes what was written without network (accounts.sent_later)."""

import json
from dataclasses import asdict

from django.http import JsonResponse
from django.middleware.csrf import get_token
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from accounts.engine import clock
from accounts.sent_later import Answer, read, take, take_photo
from salesorg.lib.errors import DomainError
from salesorg.lib.http import FORM_METHODS, later_toast
from salesorg.people.access import requires
from salesorg.people.roles import Action

AT_ONCE = 20  # items in one request, so that it stays short; the phone sends the rest next


@FORM_METHODS
@requires(Action.LOG_ACTIVITY)
def sent_later(request):
    """GET says who is signed in, with the token to send with; POST takes items and answers each: stored or refused.

    A session that has ended is answered 401 by the middleware, and the phone keeps its items.
    """
    if request.method != "POST":
        return JsonResponse({"person": request.user.pk, "token": get_token(request)})
    parcel = parcel_of(request)
    if parcel.get("person") != request.user.pk:  # somebody else has signed in on this phone meanwhile
        return JsonResponse({"error": {"message": _("Sign in again."), "fields": []}}, status=401)
    now = timezone.now()
    phone_now = clock.read(str(parcel.get("clock")))
    on_screen = parcel.get("say") is True
    answers = [answer_to(raw, request.user, phone_now, now, on_screen) for raw in parcel["items"]]
    if on_screen:  # the page goes on to where the answer shows as a toast
        for answer in answers:
            if answer.state == "stored":
                later_toast(request, answer.said, undo=answer.undo)
    return JsonResponse({"answers": [asdict(answer) for answer in answers]})


@require_POST
@requires(Action.LOG_ACTIVITY)
def photo_sent_later(request):
    """Takes one photo, sent by itself after its visit, so that a weak network loses neither."""
    if request.POST.get("person", str(request.user.pk)) != str(request.user.pk):
        return JsonResponse({"error": {"message": _("Sign in again."), "fields": []}}, status=401)
    upload = request.FILES.get("photo")
    if upload is None:
        raise DomainError(_("That could not be read."))
    sent = {name: request.POST.get(name, "") for name in ("client_id", "visit", "planned")}
    return JsonResponse({"answers": [asdict(take_photo(**sent, upload=upload, user=request.user))]})


def parcel_of(request):
    """The JSON object that was sent, with its list of items. Raises DomainError."""
    try:
        parcel = json.loads(request.body)
    except (ValueError, RecursionError):
        parcel = None
    items = parcel.get("items") if isinstance(parcel, dict) else None
    if not isinstance(items, list) or not 0 < len(items) <= AT_ONCE:
        raise DomainError(_("That could not be read."))
    return parcel


def answer_to(raw, user, phone_now, now, on_screen):
    """Each item stands alone: one that is refused keeps no other back."""
    try:
        return take(read(raw, phone_now=phone_now, now=now, on_screen=on_screen), user=user)
    except DomainError as error:
        client_id = raw.get("client_id") if isinstance(raw, dict) else ""
        return Answer(str(client_id)[:36], "refused", str(error), list(error.fields))
