"""HTTP helpers: an answer that shows a toast, and one middleware that turns a DomainError into a 422 anyone can act on."""

from contextlib import suppress

from django.contrib import messages
from django.core.exceptions import RequestDataTooBig
from django.http import HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods
from django_htmx.http import HttpResponseClientRedirect, trigger_client_event
from psycopg2 import errors

from .errors import DomainError

# Two people whose changes wait for each other, one that waited too long for the other, or one that takes away (by a merge,
# by undo) what the other is adding to: PostgreSQL gives one of them up.
COLLISIONS = (errors.DeadlockDetected, errors.LockNotAvailable, errors.SerializationFailure, errors.ForeignKeyViolation)
PIECE = 64 * 1024
READ_TO_REFUSE = 64 * 1024 * 1024  # bytes; a browser that is cut off while it still sends shows no answer at all
LEVELS = {"success": messages.SUCCESS, "info": messages.INFO, "warning": messages.WARNING, "error": messages.ERROR}


FORM_METHODS = require_http_methods(["GET", "HEAD", "POST"])  # a page with a form: shown, and sent to itself


def undo_url(request):
    """Where everything that this request writes is taken back (salesorg.audit)."""
    return reverse("audit:undo", args=[request.context_id])


def toast(request, text, *, undo="", level="success", to=""):
    """The answer to a change: `text` in a toast, with an Undo button when `undo` is the URL that takes it back by POST.

    htmx gets an empty 204 with the toast (or goes on to `to`); a plain form is sent on to `to`,
    else back to where it came from, and finds the toast there.
    """
    if request.htmx and not to:
        return with_toast(HttpResponse(status=204), text, undo=undo, level=level)
    later_toast(request, text, undo=undo, level=level)
    return HttpResponseClientRedirect(to) if request.htmx else redirect(to or came_from(request))


def with_toast(response, text, *, undo="", level="success", url=""):
    """`response`, a fragment for htmx, that also shows a toast; with `url` its words lead there."""
    says = {"text": str(text), "undo_url": str(undo), "level": level} | ({"url": str(url)} if url else {})
    return trigger_client_event(response, "toast", says)


def later_toast(request, text, *, undo="", level="success"):
    """Shows a toast on the next whole page. Django's messages have no field for the undo URL: it travels as their tag."""
    messages.add_message(request, LEVELS[level], str(text), extra_tags=str(undo))


def came_from(request):
    """The page of this site the request was sent from, else the first page."""
    page = request.META.get("HTTP_REFERER", "")
    return page if url_has_allowed_host_and_scheme(page, {request.get_host()}, request.is_secure()) else "/"


def next_page(request):
    """The page of this site that ?next= names, where a form leads when it is saved; "" when there is none."""
    page = request.GET.get("next", "")
    return page if url_has_allowed_host_and_scheme(page, {request.get_host()}, request.is_secure()) else ""


class DomainErrorMiddleware:
    """Answers a refused change with 422 and its sentence, so that no view needs to catch DomainError."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        return self.get_response(request)

    def process_exception(self, request, exception):
        if isinstance(exception.__cause__, COLLISIONS):
            exception = DomainError(_("Somebody changed the same thing at the same moment. Nothing was saved: try again."))
        if not isinstance(exception, DomainError):
            return None
        error = {"message": str(exception), "fields": [str(field) for field in exception.fields]}
        if exception.links:
            error["links"] = [{"text": str(words), "url": str(url)} for words, url in exception.links]
        if wants_json(request):
            return JsonResponse({"error": error}, status=422)
        if getattr(request, "htmx", False):
            return refuse_fragment(error)
        context = {"message": error["message"], "links": exception.links, "back": came_from(request)}
        return render(request, "errors/422.html", context, status=422)


def wants_json(request):
    return request.path.startswith("/api/") or request.get_preferred_type(["text/html", "application/json"]) == "application/json"


def refuse_fragment(error):
    """Nothing is swapped, so nothing typed is lost; forms.js shows the sentence in the form that asked, else in a toast."""
    response = HttpResponse(status=422, headers={"HX-Reswap": "none"})
    return trigger_client_event(response, "refused", error)


def bad_request(request, exception=None):
    """The answer to what cannot be read. In the place of Django's own, which reads the same form again for its token."""
    too_long = isinstance(exception, RequestDataTooBig)
    message = (
        _("What you sent is too long. Go back, shorten it and save again: what you typed is still there.") if too_long else ""
    )
    if too_long:
        _read_to_the_end(request)
    status = 413 if too_long else 400
    if getattr(request, "htmx", False):
        return refuse_fragment({"message": message or _("That could not be read. Try again."), "fields": []})
    return render(request, "400.html", {"message": message}, status=status)


def _read_to_the_end(request):
    """Take in and throw away what the browser is still sending."""
    with suppress(OSError):
        for _piece in range(READ_TO_REFUSE // PIECE):
            if not request.read(PIECE):
                break
