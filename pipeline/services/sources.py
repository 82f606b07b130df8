"""Setting up where leads come from: sources and who takes theirs, campaigns, landing pages, partners."""

from datetime import timedelta

from django.db import transaction
from django.utils import timezone

from pipeline.models import Arrival, LandingPage, Lead, Source, SourceWorker
from pipeline.models.sources import new_token
from salesorg.lib.db import write

from .response import unanswered

MOST_A_MINUTE = 120  # arrivals of one source that are stored: the second guard, should the counters of the first be gone
SHOWN = 100  # hand-ins a partner sees


@transaction.atomic
def save_record(*, record, actor, **facts):
    """Write `facts` to a campaign, landing page or reason; one without a key is new."""
    for name, value in facts.items():
        setattr(record, name, value)
    record.save(update_fields=list(facts) if record.pk else None)
    return record


@transaction.atomic
def save_source(*, record, workers, actor, **facts):
    """Write `facts` to the source (new when it has no key), and who takes its leads: {User: open leads at most, or None}."""
    source = record
    for name, value in facts.items():
        setattr(source, name, value)
    if source.is_partner and not source.token:
        source.token = new_token()
    source.save()
    source.workers.exclude(user__in=workers).delete()
    for user, most in workers.items():
        SourceWorker.objects.update_or_create(source=source, user=user, defaults={"most_open": most})
    return source


@transaction.atomic
def delete_rule(*, rule, actor):
    """Take a rule of fit away."""
    rule.delete()


@transaction.atomic
def renew_token(*, record, actor):
    """Give a landing page or a partner's page another address; the one known so far leads nowhere from now on."""
    return write(record, {"token": new_token()})


def landing_page_of(token):
    """The landing page with this address, or None."""
    return LandingPage.objects.select_related("source", "campaign").filter(token=token).first()


def partner_of(token):
    """The source whose partner hands in at this address, or None."""
    return Source.objects.filter(token=token, is_partner=True).first()


def hand_ins_of(source):
    """[(company as they wrote it, day, what became of it)] of the latest hand-ins of a partner; nothing that others brought."""
    arrivals = Arrival.objects.filter(source=source, path=Arrival.Path.PARTNER).select_related("lead", "lead__deal")
    found = arrivals.order_by("-at", "-pk")[:SHOWN]
    waiting = set(unanswered(Lead.objects.filter(pk__in=[each.lead_id for each in found])).values_list("pk", flat=True))
    return [(each.company, each.at, _became(each, each.lead_id in waiting)) for each in found]


def _became(arrival, is_waiting):
    """The state of a hand-in as a code: one that joined what somebody else had brought says no more than that it arrived.

    In work is what was answered. That somebody was given it at once would say that the company is known.
    """
    lead = arrival.lead
    if lead.source_id != arrival.source_id:
        return "received"
    if lead.deal_id and lead.deal.status == "won":
        return "won"
    return {"open": "received" if is_waiting else "in_work"}.get(lead.outcome, lead.outcome)


def flooded(source, now=None):
    """0, or after how many seconds to try again: so many arrivals of one source in a minute are no customers."""
    minute = (now or timezone.now()) - timedelta(minutes=1)
    return 60 if Arrival.objects.filter(source=source, at__gte=minute).count() >= MOST_A_MINUTE else 0
