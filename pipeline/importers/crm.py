"""Brings a CRM export into Salesorg: teams, people, accounts, products, and deals with their past.

What is there already is left as it is, so a second run changes nothing and never takes back what people did since;
where it differs from the files, that is reported.
"""

from datetime import datetime, time
from itertools import groupby
from zoneinfo import ZoneInfo

from django.db import transaction
from django.db.backends.postgresql.psycopg_any import DateRange
from django.utils.translation import gettext as _

from accounts.models import Account
from pipeline.models import (
    Deal,
    DealMember,
    ForecastCategory,
    Pipeline,
    Price,
    PriceList,
    Product,
    Stage,
    Status,
)
from pipeline.services import lacks
from salesorg.people.models import Membership, Team, User, organisation
from salesorg.people.roles import Role

from .bulk import store, write_members, write_versions
from .crm_coverage import cover_accounts
from .crm_files import ACCOUNTS, CLOSED, DEALS, TEAMS, email_of, read  # noqa: F401 (commands call crm.read)
from .problems import Problem, Result

CURRENCY = "USD"
STAGES = [  # name, status, probability %, forecast category
    ("Prospecting", Status.OPEN, 10, ForecastCategory.PIPELINE),
    ("Engaging", Status.OPEN, 40, ForecastCategory.BEST_CASE),
    ("Won", Status.WON, 100, ForecastCategory.CLOSED),
    ("Lost", Status.LOST, 0, ForecastCategory.OMITTED),
]


def key(name):
    """The external key of a row of the export."""
    return f"crm:{name}"


@transaction.atomic
def load(files, *, advance=lambda count: None, dry_run=False):
    """Write `files` (CrmFiles). Returns a Result; with `dry_run` everything is taken back at the end.

    `advance(n)` is told of every n rows done. Raises DomainError when a row of ours stands in the way.
    """
    result = Result(problems=list(files.problems))
    people = _load_people(files, result)
    advance(len(files.agents))
    accounts = _load_accounts(files, result)
    advance(len(files.accounts))
    products = _load_products(files, result)
    advance(len(files.products))
    _load_deals(files, people, accounts, products, result, advance)
    cover_accounts(files, people, accounts, result)
    _name_owed_facts(files, result)
    result.facts = _headline(files)
    transaction.set_rollback(dry_run)
    return result


def _load_people(files, result):
    """Offices as regions under the company, a pod per manager. Returns {name: User}."""
    company = Team.objects.filter(parent=None, kind=Team.Kind.COMPANY).order_by("pk").first()
    company = company or Team.objects.create(name=organisation().name, kind=Team.Kind.COMPANY)
    offices = {
        office: _team(f"office:{office}", office, Team.Kind.REGION, company, result)
        for office in sorted({agent.office for agent in files.agents.values()})
    }
    people = {}
    for (office, manager), agents in groupby(
        sorted(files.agents.values(), key=lambda agent: (agent.office, agent.manager, agent.name)),
        key=lambda agent: (agent.office, agent.manager),
    ):
        name = _("%(manager)s's team") % {"manager": manager}
        pod = _team(f"team:{office}:{manager}", name, Team.Kind.POD, offices[office], result)
        _member(manager, pod, Role.MANAGER, files, people, result)
        for agent in agents:
            _member(agent.name, pod, Role.AE, files, people, result)
    return people


def _team(external_key, name, kind, parent, result):
    """The team of the export; one of the same name in the same place is taken to be it, and reported."""
    team = Team.objects.filter(external_key=key(external_key)).first()
    if team is None and (team := Team.objects.filter(parent=parent, name=name).first()):
        _joined(result, name, "regional_office" if kind == Team.Kind.REGION else "manager")
    _count(result, "teams", team is None)
    if team is None:
        shared = Team.Visibility.TEAM if kind == Team.Kind.POD else Team.Visibility.OWN  # a pod sees its own work
        fields = {"name": name, "kind": kind, "parent": parent, "account_visibility": shared, "deal_visibility": shared}
        team = Team.objects.create(external_key=key(external_key), **fields)
    return team


