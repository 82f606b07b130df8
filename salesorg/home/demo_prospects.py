"""The demo's call list: prospects that an SDR works through, some of them called already."""

from datetime import timedelta

from django.utils.translation import gettext as _

from accounts.models import Account
from accounts.services import log_activity
from pipeline.models import DisqualificationReason, Source
from pipeline.services import prospects
from salesorg.lib.acting import acting

SIZE = 14


def fill_prospects(people, now):
    """A list of the SDR, shared with a seller of the same pod; the first few are worked. `people` as {key: User}."""
    sol, rita = people["sol"], people["rita"]
    seen = Account.objects.visible_to(sol).filter(lifecycle=Account.Lifecycle.PROSPECT)
    keys = list(prospects.wanted(seen).order_by("name", "pk").values_list("pk", flat=True)[:SIZE])
    if not keys:
        return
    with acting(sol, "demo"):
        chosen = Account.objects.filter(pk__in=keys)
        made, _count = prospects.create_list(name=_("Autumn calls"), accounts=chosen, owner=sol, shared_with=rita, actor=sol)
        decisions = (
            lambda row: _called(row, sol, "well", next_kind="meeting", next_on=sol.today + timedelta(days=3)),
            lambda row: _called(row, sol, "not_there"),
            lambda row: prospects.put_off(
                prospect=row, until=sol.today + timedelta(days=60), note=_("Budget in the new year"), actor=sol
            ),
            lambda row: prospects.rule_out(prospect=row, reason=DisqualificationReason.objects.first(), actor=sol),
            lambda row: prospects.make_lead(prospect=row, source=Source.objects.earliest("pk"), actor=sol),
        )
        for decide in decisions:
            row = prospects.take_next(record=made, actor=sol)
            if row is not None:
                decide(row)


def _called(row, sol, outcome, **following):
    contact = row.account.contacts.filter(do_not_contact=False, left_on=None).order_by("pk").first()
    activity = log_activity(account=row.account, kind="call", contact=contact, outcome=outcome, actor=sol, **following)
    prospects.note_activity(activity=activity, key=row.pk, actor=sol)
