"""Giving a lead that arrived to somebody: the facts are gathered here, pipeline.engine.routing decides."""

from datetime import timedelta
from zoneinfo import ZoneInfo

from django.db.models import Count, Max
from django.utils.translation import gettext as _

from accounts.models import Coverage
from pipeline.engine import routing
from pipeline.engine.routing import Candidate, Claim
from pipeline.models import Lead, Source
from salesorg.people.models import User, organisation
from salesorg.people.roles import SELLERS, Role
from salesorg.people.working import calendars_of
from territories.in_line import people_in_line

LOOKED_AHEAD = timedelta(days=14)  # whoever begins to work later than that waits with the others
QUALIFIERS = (Role.SDR_INBOUND, Role.SDR_OUTBOUND)
IN_TERRITORIES = [*QUALIFIERS, Role.AE, Role.SPECIALIST, Role.CSM]  # whom a territory's leads go to, the first before the last


def route_lead(lead, now):
    """Set who works `lead`, by which rule and why, in memory. The caller holds the lock under which leads arrive."""
    today = organisation().today(now)
    colleague = Lead.objects.open().filter(account=lead.account_id, sdr__is_active=True).exclude(pk=lead.pk).order_by("pk")
    knows = colleague.values_list("sdr", flat=True).first()
    claims = _claims(lead, today)
    workers = _workers(lead.source, today) if lead.source.routing != Source.Routing.NONE else {}
    people = User.objects.in_bulk({*workers, *(pk for pk, *_why in claims), *([knows] if knows else [])})
    candidates = _candidates(lead, people, now)
    decision = routing.route(
        colleague=candidates.get(knows),
        claims=[Claim(candidates[pk], rule, reason, rank) for pk, rule, reason, rank in claims],
        workers=[candidates[pk] for pk in workers],
        way=routing.NOBODY if lead.source.routing == Source.Routing.NONE else lead.source.routing,
        now=now,
    )
    lead.sdr = people.get(decision.user)
    if lead.sdr and not User.objects.select_for_update(no_key=True).get(pk=lead.sdr.pk).is_active:
        return route_lead(lead, now)  # left while we chose
    lead.rule = decision.rule
    lead.rule_words = said(decision)[:300]
    return lead


def said(decision):
    """Why, in words; whoever was passed over is named with what stood in the way."""
    sentences = {
        routing.COLLEAGUE: _("%(name)s works another lead of this company"),
        routing.COVERAGE: _("%(name)s covers this account: %(reason)s"),
        routing.TERRITORY: _("%(name)s: %(reason)s"),
        routing.ROUND_ROBIN: _("%(name)s was next in turn; %(at_work)s of %(of)s were at work"),
        routing.LEAST_LOADED: _("%(name)s had the fewest open leads, %(open)s; %(at_work)s of %(of)s were at work"),
    }
    nobody = {
        "no_rule": _("leads of this source wait to be taken"),
        "no_workers": _("nobody takes leads of this source in turn"),
        "none_free": _("nobody of %(of)s was free: %(away)s away, %(full)s with as many as they may hold"),
    }
    hindrances = {
        routing.AWAY: _("%(name)s is away"),
        routing.FULL: _("%(name)s has as many leads as they may hold"),
        routing.NOT_AT_WORK: _("%(name)s is not at work"),
    }
    sentence = sentences.get(decision.rule) or nobody[decision.facts["why"]]
    return "; ".join([sentence % decision.facts, *(hindrances[why] % {"name": name} for name, why in decision.passed)])


def _claims(lead, today):
    """(person, rule, reason, rank) of those who come before whoever is in turn: those who qualify leads before all others,
    among them who was put on this very account by hand or by handoff before those of its territories.
    """
    line = people_in_line(lead.account_id, today, IN_TERRITORIES)
    of_territories = {each.user for each in line}
    coverage = Coverage.objects.on(today).filter(account=lead.account_id, role__in=SELLERS, user__is_active=True)
    claims = [
        ((each.role not in QUALIFIERS, 0, not each.is_first_contact, each.pk), each.user_id, routing.COVERAGE, each.reason)
        for each in coverage
        if each.source != Coverage.Source.TERRITORY or each.user_id not in of_territories
    ]
    claims += [
        ((each.role not in QUALIFIERS, 1, False, each.rank), each.user, routing.TERRITORY, _of_territory(each)) for each in line
    ]
    ranks = {place: rank for rank, place in enumerate(sorted({place for place, *_rest in claims}))}
    return [(pk, rule, reason, ranks[place]) for place, pk, rule, reason in sorted(claims, key=lambda each: each[0])]


def _of_territory(each):
    """Why the territories say this person, in words."""
    words = {"role": Role(each.role).label, "territory": each.territory, "above": each.seat_of}
    if each.seat_of == each.territory:
        return _("%(role)s of territory %(territory)s") % words
    return _("%(role)s of %(above)s, above territory %(territory)s") % words


def _workers(source, today):
    """{id of a person who takes leads of the source: how many open ones they may hold}."""
    named = dict(source.workers.filter(user__is_active=True).values_list("user", "most_open"))
    return named or dict.fromkeys(User.objects.working().with_role([Role.SDR_INBOUND], today).values_list("pk", flat=True))


def _candidates(lead, people, now):
    """{id: Candidate} of `people` ({id: User}): when they work next, how many leads they hold, when one came last."""
    calendars = calendars_of(people.values(), since=organisation().today(now))
    named = dict(lead.source.workers.values_list("user", "most_open"))
    held = dict(Lead.objects.open().filter(sdr__in=people).order_by().values_list("sdr").annotate(Count("pk")))
    routed = Lead.objects.filter(source=lead.source, sdr__in=people, rule__in=[routing.ROUND_ROBIN, routing.LEAST_LOADED])
    given = dict(routed.order_by().values_list("sdr").annotate(Max("created_at")))
    return {
        pk: Candidate(
            pk, person.name, open_leads=held.get(pk, 0), most_open=named.get(pk), last_given=given.get(pk),
            works_next=next((opens for opens, _closes in calendars[pk].spans(now, now + LOOKED_AHEAD)), None),
            is_away=now.astimezone(ZoneInfo(calendars[pk].week.zone)).date() in calendars[pk].away,
        )
        for pk, person in people.items()
    }  # fmt: skip
