"""Which handoffs a page shows or counts: read from its address, so that every figure links to exactly its rows."""

from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from django import forms
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _lazy

from accounts.measures import members_of
from pipeline.models import Handoff, Pipeline, Product
from pipeline.querysets.handoffs import THEN
from pipeline.selections.deals import day_filter, person_field
from salesorg.lib.past import OfADay
from salesorg.lib.selection import Selection
from salesorg.lib.templatetags.salesorg import day
from salesorg.people.models import Team, User
from salesorg.people.roles import Role

CHURN = timedelta(days=90)
NO_PRODUCT = "none"
TAKEN = Q(state__in=["accepted", "challenged", "disqualified"])  # what was ever accepted
OPEN_DEAL, WON_DEAL = Q(status_then="open"), Q(status_then="won")


def old_enough(now):
    """Customers whose first ninety days are over, or who were lost in them."""
    return TAKEN & WON_DEAL & (Q(decided_at__lte=now - CHURN) | Q(churned_on__isnull=False))


# What is counted: (words, condition); those that need the clock are functions of it.
COUNTED = {
    "offered": (_lazy("Offered"), Q()),
    "waiting": (_lazy("Waiting"), Q(state="offered")),
    "accepted": (_lazy("Accepted"), TAKEN),
    "returned": (_lazy("Returned"), Q(state="returned")),
    "withdrawn": (_lazy("Withdrawn"), Q(state="withdrawn")),
    "decided": (_lazy("Decided"), TAKEN | Q(state="returned")),
    "disqualified": (_lazy("Disqualified"), Q(state="disqualified")),
    "contacted": (_lazy("With a first contact"), Q(contact_at__isnull=False)),
    "silent": (_lazy("Without a first contact"), TAKEN & Q(contact_at__isnull=True)),
    "won": (_lazy("Won"), TAKEN & OPEN_DEAL & Q(deal__status="won")),
    "lost": (_lazy("Lost"), TAKEN & OPEN_DEAL & Q(deal__status="lost")),
    "closed": (_lazy("Won or lost"), TAKEN & OPEN_DEAL & Q(deal__status__in=["won", "lost"])),
    "kept": (_lazy("Customers whose first 90 days are over"), old_enough),
    "churned": (_lazy("Customers lost in their first 90 days"), TAKEN & WON_DEAL & Q(churned_on__isnull=False)),
    "overdue": (_lazy("Overdue"), lambda now: Q(state="offered", decide_by__lte=now)),
}
ROLES = [("", "—"), *((str(int(role)), role.label) for role in Role)]


def as_it_stood(condition):
    """The same condition asked of a past day: of the columns that HandoffQuerySet.as_of brings."""
    parts = [as_it_stood(part) if isinstance(part, Q) else (_then(part[0]), part[1]) for part in condition.children]
    return Q.create(parts, condition.connector, condition.negated)


def _then(lookup):
    """The name of a lookup of a past day: "state__in" → "then_state__in"."""
    name = next((name for name in THEN if lookup == name or lookup.startswith(f"{name}__")), None)
    return THEN[name] + lookup.removeprefix(name) if name else lookup


class ProductField(forms.ModelChoiceField):
    """A product, or that there is none."""

    def __init__(self, **kwargs):
        super().__init__(Product.objects.none(), **kwargs)

    def to_python(self, value):
        return NO_PRODUCT if value == NO_PRODUCT else super().to_python(value)


