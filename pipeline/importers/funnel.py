"""Brings a marketing funnel into Salesorg: leads on anonymous prospects, and those won with their SDR, seller and deal.

The files know no names, so a prospect is called by the beginning of its id. They know no value of a deal either: what a
seller declares to earn a month is not what the deal is worth, so won deals owe their amount. What is there already is
left as it is; where it differs from the files, that is reported.
"""

from zoneinfo import ZoneInfo

from django.db import transaction
from django.db.backends.postgresql.psycopg_any import DateRange
from django.utils.translation import gettext as _

from accounts.models import Account, Coverage, CoverageLine
from pipeline.models import Deal, DealMember, ForecastCategory, Lead, Pipeline, Source, Stage, Status
from pipeline.services import lacks
from salesorg.people.models import Membership, Team, User, organisation
from salesorg.people.roles import Role

from .bulk import store, write_coverage, write_members, write_versions
from .funnel_files import CLOSED, LEADS, read  # noqa: F401 (commands call funnel.read)
from .problems import Problem, Result

CURRENCY = "BRL"
STAGES = [  # name, status, probability %, forecast category
    ("Qualified", Status.OPEN, 20, ForecastCategory.PIPELINE),
    ("Won", Status.WON, 100, ForecastCategory.CLOSED),
    ("Lost", Status.LOST, 0, ForecastCategory.OMITTED),
]
SHOWN = 12  # characters of an id: few enough to say, enough to keep 8,000 apart


def key(name):
    """The external key of a row of the funnel."""
    return f"funnel:{name}"


@transaction.atomic
def load(files, *, advance=lambda count: None, dry_run=False):
    """Write `files` (FunnelFiles). Returns a Result; with `dry_run` everything is taken back at the end."""
    result = Result(problems=list(files.problems))
    known = {
        lead.external_key: lead for lead in Lead.objects.filter(external_key__startswith=key("lead:")).select_related("source")
    }
    new = {}
    for name, facts in files.leads.items():
        if ours := known.get(key(f"lead:{name}")):
            _compare(ours, facts, files.wins.get(name), result)
        else:
            new[name] = facts
        advance(1)
    sdrs, sellers = _load_people(files, result)
    accounts = _load_accounts(files, new)
    deals = _load_deals(files, new, accounts, sdrs, sellers)
    _load_leads(files, new, accounts, deals, sdrs, sellers)
    for what, written, said in (("leads", new, files.leads), ("deals", deals, files.wins)):
        result.counts[what] += len(written)
        result.already_there[what] += len(said) - len(written)
    if files.wins:
        done = "each won deal owes its amount"
        result.problems.append(Problem("no deal values in the funnel", CLOSED, None, "", "", str(len(files.wins)), done))
    result.facts = {"leads": len(files.leads), "won": len(files.wins)}
    transaction.set_rollback(dry_run)
    return result


def _load_people(files, result):
    """The SDRs and the sellers as people of two pods. Returns ({id: User}, {id: User}); one person may be in both."""
    company = Team.objects.filter(parent=None, kind=Team.Kind.COMPANY).order_by("pk").first()
    company = company or Team.objects.create(name=organisation().name, kind=Team.Kind.COMPANY)
    funnel = _team("team", "Funnel", Team.Kind.DEPARTMENT, company)
    people = {}

    def members(name, role, first_days):
        pod = _team(f"team:{name}", name, Team.Kind.POD, funnel)
        for person, day in sorted(first_days.items()):
            user, made = User.objects.get_or_create(
                external_key=key(f"person:{person}"),
                defaults={"email": f"{person.lower()}@funnel.example", "name": f"Anonymous {person[:SHOWN]}", "password": "!"},
            )
            (result.counts if made else result.already_there)["people"] += person not in people
            people[person] = user
            if not Membership.objects.filter(user=user, role=role).exists():
                Membership.objects.create(user=user, team=pod, role=role, during=DateRange(day))
        return {person: people[person] for person in first_days}

    return (
        members(_("Funnel qualification"), Role.SDR_INBOUND, _first_days(files, "sdr")),
        members(_("Funnel sales"), Role.AE, _first_days(files, "seller")),
    )


def _first_days(files, who):
    """{id: the day of the first win it is named in}."""
    days = {}
    for win in files.wins.values():
        if person := getattr(win, who):
            days[person] = min(days.get(person, win.won_at.date()), win.won_at.date())
    return days


