"""Passwords, the links that set them, and the sessions they open."""

from datetime import timedelta

from axes.models import AccessAttempt
from axes.utils import reset as forget_failures
from django.conf import settings
from django.contrib.auth.tokens import default_token_generator
from django.core.mail import send_mail
from django.db import transaction
from django.db.models import Max
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.utils.encoding import force_bytes
from django.utils.http import urlsafe_base64_decode, urlsafe_base64_encode

from salesorg.jobs import outbox
from salesorg.people.speaking import speaking_to

from ..models import Session, User, organisation

LINK_EVERY = timedelta(minutes=10)  # at most one mail per person in this time, so that nobody's mailbox is flooded
PASSWORD_LINK = "people.password_link"  # noqa: S105 (a topic of the outbox)


@transaction.atomic
def set_password(*, user, password, actor, keep_session=None):
    """Set the person's password, end every session but `keep_session` (a key), and lift a lock after failed attempts."""
    user.set_password(password)
    user.save(update_fields=["password"])
    end_sessions(user=user, actor=actor, keep_session=keep_session)
    forget_failures(username=user.email.lower())


@transaction.atomic
def end_sessions(*, user, actor, keep_session=None):
    """Sign the person out everywhere, at once, except in `keep_session` (a key). Returns how many were ended."""
    return Session.objects.filter(user=user).exclude(session_key=keep_session).delete()[0]


@transaction.atomic
def end_session(*, session, actor):
    """Sign one browser out at once."""
    session.delete()


@transaction.atomic
def ask_for_password_link(*, email, actor, now=None):
    """Mail the person with this address a link that sets a new password; nobody has it: nothing happens, and nobody can tell."""
    user = User.objects.with_email(email).working().first()
    if user:
        publish_link(user=user, invites=False, now=now or timezone.now())


@transaction.atomic
def invite(*, user, actor, now=None):
    """Mail a colleague a link with which to choose the first password."""
    publish_link(user=user, invites=True, now=now or timezone.now())


def publish_link(*, user, invites, now):
    """Have the mail sent, unless this person was sent one within LINK_EVERY: the key makes it one."""
    slot = int(now.timestamp() // LINK_EVERY.total_seconds())
    outbox.publish(PASSWORD_LINK, {"user": user.pk, "invites": invites}, key=f"{PASSWORD_LINK}:{user.pk}:{invites}:{slot}")


@outbox.handles(PASSWORD_LINK)
def mail_password_link(payload):
    """Send the mail. The link is made here, so that the outbox never holds it."""
    user = User.objects.filter(pk=payload["user"], is_active=True).first()
    if user is None:
        return
    words = {"person": user, "organisation": organisation(), "link": settings.BASE_URL + password_link_of(user)}
    words["hours"] = settings.PASSWORD_RESET_TIMEOUT // 3600
    name = "invitation" if payload["invites"] else "password_link"
    with speaking_to(user):
        subject, _newline, text = render_to_string(f"people/mail/{name}.txt", words).partition("\n")
    send_mail(subject.strip(), text.strip() + "\n", None, [user.email])


def password_link_of(user):
    """The path that lets this person choose a password, once and for a day."""
    uid = urlsafe_base64_encode(force_bytes(user.pk))
    return reverse("people:password_set", args=[uid, default_token_generator.make_token(user)])


def person_of_link(uid, token):
    """The person whose password the link may set, or None when it is used, too old or not ours."""
    try:
        pk = int(urlsafe_base64_decode(uid))
    except (ValueError, OverflowError):
        return None
    user = User.objects.filter(pk=pk, is_active=True).first() if pk < 2**63 else None
    return user if user and default_token_generator.check_token(user, token) else None


def locked_until(*, email, ip_address):
    """The moment from which somebody at `ip_address` may try this address again."""
    attempts = AccessAttempt.objects.filter(username=email, ip_address=ip_address)
    last = attempts.aggregate(last=Max("attempt_time"))["last"] or timezone.now()
    return last + timedelta(hours=settings.AXES_COOLOFF_TIME)


def prune():
    """Remove sessions that have expired and failures that no longer count. Returns how many of each."""
    now = timezone.now()
    sessions = Session.objects.filter(expire_date__lt=now).delete()[0]
    failures = AccessAttempt.objects.filter(attempt_time__lt=now - timedelta(hours=settings.AXES_COOLOFF_TIME)).delete()[0]
    return sessions, failures