class HandoffSelection(OfADay, Selection):
    """The filters of the list of handoffs and of its figures."""

    what = forms.ChoiceField(required=False, choices=[("", ""), *((name, "") for name in COUNTED)])
    giver = person_field(label=_lazy("From"))
    taker = person_field(label=_lazy("To"))
    giver_role = forms.ChoiceField(required=False, choices=ROLES)
    taker_role = forms.ChoiceField(required=False, choices=ROLES)
    team = forms.ModelChoiceField(Team.objects.none(), required=False, label=_lazy("Team"))
    reason = forms.CharField(required=False, max_length=100)
    first = day_filter(_lazy("Offered from"))
    last = day_filter(_lazy("to"))
    pipeline = forms.ModelChoiceField(Pipeline.objects.none(), required=False, label=_lazy("Pipeline"))
    product = ProductField(required=False, label=_lazy("Product"))
    by = forms.ChoiceField(required=False, choices=[(by, "") for by in ("", "people", "roles", "pipelines", "products")])

    def handoffs(self):
        """The visible handoffs that pass the filters; those to oneself are in no list and no figure."""
        rows = Handoff.objects.visible_to(self.user).counted()
        if self.day:
            rows = rows.as_of(self.day)
        taker = self.column("taker")
        for name in ("giver", "giver_role", "taker_role", "reason"):
            if value := self.get(name):
                rows = rows.filter(**{name: value})
        if value := self.get("taker"):
            rows = rows.filter(**{taker: value.pk})
        if team := self.get("team"):
            members = members_of(team, self.day or self.user.today)
            rows = rows.filter(Q(giver__in=members) | Q(**{f"{taker}__in": members}))
        if pipeline := self.get("pipeline"):
            rows = rows.filter(deal__pipeline=pipeline)
        if product := self.get("product"):
            rows = rows.filter(deal__product=None if product == NO_PRODUCT else product)
        zone = ZoneInfo(self.user.organisation.time_zone)
        if first := self.get("first"):
            rows = rows.filter(offered_at__gte=datetime.combine(first, time(0), zone))
        if last := self.get("last"):
            rows = rows.filter(offered_at__lt=datetime.combine(last + timedelta(days=1), time(0), zone))
        if what := self.get("what"):
            rows = rows.filter(self.condition(what))
        return rows

    def column(self, name):
        """The name under which handoffs() brings a column as it was on the day that is looked at."""
        return THEN.get(name, name) if self.day else name

    def condition(self, name):
        """The Q of one thing that is counted."""
        found = COUNTED[name][1]
        found = found(self.moment if self.day else timezone.now()) if callable(found) else found
        return as_it_stood(found) if self.day else found

    def as_they_stood(self, handoffs):
        """`handoffs`, wearing what they were on the day that is looked at. To be shown, never to be saved."""
        if self.day:
            takers = User.objects.visible_to(self.user).in_bulk({each.then_taker_id for each in handoffs if each.then_taker_id})
            for each in handoffs:
                each.state, each.decided_at, each.taker = each.then_state, each.then_decided_at, takers.get(each.then_taker_id)
                each.reason = each.reason if each.decided_at else ""
        return handoffs

    @property
    def words(self):
        """What is shown, in a sentence."""
        words = [str(COUNTED[self.get("what")][0]) if self.get("what") else _("All handoffs")]
        if self.get("giver"):
            words.append(_("from %(name)s") % {"name": self.get("giver")})
        if self.get("taker"):
            words.append(_("to %(name)s") % {"name": self.get("taker")})
        roles = dict(ROLES)
        if self.get("giver_role"):
            words.append(_("from %(name)s") % {"name": roles[self.get("giver_role")]})
        if self.get("taker_role"):
            words.append(_("to %(name)s") % {"name": roles[self.get("taker_role")]})
        if self.get("team"):
            words.append(_("with team %(name)s") % {"name": self.get("team")})
        if self.get("pipeline"):
            words.append(_("in the pipeline %(name)s") % {"name": self.get("pipeline")})
        if product := self.get("product"):
            words.append(_("without a product") if product == NO_PRODUCT else _("for %(name)s") % {"name": product})
        if self.get("reason"):
            words.append(f"“{self.get('reason')}”")
        if self.get("first"):
            words.append(_("offered from %(day)s") % {"day": day(self.get("first"))})
        if self.get("last"):
            words.append(_("until %(day)s") % {"day": day(self.get("last"))})
        return " ".join(str(word) for word in words)
