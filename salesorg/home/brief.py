"""The brief before a visit: one page with what one should know about an account, to read at the door or to print."""

from datetime import timedelta

from django.db.models import Q
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.views.decorators.http import require_safe

from accounts.models import Account, Activity, Contact, Sighting
from accounts.timeline import dressed
from pipeline.models import Deal
from salesorg.people.access import requires
from salesorg.people.roles import Action

WEEKS = 6  # weeks back in which a colleague counts as talking to the account
AHEAD = 60  # days ahead in which the anniversary of a purchase is worth a word
LAST = 5  # rows of each kind


@require_safe
@requires(Action.READ_RECORDS)
def account_brief(request, pk):
    """What one should know before going to an account."""
    user = request.user
    account = get_object_or_404(Account.objects.visible_to(user), pk=pk)
    activities = Activity.objects.visible_to(user).filter(account=account).select_related("user", "contact")
    own = activities.filter(user=user)
    context = {
        "account": account,
        "deals": open_deals(user, account),
        "visits": [dressed(each) for each in activities.done().exclude(kind="note").order_by("-done_at", "-pk")[:LAST]],
        "notes": [dressed(each) for each in activities.done().filter(kind="note").order_by("-done_at", "-pk")[:LAST]],
        "planned": [dressed(each) for each in own.planned().order_by("due_on", "pk")[:LAST]],
        "colleagues": talking(activities.exclude(user=user)),
        "contacts": Contact.objects.visible_to(user).filter(account=account).order_by("do_not_contact", "name", "pk")[:20],
        "anniversaries": anniversaries(user, account, user.today),
        "sightings": Sighting.objects.visible_to(user).filter(account=account).select_related("competitor")[:LAST],
        "may_log": user.may(Action.LOG_ACTIVITY),
    }
    return render(request, "home/brief.html", context)


def open_deals(user, account):
    """The open deals with their next step, the largest first."""
    deals = Deal.objects.visible_to(user).open().filter(account=account).select_related("stage", "owner")
    return deals.order_by("-amount", "pk")[:20]


def talking(activities):
    """What colleagues did there in the last weeks or plan to do, the latest of each of them."""
    since = timezone.now() - timedelta(weeks=WEEKS)
    rows = activities.filter(Q(done_at__gte=since) | Q(done_at=None)).order_by("user", "-done_at", "due_on", "pk")
    latest = {}
    for activity in rows[:100]:
        # Of one person, what is planned counts before what is done: it is still to come.
        if activity.user_id not in latest:
            latest[activity.user_id] = dressed(activity)
    return sorted(latest.values(), key=lambda activity: activity.done_at or timezone.now(), reverse=True)


def anniversaries(user, account, day):
    """[(deal, day, years)] of won deals whose closing day comes round within AHEAD days."""
    found = []
    for deal in Deal.objects.visible_to(user).won().filter(account=account, close_date__lt=day).order_by("-close_date")[:100]:
        on = coming_round(deal.close_date, day)
        if (on - day).days <= AHEAD and on.year > deal.close_date.year:
            found.append((deal, on, on.year - deal.close_date.year))
    return sorted(found, key=lambda each: each[1])


def coming_round(date, day):
    """The next day on or after `day` with the day and month of `date`; 29 February is kept on the 28th in other years."""
    for year in (day.year, day.year + 1):
        try:
            on = date.replace(year=year)
        except ValueError:
            on = date.replace(year=year, day=28)
        if on >= day:
            return on
    return on
