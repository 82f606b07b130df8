"""The demo: the cast of every example in a small lively organisation, with visits planned for today and months of pay."""

from datetime import date, timedelta

from django.contrib.auth.hashers import check_password
from django.db import transaction
from django.db.models import Count
from django.utils.translation import gettext as _

from accounts.engine.opening import open_on
from accounts.models import Account, Activity
from accounts.services import plan_activity
from accounts.services.field_days import set_field_day
from commissions.models import Period
from commissions.services import close_period, set_quotas_from_history
from pipeline.models import Deal
from pipeline.services import change_deal
from salesorg.jobs.runs import run_here, start_run
from salesorg.lib.acting import acting
from salesorg.lib.periods import month_of
from salesorg.people.models import User
from salesorg.people.roles import Role

from .demo_customers import fill_customers, fill_playbook
from .demo_field import fill_field
from .demo_forecasts import fill_forecasts
from .demo_handoffs import fill_handoffs
from .demo_leads import fill_leads
from .demo_orders import fill_orders
from .demo_pipelines import fill_pipelines
from .demo_proposals import fill_proposals
from .demo_prospects import fill_prospects
from .demo_specialists import fill_specialists
from .demo_sprints import fill_sprints
from .generator import analyze, generate
from .generator.shapes import cast, today_of

# Known to everybody who reads this: the demo is only ever written to an empty database.
PASSWORD = "northwind-demo"  # noqa: S105
# One per role, as they come up in a deal's life.
SHOWN = ["rita", "sol", "pia", "cora", "theo", "mia", "dora", "otto", "fay", "ada"]
OPEN_MONTHS = 2  # months before this one whose pay is not closed yet
CHANGED = 4  # deals of each manager's people
# Of each account executive, today; the last one is overdue since the day before yesterday.
VISITS = [
    "Walk through the new hall",
    "Sign the renewal",
    "Meet the controller",
    "Show the new series",
    "Agree on next year's volume",
    "Look at the complaint on site",
]


def load_demo(*, now):
    """Fill an empty database with the demo as of `now`. Raises DomainError when anything is there."""
    with transaction.atomic():
        today = today_of(now)
        generate(cast(today, PASSWORD), today=today)
        plan_visits(today)
        change_deals(today)
        set_quotas_from_history(actor=None, plan=True)
    analyze()
    pay(today)
    people = by_key(today)
    fill_field(people, today)
    fill_leads(people, now)
    fill_playbook(people)
    fill_handoffs(people, now)
    fill_pipelines(people)
    fill_customers(people, now)
    fill_specialists(people)
    fill_forecasts(people, now)
    fill_proposals(people, now)
    fill_orders(people, now)
    fill_sprints(people, now)
    fill_prospects(people, now)


def by_key(today):
    """{the part of the e-mail address before the @: User} of the cast."""
    shape = cast(today, "")
    addresses = {f"{person.key}@{shape.domain}": person.key for person in shape.people}
    return {addresses[user.email]: user for user in User.objects.filter(email__in=addresses)}


def plan_visits(day):
    """Visits of every account executive in the town with most of their accounts, due on `day`, and where their day begins."""
    for user in User.objects.working().with_role([Role.AE], day):
        covered = Account.objects.covered_by(user, day)
        city = covered.values_list("city").annotate(count=Count("pk")).order_by("-count", "city")[0][0]
        # Those that are open come first: whoever tries the demo on a Sunday sees a way too.
        inside = covered.filter(city=city).order_by("pk")
        accounts = sorted(inside, key=lambda account: not open_on(account.opening_hours, day))[: len(VISITS)]
        for number, (account, subject) in enumerate(zip(accounts, VISITS, strict=False), 1):
            contact = account.contacts.order_by("pk").first()
            due = day - timedelta(days=2) if number == len(VISITS) else day
            visit = {"kind": Activity.Kind.VISIT, "due_on": due, "subject": _(subject), "contact": contact}
            plan_activity(account=account, actor=user, **visit)
        home = {"latitude": accounts[0].latitude - 0.03, "longitude": accounts[0].longitude - 0.05}
        ends = {f"{side}_{name}": value for side in ("start", "end") for name, value in (home | {"name": _("Home")}).items()}
        set_field_day(actor=user, **ends)


def change_deals(day):
    """What every manager changed since yesterday on the largest deals of the own people: a sum, then a close date, in turn."""
    for manager in User.objects.working().with_role([Role.MANAGER], day):
        largest = Deal.objects.visible_to(manager).open().filter(close_date__gte=day).order_by("-amount", "pk")
        with acting(manager, "demo"):
            for number, deal in enumerate(largest[:CHANGED]):
                later = {"close_date": deal.close_date + timedelta(days=14)}
                change_deal(deal=deal, actor=manager, **({"amount": deal.amount * 2} if number % 2 else later))


def pay(today):
    """Run the nightly once, and close the months that a finance team would have closed by now."""
    run_here(start_run(job="nightly", period=today.isoformat()))
    first_open = month_of(today).start
    for _each in range(OPEN_MONTHS):
        first_open = month_of(first_open - timedelta(days=1)).start
    finance = User.objects.with_role([Role.FINANCE], today).first()
    for period in Period.objects.open().filter(start__lt=first_open).order_by("start"):
        close_period(period=period, actor=finance, accept_problems=True)


def sign_ins(day: date):
    """[(role in words, e-mail)] of the demo people who still sign in with the demo password; [] when there is no demo."""
    wanted = [f"{name}@{cast(day, '').domain}" for name in SHOWN]
    users = {user.email: user for user in User.objects.working().filter(email__in=wanted).prefetch_related("memberships")}
    right = {stored: check_password(PASSWORD, stored) for stored in {user.password for user in users.values()}}
    return [
        (users[email].memberships.all()[0].get_role_display(), email)
        for email in wanted
        if email in users and right[users[email].password] and users[email].memberships.all()
    ]
