"""Sessions kept as rows that name their person, so that they can be listed and ended."""

from datetime import timedelta

from django.contrib.auth import SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore as DatabaseStore
from django.contrib.sessions.middleware import SessionMiddleware as DjangoSessionMiddleware


class SessionStore(DatabaseStore):
    """The database store over people.Session."""

    @classmethod
    def get_model_class(cls):
        from .models import Session  # noqa: PLC0415 (settings name this module before models load)

        return Session

    def create_model_instance(self, data):
        row = super().create_model_instance(data)
        row.user_id = data.get(SESSION_KEY)
        row.ip_address = getattr(self, "ip_address", None)
        row.browser = getattr(self, "browser", "")[:300]
        return row


class SessionMiddleware(DjangoSessionMiddleware):
    """Tells the store which browser it serves, and notes now and then that it was seen."""

    SEEN_EVERY = timedelta(minutes=10)  # a write on every page would double the cost of reading one

    def process_request(self, request):
        super().process_request(request)
        request.session.ip_address = request.META.get("REMOTE_ADDR") or None
        request.session.browser = request.headers.get("User-Agent", "")
