"""Names the actor of every request, sets the person's own time zone and language, and keeps personal pages out of caches."""

import re
import uuid

import structlog
from django.contrib.auth.middleware import LoginRequiredMiddleware
from django.http import JsonResponse
from django.utils.cache import patch_cache_control
from django.utils.translation import gettext as _
from django_structlog.middlewares import RequestMiddleware

from salesorg.lib.acting import acting, because_of
from salesorg.lib.http import wants_json

from .speaking import speaking_to


class SignedInMiddleware(LoginRequiredMiddleware):
    """Everybody signs in first. A script that asks for JSON is told so with 401; a page is sent to the sign-in form."""

    def handle_no_permission(self, request, view_func):
        if wants_json(request):
            return JsonResponse({"error": {"message": _("Sign in again."), "fields": []}}, status=401)
        return super().handle_no_permission(request, view_func)


class ActingMiddleware:
    """Everything a request writes carries its person, its URL name as the cause and its request id as the context."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        request.context_id = uuid.uuid4()
        if not request.user.is_authenticated:
            return self._answer(request, None)
        with speaking_to(request.user):
            return self._answer(request, request.user)

    def _answer(self, request, actor):
        with acting(actor, request.method, context=request.context_id):
            response = self.get_response(request)
        response["X-Request-Id"] = str(request.context_id)
        return response

    def process_view(self, request, view, args, kwargs):
        # The name and never the address: an address may carry a secret, such as the token of a password link.
        because_of(request.resolver_match.view_name)


class PrivateMiddleware:
    """What a signed-in person is shown is kept by no cache, neither a shared one nor the browser's own after sign-out."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        response = self.get_response(request)
        if request.user.is_authenticated and not response.has_header("Cache-Control"):
            patch_cache_control(response, private=True, no_store=True)
        return response


class LogMiddleware(RequestMiddleware):
    """The log knows a request by the id that its answer and the history carry."""

    def prepare(self, request):
        super().prepare(request)
        structlog.contextvars.bind_contextvars(request_id=str(request.context_id))

    @staticmethod
    def format_request(request):
        # Neither what was searched for nor the token of a password link, a document or a partner is the log's business.
        path = re.sub(r"^/(password/[^/]+|accounts/shared|partner|ask)/.+", r"/\1/…", request.path)
        return f"{request.method} {path}"
