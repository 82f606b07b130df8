"""The response clock of leads: when an answer is due in working time, what stopped it, and who is told when it ran out."""

from datetime import timedelta

from django.conf import settings
from django.core.mail import send_mail
from django.db import transaction
from django.db.models import Exists, OuterRef, Q, Subquery
from django.template.loader import render_to_string

from accounts.models import Activity
from accounts.reach import OUTREACH
from pipeline.models import Lead
from salesorg.jobs import outbox
from salesorg.lib.acting import acting
from salesorg.lib.working_time import due
from salesorg.people.leading import leaders_of
from salesorg.people.models import User, organisation
from salesorg.people.roles import Role
from salesorg.people.speaking import speaking_to
from salesorg.people.working import calendar_of, usual_calendar

LATE = "pipeline.lead_late"


def set_clock(lead):
    """Set until when `lead` is to be answered, in the working time of whoever works it (nobody: the organisation's)."""
    minutes = lead.source.answer_minutes
    if minutes is None:
        lead.respond_by = None
        return lead
    calendar = calendar_of(lead.sdr) if lead.sdr else usual_calendar()
    lead.respond_by = due(calendar, lead.created_at, timedelta(minutes=minutes))
    return lead


def answers():
    """What stops the clock, as a condition on leads: somebody reached out to the account after the lead arrived."""
    return Activity.objects.filter(account=OuterRef("account"), done_at__gte=OuterRef("created_at"), kind__in=OUTREACH)


def unanswered(leads):
    """Those of `leads` that wait for a first answer: open, and nobody has reached out since they came."""
    return leads.open().filter(responded_at=None).filter(~Exists(answers()))


def unanswered_on(leads, moment):
    """Those of `leads` (as_of a day) that waited for a first answer at its end, `moment`."""
    answered = Q(responded_at__lte=moment) | Q(Exists(answers().filter(done_at__lte=moment)))
    return leads.filter(then_outcome=Lead.Outcome.OPEN).exclude(answered)


def waiting(leads):
    """Those of `leads` whose clock runs, or ran out."""
    return unanswered(leads).filter(respond_by__isnull=False)


def answered_at(lead):
    """When somebody reached out first, written down already or not; None when nobody has."""
    first = Lead.objects.filter(pk=lead.pk).values_list(Subquery(answers().order_by("done_at").values("done_at")[:1]), flat=True)
    return lead.responded_at or first.first()


@transaction.atomic
def note_answers(*, now, actor=None):
    """Write down when leads were answered first, whichever path the activity came by. Returns how many."""
    first = answers().order_by("done_at").values("done_at")[:1]
    ran = Lead.objects.open().filter(respond_by__isnull=False, responded_at=None, created_at__lte=now)
    return ran.filter(Exists(answers())).update(responded_at=Subquery(first))


@transaction.atomic
def escalate_late(*, now, actor=None):
    """Have whoever leads the SDR told of every lead whose clock ran out unanswered, once. Returns how many."""
    late = waiting(Lead.objects.filter(escalated_at=None, respond_by__lt=now)).values_list("pk", flat=True)[:500]
    # One conditional UPDATE each: of two ticks that get here together, one tells.
    claimed = [pk for pk in list(late) if Lead.objects.filter(pk=pk, escalated_at=None).update(escalated_at=now)]
    outbox.publish_many(LATE, [(f"{LATE}:{pk}:{now.isoformat()}", {"lead": pk}) for pk in claimed])
    return len(claimed)


def told_of(lead, day):
    """Who is told when `lead` is late: whoever leads its SDR; sales operations when nobody works it, or nobody leads."""
    leaders = leaders_of([lead.sdr_id], day)[lead.sdr_id] if lead.sdr_id else []
    return leaders or list(User.objects.working().with_role([Role.OPERATIONS], day))


@outbox.handles(LATE)
def mail_late(payload):
    """Send the mail, unless the lead was answered or decided meanwhile."""
    lead = waiting(Lead.objects.filter(pk=payload["lead"])).select_related("account", "source", "sdr").first()
    if lead is None:
        return
    for person in told_of(lead, organisation().today()):
        if not Lead.objects.visible_to(person).filter(pk=lead.pk).exists():
            continue
        with speaking_to(person):
            context = {"lead": lead, "link": settings.BASE_URL + lead.get_absolute_url()}
            subject, _newline, text = render_to_string("pipeline/mail/lead_late.txt", context).partition("\n")
        send_mail(" ".join(subject.split()), text.strip() + "\n", None, [person.email])


def watch_clocks(*, now, actor=None):
    """One tick: note what was answered, then tell of what is late. Safe to run twice, and by two workers at once."""
    with acting(actor, "pipeline.watch_clocks"):
        return note_answers(now=now, actor=actor), escalate_late(now=now, actor=actor)
