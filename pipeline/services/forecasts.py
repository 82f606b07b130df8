"""Calling a forecast: a person's judgement of a period, kept with what the deals said at that moment."""

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from pipeline.models import ForecastCall
from pipeline.reports.forecasts import by_owner, judged, together
from salesorg.lib.db import lock_until_commit
from salesorg.lib.errors import DomainError
from salesorg.people.models import Membership, organisation
from salesorg.people.roles import LEADERS


def may_call(user, team, day):
    """Whether the person makes the call on `team` (whoever leads that very team), or on the own deals without one."""
    if team is None:
        return True
    return Membership.objects.on(day).filter(user=user, team=team, role__in=LEADERS).exists()


@transaction.atomic
def make_call(*, period, commit, best_case, note="", team=None, client_id=None, actor, now=None):
    """Keep what `actor` judges `period` will bring: on `team` as its leader, without one on the own deals.

    Both amounts are totals of the period in the organisation's currency. Returns the ForecastCall, which holds the
    roll-up of this moment beside them. `client_id` is made with the form: the same call sent again, by a second click or
    a lost answer, is the one that is kept; other amounts from the same form are another call. Raises DomainError for a
    period that is over, for somebody else's team, and where the best case is below the commit.
    """
    now = now or timezone.now()
    day = organisation().today(now)
    if period.until <= day:
        raise DomainError(_("This period is over: its calls stay as they were. Choose one that still runs."))
    if not may_call(actor, team, day):
        raise DomainError(_("Whoever leads a team makes the call on it. Make yours on your own deals or your own team."))
    if best_case < commit:
        raise DomainError(_("The best case holds the commit too, so it cannot be below it."), fields=["best_case"])
    if stored := _kept(client_id):
        known = (stored.owner, stored.team, stored.period, stored.commit, stored.best_case, stored.note)
        if known == (actor, team, period, commit, best_case, note):
            return stored
        client_id = None
    currency = organisation().currency
    said = together(by_owner(judged(actor, team, day), period, currency).values())
    return ForecastCall.objects.create(
        client_id=client_id, owner=actor, team=team, start=period.start, until=period.until, commit=commit,
        best_case=best_case, note=note, at=now,
        currency=currency, closed_then=said.closed, commit_then=said.commit, best_case_then=said.best_case,
        pipeline_then=said.pipeline,
    )  # fmt: skip


def _kept(client_id):
    """The call of this form that is kept already, None for a first one. Of two at once the second waits for the first."""
    if client_id is None:
        return None
    lock_until_commit(f"pipeline.call {client_id}")
    return ForecastCall.objects.filter(client_id=client_id).select_related("owner", "team").first()