def _joined(result, record, field):
    done = "taken to be the one that is here already"
    result.problems.append(Problem("here already by that name", TEAMS, None, record, field, record, done))


def _member(name, team, role, files, people, result):
    """Make the person and the membership; a person who is there already keeps the memberships they have."""
    user, made = people.get(name), False
    if user is None:
        user = User.objects.filter(external_key=key(f"person:{name}")).first()
        if user is None and (user := User.objects.filter(email__iexact=email_of(name)).first()):
            _joined(result, name, "sales_agent")
        if user is None:
            user = User(email=email_of(name), name=name, started_on=files.first_day, external_key=key(f"person:{name}"))
            user.set_unusable_password()
            user.save()
            made = True
        _count(result, "people", made)
    people[name] = user
    if not Membership.objects.filter(user=user, role=role).exists():
        Membership.objects.create(user=user, team=team, role=role, during=DateRange(files.first_day, None))
    elif not Membership.objects.filter(user=user, role=role, team=team).exists():
        _differs(result, TEAMS, None, name, "regional_office" if role == Role.MANAGER else "manager", team.name)


def _load_accounts(files, result):
    """Accounts, parents before their subsidiaries. Returns {name: Account}."""
    known = Account.objects.known_by([key(f"account:{name}") for name in files.accounts])
    rows = Account.objects.in_bulk(set(known.values()))
    customers = files.won_values()
    accounts, waiting = {}, dict(files.accounts)
    while waiting:
        ready = [facts for facts in waiting.values() if not facts.parent or facts.parent in accounts]
        new = []
        for facts in ready:
            del waiting[facts.name]
            account = Account(
                external_key=key(f"account:{facts.name}"),
                name=facts.name,
                parent=accounts.get(facts.parent),
                industry=facts.industry,
                founded=facts.founded,
                annual_revenue=facts.annual_revenue,
                employees=facts.employees,
                country=facts.country,
                lifecycle=Account.Lifecycle.CUSTOMER if facts.name in customers else Account.Lifecycle.PROSPECT,
            )
            there = rows.get(known.get(account.external_key))
            if there is None:
                new.append(account)
            else:
                _compare(there, account, ACCOUNT_FIELDS, result, ACCOUNTS, None, facts.name)
            accounts[facts.name] = there or account
        Account.objects.bulk_create(new)
        result.counts["accounts"] += len(new)
        result.already_there["accounts"] += len(ready) - len(new)
    return accounts


ACCOUNT_FIELDS = {
    "name": "account",
    "parent_id": "subsidiary_of",
    "industry": "sector",
    "founded": "year_established",
    "annual_revenue": "revenue",
    "employees": "employees",
    "country": "office_location",
}


def _load_products(files, result):
    """Products, priced where products.csv names a price. Returns {name: Product}."""
    price_list, _made = PriceList.objects.get_or_create(
        name="Hardware", defaults={"currency": CURRENCY, "during": DateRange(files.first_day, None)}
    )
    names = [*files.products, *sorted({deal.product for deal in files.deals.values() if deal.product} - set(files.products))]
    products = {}
    for name in names:
        facts = files.products.get(name)
        products[name], made = Product.objects.get_or_create(name=name, defaults={"series": facts.series if facts else ""})
        _count(result, "products", made)
        if facts and facts.price is not None:
            price, _new = Price.objects.get_or_create(
                price_list=price_list, product=products[name], since=None, defaults={"amount": facts.price}
            )
            if price.amount != facts.price:
                _differs(result, "products.csv", None, name, "sales_price", price.amount)
    return products


