"""Words for one person: in their language, and with times by their clock."""

from contextlib import contextmanager

from django.utils import timezone, translation


@contextmanager
def speaking_to(user):
    """What is said meanwhile is in the language and the time zone of `user`."""
    with translation.override(user.locale), timezone.override(user.time_zone):
        yield
