"""Reminders of what is planned: what is due now, and the mail for those who asked for one."""

from datetime import timedelta

from django.conf import settings
from django.core.mail import send_mail
from django.db import transaction
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.models import Activity, ReminderChoice
from salesorg.jobs import outbox
from salesorg.people.models import organisation
from salesorg.people.speaking import speaking_to
from salesorg.people.working import is_away

from .planning import local_start

SHOWN_FOR = timedelta(hours=12)  # an open page tells of a reminder that was missed, until it is a story of yesterday
MAILED_WITHIN = timedelta(minutes=30)  # a worker that was down for longer sends no mail about what has begun
MAIL = "accounts.reminder"


def due_reminders(user, now):
    """What `user` is to be reminded of at `now`: still planned, its reminder passed, the newest first; at most ten.

    Nothing while they are away.
    """
    if is_away(user, user.organisation.today(now)):
        return Activity.objects.none()
    mine = Activity.objects.visible_to(user).planned().filter(user=user)
    due = mine.filter(remind_at__lte=now, remind_at__gt=now - SHOWN_FOR)
    return due.select_related("account", "user").order_by("-remind_at", "pk")[:10]


def words_of(activity):
    """ "14:00 · Visit at Acme": in the time zone of whoever does it."""
    words = {"kind": activity.get_kind_display(), "account": activity.account, "time": f"{local_start(activity):%H:%M}"}
    return _("%(time)s · %(kind)s at %(account)s") % words


@transaction.atomic
def choose_reminders(*, by_email, actor):
    """Whether `actor` wants a mail beside what the open page tells."""
    ReminderChoice.objects.update_or_create(user=actor, defaults={"by_email": by_email})


@transaction.atomic
def mail_due_reminders(*, now, actor=None):
    """Have a mail sent for every reminder that came due, once: moved to another time, it is another reminder."""
    due = Activity.objects.planned().filter(remind_at__lte=now, remind_at__gt=now - MAILED_WITHIN)
    wanted = due.filter(user__reminder_choice__by_email=True, user__is_active=True).values_list("pk", "remind_at")
    outbox.publish_many(MAIL, [(f"{MAIL}:{pk}:{at.isoformat()}", {"activity": pk, "at": at.isoformat()}) for pk, at in wanted])
    return len(wanted)


@outbox.handles(MAIL)
def mail_reminder(payload):
    """Send the mail, unless it was done, moved or taken away meanwhile, or whoever it is for is away."""
    activity = Activity.objects.planned().filter(pk=payload["activity"]).select_related("account", "user", "contact").first()
    if activity is None or activity.remind_at is None or activity.remind_at.isoformat() != payload["at"]:
        return
    if is_away(activity.user, organisation().today()):
        return
    if not Activity.objects.visible_to(activity.user).filter(pk=activity.pk).exists():
        return
    with speaking_to(activity.user):
        link = settings.BASE_URL + reverse("accounts:plan_edit", args=[activity.pk])
        context = {"activity": activity, "words": words_of(activity), "link": link}
        subject, _newline, text = render_to_string("accounts/mail/reminder.txt", context).partition("\n")
    send_mail(subject.strip(), text.strip() + "\n", None, [activity.user.email])