def _load_deals(files, people, accounts, products, result, advance):
    """Deals as they are at the end of the export, and in their versions every state they were in, on its days."""
    pipeline, _made = Pipeline.objects.get_or_create(name="Hardware sales")
    stages = {
        name: Stage.objects.get_or_create(
            pipeline=pipeline,
            name=name,
            defaults={"position": i, "status": status, "probability": probability, "forecast_category": category},
        )[0]
        for i, (name, status, probability, category) in enumerate(STAGES)
    }
    known = {deal.external_key: deal for deal in Deal.objects.filter(external_key__startswith=key("deal:"))}
    zone = ZoneInfo(organisation().time_zone)
    new = []
    for facts in files.deals.values():
        deal = _deal(facts, people, accounts, products, stages, files, zone)
        if there := known.get(deal.external_key):
            _compare(there, deal, DEAL_FIELDS, result, DEALS, facts.line, facts.key)
        else:
            new.append((facts, deal))
        advance(1)
    result.counts["deals"] += len(new)
    result.already_there["deals"] += len(files.deals) - len(new)
    store([deal for _facts, deal in new])
    engaging = stages["Engaging"]
    write_versions(state for facts, deal in new for state in _states(facts, deal, engaging))
    write_members(
        (deal.pk, deal.owner_id, Role.AE, DealMember.WHOLE, deal.opened_on or deal.stage_since.date()) for _facts, deal in new
    )


def _states(facts, deal, engaging):
    """(deal id, state, from, until) for every state the deal was in: engaged until it closed, if the export says both."""
    since = deal.stage_since
    if facts.stage in CLOSED and facts.engaged_on and facts.engaged_on < since.date():
        # Its value and close date were not known before it closed.
        before = (engaging.pk, deal.owner_id, None, None, engaging.forecast_category)
        yield deal.pk, before, datetime.combine(facts.engaged_on, time(), since.tzinfo), since
    yield deal.pk, (deal.stage_id, deal.owner_id, deal.amount, deal.close_date, deal.forecast_category), since, None


DEAL_FIELDS = {
    "account_id": "account",
    "owner_id": "sales_agent",
    "stage_id": "deal_stage",
    "product_id": "product",
    "amount": "close_value",
    "close_date": "close_date",
    "opened_on": "engage_date",
}


def _deal(facts, people, accounts, products, stages, files, zone):
    """The deal as the export has it, unsaved, with what it owes."""
    stage = stages[facts.stage]
    about = facts.account or facts.key
    deal = Deal(
        external_key=key(f"deal:{facts.key}"),
        name=(f"{facts.product} – {about}" if facts.product else about)[:200],
        account=accounts[facts.account] if facts.account else None,
        owner=people[facts.agent],
        pipeline=stage.pipeline,
        stage=stage,
        status=stage.status,
        forecast_category=stage.forecast_category,
        product=products[facts.product] if facts.product else None,
        amount=facts.value,
        currency=CURRENCY,
        opened_on=facts.engaged_on,
        close_date=facts.closed_on,
        stage_since=datetime.combine(_since(facts, files), time(), zone),
    )
    deal.gate_debt = list(lacks(deal))
    return deal


def _since(facts, files):
    """The day the deal entered its stage; the export's last day when it says none, since it was there by then."""
    return (facts.closed_on if facts.stage in CLOSED else facts.engaged_on) or facts.engaged_on or files.last_day


def _count(result, what, made):
    (result.counts if made else result.already_there)[what] += 1


def _compare(there, wanted, columns, result, file, line, record):
    for column, field in columns.items():
        if getattr(there, column) != getattr(wanted, column):
            _differs(result, file, line, record, field, getattr(there, column))


def _differs(result, file, line, record, field, ours):
    ours = "" if ours is None else str(ours)
    done = "left as it is here; the file says otherwise"
    result.problems.append(Problem("differs from what is here", file, line, record, field, ours, done))


def _name_owed_facts(files, result):
    """What no row of the export can say: one line each, with how many deals owe it."""
    stages = [deal.stage for deal in files.deals.values()]
    for kind, wanted, done in (
        ("no next steps in the export", ("Prospecting", "Engaging"), "each open deal owes its next step"),
        ("no loss reasons in the export", ("Lost",), "each lost deal owes its reason"),
    ):
        if count := sum(stage in wanted for stage in stages):
            result.problems.append(Problem(kind, DEALS, None, "", "", str(count), done))


def _headline(files):
    deals = files.deals.values()
    count = {stage.lower(): sum(deal.stage == stage for deal in deals) for stage in ("Won", "Lost", "Engaging", "Prospecting")}
    return count | {"won in total": sum((deal.value or 0 for deal in deals if deal.stage == "Won"), start=0)}
