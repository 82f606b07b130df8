"""Names the actor of every request, for the history the database keeps, and sets the person's own time zone."""

import uuid
import zoneinfo

from django.utils import timezone

from salesorg.lib.acting import acting


class ActingMiddleware:
    """Everything a request writes carries its person, its URL name as the cause and its request id as the context."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        request.context_id = uuid.uuid4()
        if not request.user.is_authenticated:
            return self._answer(request, None)
        with timezone.override(zoneinfo.ZoneInfo(request.user.time_zone)):
            return self._answer(request, request.user)

    def _answer(self, request, actor):
        # The URL is resolved after the middleware, so the cause starts as the path; process_view makes it the name.
        with acting(actor, f"{request.method} {request.path}", context=request.context_id):
            response = self.get_response(request)
        response["X-Request-Id"] = str(request.context_id)
        return response
