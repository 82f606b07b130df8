"""Giving a lead that arrived to somebody: the facts are gathered here, pipeline.engine.routing decides."""

from datetime import timedelta
from zoneinfo import ZoneInfo

from django.db.models import Count, Max
from django.utils.translation import gettext as _

from accounts.models import Coverage
from pipeline.engine import routing
from pipeline.engine.routing import Candidate
from pipeline.models import Lead, Source
from salesorg.people.models import User, organisation
from salesorg.people.roles import SELLERS, Role
from salesorg.people.working import calendars_of

LOOKED_AHEAD = timedelta(days=14)  # whoever begins to work later than that waits with the others
QUALIFIERS = (Role.SDR_INBOUND, Role.SDR_OUTBOUND)


def route_lead(lead, now):
    """Set who works `lead`, by which rule and why, in memory. The caller holds the lock under which leads arrive."""
    today = organisation().today(now)
    colleague = Lead.objects.open().filter(account=lead.account_id, sdr__is_active=True).exclude(pk=lead.pk).order_by("pk")
    coverage = Coverage.objects.on(today).filter(account=lead.account_id, role__in=SELLERS, user__is_active=True)
    knows = colleague.values_list("sdr", flat=True).first()
    covers = sorted(coverage, key=lambda each: (each.role not in QUALIFIERS, not each.is_first_contact, each.pk))
    workers = _workers(lead.source, today) if lead.source.routing != Source.Routing.NONE else {}
    people = User.objects.in_bulk({*workers, *(each.user_id for each in covers), *([knows] if knows else [])})
    calendars = calendars_of(people.values(), since=today)
    candidates = {pk: _candidate(person, calendars[pk], now) for pk, person in people.items()}
    decision = routing.route(
        colleague=candidates.get(knows),
        coverers=[candidates[each.user_id] for each in covers],
        workers=_with_load(workers, candidates, lead),
        way=routing.NOBODY if lead.source.routing == Source.Routing.NONE else lead.source.routing,
        now=now,
    )
    lead.sdr = people.get(decision.user)
    if lead.sdr and not User.objects.select_for_update(no_key=True).get(pk=lead.sdr.pk).is_active:
        return route_lead(lead, now)  # left while we chose
    lead.rule = decision.rule
    reason = next((each.reason for each in covers if each.user_id == decision.user), "")
    lead.rule_words = said(decision, reason)[:300]
    return lead


def said(decision, reason=""):
    """Why, in words."""
    facts = decision.facts | {"reason": reason}
    sentences = {
        routing.COLLEAGUE: _("%(name)s works another lead of this company"),
        routing.COVERAGE: _("%(name)s covers this account: %(reason)s"),
        routing.ROUND_ROBIN: _("%(name)s was next in turn; %(at_work)s of %(of)s were at work"),
        routing.LEAST_LOADED: _("%(name)s had the fewest open leads, %(open)s; %(at_work)s of %(of)s were at work"),
    }
    if decision.rule in sentences:
        return sentences[decision.rule] % facts
    nobody = {
        "no_rule": _("leads of this source wait to be taken"),
        "no_workers": _("nobody takes leads of this source in turn"),
        "none_free": _("nobody of %(of)s was free: %(away)s away, %(full)s with as many as they may hold"),
    }
    return nobody[facts["why"]] % facts


def _workers(source, today):
    """{id of a person who takes leads of the source: how many open ones they may hold}."""
    named = dict(source.workers.filter(user__is_active=True).values_list("user", "most_open"))
    return named or dict.fromkeys(User.objects.working().with_role([Role.SDR_INBOUND], today).values_list("pk", flat=True))


def _candidate(person, calendar, now):
    begins = next((opens for opens, _closes in calendar.spans(now, now + LOOKED_AHEAD)), None)
    away = now.astimezone(ZoneInfo(calendar.week.zone)).date() in calendar.away
    return Candidate(person.pk, person.name, works_next=begins, is_away=away)


def _with_load(workers, candidates, lead):
    """The people who take leads of the source, with how many they hold and when one came to them last."""
    held = dict(Lead.objects.open().filter(sdr__in=workers).order_by().values_list("sdr").annotate(Count("pk")))
    routed = Lead.objects.filter(source=lead.source, sdr__in=workers, rule__in=[routing.ROUND_ROBIN, routing.LEAST_LOADED])
    given = dict(routed.order_by().values_list("sdr").annotate(Max("created_at")))
    return [
        Candidate(
            pk, each.name, open_leads=held.get(pk, 0), most_open=workers[pk], last_given=given.get(pk),
            works_next=each.works_next, is_away=each.is_away,
        )
        for pk, each in candidates.items() if pk in workers
    ]  # fmt: skip
