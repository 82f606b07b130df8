"""Sessions kept as rows that name their person, so that they can be listed and ended."""

import ipaddress
from datetime import timedelta

from django.conf import settings
from django.contrib.auth import SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore as DatabaseStore
from django.contrib.sessions.middleware import SessionMiddleware as DjangoSessionMiddleware
from django.utils import timezone

SEEN_EVERY = timedelta(minutes=10)  # a write on every page would double the cost of reading one


class SessionStore(DatabaseStore):
    """The database store over people.Session."""

    row = None  # as it was read or written last
    ip_address = None
    browser = ""

    @classmethod
    def get_model_class(cls):
        from .models import Session  # noqa: PLC0415 (settings name this module before models load)

        return Session

    def _get_session_from_db(self):
        self.row = super()._get_session_from_db()
        return self.row

    def create_model_instance(self, data):
        row = super().create_model_instance(data)
        row.user_id = data.get(SESSION_KEY)
        row.ip_address = self.ip_address
        row.browser = self.browser[:300]
        if self.row and self.row.session_key == row.session_key:
            row.created_at = self.row.created_at
        self.row = row
        return row

    @property
    def is_seen_again(self):
        """True when a person's session was read that was last noted as seen a while ago."""
        return bool(self.row and self.row.user_id and timezone.now() - self.row.last_seen_at > SEEN_EVERY)


class SessionMiddleware(DjangoSessionMiddleware):
    """Tells the store which browser it serves, and notes now and then that it was seen."""

    def process_request(self, request):
        super().process_request(request)
        request.session.ip_address = address_of(request)
        request.session.browser = request.headers.get("User-Agent", "").replace("\x00", "")

    def process_response(self, request, response):
        if request.session.is_seen_again:
            request.session.modified = True  # one UPDATE, which also moves the day it expires, and the cookie's
        return super().process_response(request, response)


def address_of(request):
    """The network address a request comes from, None when unknown. Behind our proxy it is the last one it was handed."""
    forwarded = request.headers.get("X-Forwarded-For", "") if settings.BEHIND_PROXY else ""
    for candidate in (forwarded.rpartition(",")[2].strip(), request.META.get("REMOTE_ADDR", "")):
        try:
            return str(ipaddress.ip_address(candidate))
        except ValueError:
            continue
    return None


def limited_address(request):
    """The address by which attempts are counted: of the newer kind each customer has a range, counted as its first."""
    address = ipaddress.ip_address(address_of(request) or 0)
    if address.version == 4 or address.ipv4_mapped:
        return str(address.ipv4_mapped if address.version == 6 else address)
    return str(ipaddress.ip_network((address.packed, 64), strict=False).network_address)
