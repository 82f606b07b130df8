"""The demo: the cast of every example in a small lively organisation, with visits planned for today and months of pay."""

from datetime import date, timedelta

from django.contrib.auth.hashers import check_password
from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import Account, Activity
from accounts.services import plan_activity
from commissions.models import Period
from commissions.services import close_period, set_quotas_from_history
from salesorg.jobs.runs import run_here, start_run
from salesorg.lib.periods import month_of
from salesorg.people.models import User
from salesorg.people.roles import Role

from .generator import analyze, generate
from .generator.shapes import cast, today_of

# Known to everybody who reads this: the demo is only ever written to an empty database.
PASSWORD = "northwind-demo"  # noqa: S105
SHOWN = ["rita", "sol", "cora", "mia", "dora", "otto", "fay", "ada"]  # one per role, as they come up in a deal's life
OPEN_MONTHS = 2  # months before this one whose pay is not closed yet
VISITS = ["Walk through the new hall", "Sign the renewal", "Meet the controller"]  # of each account executive, today


def load_demo(*, now):
    """Fill an empty database with the demo as of `now`. Raises DomainError when anything is there."""
    with transaction.atomic():
        today = today_of(now)
        generate(cast(today, PASSWORD), today=today)
        plan_visits(today)
        set_quotas_from_history(actor=None, plan=True)
    analyze()
    pay(today)


def plan_visits(day):
    """Visits of every account executive at accounts of their own, due on `day`."""
    for user in User.objects.working().with_role([Role.AE], day):
        accounts = Account.objects.covered_by(user, day).order_by("city", "pk")[: len(VISITS)]
        for account, subject in zip(accounts, VISITS, strict=False):
            contact = account.contacts.order_by("pk").first()
            kind = Activity.Kind.VISIT
            plan_activity(account=account, kind=kind, due_on=day, contact=contact, subject=_(subject), actor=user)


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