def _team(name, shown, kind, parent):
    shared = Team.Visibility.TEAM if kind == Team.Kind.POD else Team.Visibility.OWN
    defaults = {"name": shown, "kind": kind, "parent": parent, "account_visibility": shared, "deal_visibility": shared}
    return Team.objects.get_or_create(external_key=key(name), defaults=defaults)[0]


def _load_accounts(files, new):
    """A prospect per new lead; a customer when it is won. Returns {lead's id: Account}."""
    lifecycle = Account.Lifecycle
    accounts = {
        name: Account(
            external_key=key(f"account:{name}"),
            name=f"Anonymous {name[:SHOWN]}",
            lifecycle=lifecycle.CUSTOMER if name in files.wins else lifecycle.PROSPECT,
        )
        for name in new
    }
    store(list(accounts.values()))
    return accounts


def _load_deals(files, new, accounts, sdrs, sellers):
    """A won deal per new lead that is won, covered by its seller from that day. Returns {lead's id: Deal}."""
    pipeline, _made = Pipeline.objects.get_or_create(name="Marketplace sellers")
    for i, (name, status, probability, category) in enumerate(STAGES):
        defaults = {"position": i, "status": status, "probability": probability, "forecast_category": category}
        Stage.objects.get_or_create(pipeline=pipeline, name=name, defaults=defaults)
    won = Stage.objects.get(pipeline=pipeline, name="Won")
    zone = ZoneInfo(organisation().time_zone)
    wins = {name: win for name, win in files.wins.items() if name in new}
    deals = {
        name: Deal(
            external_key=key(f"deal:{name}"),
            name=f"Marketplace – {accounts[name].name}",
            account=accounts[name],
            owner=sellers[win.seller],
            pipeline=pipeline,
            stage=won,
            status=won.status,
            forecast_category=won.forecast_category,
            currency=CURRENCY,
            close_date=win.won_at.date(),
            stage_since=win.won_at.replace(tzinfo=zone),
        )
        for name, win in wins.items()
    }
    for deal in deals.values():
        deal.gate_debt = list(lacks(deal))
    store(list(deals.values()))
    write_versions(
        (deal.pk, (deal.stage_id, deal.owner_id, None, deal.close_date, deal.forecast_category), deal.stage_since, None)
        for deal in deals.values()
    )
    write_members(
        [(deal.pk, deal.owner_id, Role.AE, DealMember.WHOLE, deal.close_date) for deal in deals.values()]
        # Nothing in the files says what part of a deal is the SDR's: named, with no share.
        + [
            (deals[name].pk, sdrs[win.sdr].pk, Role.SDR_INBOUND, 0, deals[name].close_date)
            for name, win in wins.items()
            if win.sdr
        ]
    )
    write_coverage(
        ((deal.account_id, deal.owner_id, deal.close_date) for deal in deals.values()),
        line=CoverageLine.objects.get(code=CoverageLine.NEW_BUSINESS),
        role=Role.AE,
        source=Coverage.Source.HANDOFF,
        reason=_("won this customer from the funnel"),
    )
    return deals


def _load_leads(files, new, accounts, deals, sdrs, sellers):
    origins = {facts.origin for facts in files.leads.values()}
    sources = {origin: Source.objects.get_or_create(name=origin)[0] for origin in sorted(origins)}
    leads = []
    for name, facts in new.items():
        lead = Lead(
            external_key=key(f"lead:{name}"),
            account=accounts[name],
            source=sources[facts.origin],
            landing_page=facts.landing_page,
            first_contact_on=facts.first_contact_on,
        )
        if win := files.wins.get(name):
            lead.outcome, lead.decided_on, lead.deal = Lead.Outcome.QUALIFIED, win.won_at.date(), deals[name]
            lead.sdr, lead.seller = sdrs.get(win.sdr), sellers[win.seller]
            lead.segment, lead.lead_type, lead.behaviour_profile = win.segment, win.lead_type, win.behaviour_profile
        leads.append(lead)
    store(leads)


def _compare(there, facts, win, result):
    """Report where our lead is not what the files say; it stays as it is."""
    done = "left as it is here; the file says otherwise"
    differences = [
        (LEADS, facts.line, "origin", there.source.name, facts.origin),
        (LEADS, facts.line, "first_contact_date", there.first_contact_on, facts.first_contact_on),
        (CLOSED, win and win.line, "won_date", there.decided_on, win and win.won_at.date()),
    ]
    for file, line, field, ours, theirs in differences:
        if ours != theirs:
            problem = Problem("differs from what is here", file, line, facts.key, field, "" if ours is None else str(ours), done)
            result.problems.append(problem)
