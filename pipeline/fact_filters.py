"""Filters of deals by what is known around them: their lead's source, their account's sector and size, who else was there."""

from django import forms
from django.db.models import Exists, OuterRef, Q
from django.utils.translation import gettext_lazy as _

from accounts.models import Competitor, Sighting
from accounts.querysets import account_filter
from salesorg.people.models import Membership

from .models import Source, Status
from .querysets import lead_filter

# Employees: (key in the address, fewest, most, words). None: without a limit.
SIZES = (
    ("1-49", 1, 49, _("Fewer than 50 employees")),
    ("50-249", 50, 249, _("50–249 employees")),
    ("250-999", 250, 999, _("250–999 employees")),
    ("1000-4999", 1_000, 4_999, _("1,000–4,999 employees")),
    ("5000", 5_000, None, _("5,000 employees and more")),
)
WITHOUT = (
    ("product", _("without a product")),
    ("source", _("that came from no lead")),
    ("sector", _("whose sector is not known")),
    ("size", _("whose size is not known")),
    ("competitor", _("where no competitor was seen")),
    ("team", _("of people in no team")),
)
FACT_WORDS = {
    "source": _("from %(value)s"),
    "sector": _("in the sector %(value)s"),
    "size": _("with %(value)s"),
    "competitor": _("where %(value)s was seen"),
    "without": "%(value)s",
}


def employees_between(fewest, most, column="account__employees"):
    condition = Q(**{f"{column}__gte": fewest})
    return condition & Q(**{f"{column}__lte": most}) if most else condition


class FactFilters(forms.Form):
    """The part of DealSelection that asks other tables. What the reader may not see there counts as not known."""

    source = forms.ModelChoiceField(Source.objects.none(), required=False, label=_("Source"))
    sector = forms.CharField(required=False, max_length=100, label=_("Sector"))
    size = forms.ChoiceField(required=False, choices=[("", "—"), *((key, words) for key, _few, _most, words in SIZES)])
    competitor = forms.ModelChoiceField(Competitor.objects.none(), required=False, label=_("Competitor"))
    without = forms.ChoiceField(required=False, choices=[("", "—"), *WITHOUT])

    def by_source(self, source):
        return Q(lead__source=source) & self.seen_leads

    def by_sector(self, sector):
        return Q(account__industry=sector) & self.seen_accounts

    def by_size(self, size):
        fewest, most = next((few, most) for key, few, most, _words in SIZES if key == size)
        return employees_between(fewest, most) & self.seen_accounts

    def by_competitor(self, competitor):
        return self._seen(competitor=competitor)

    def by_without(self, fact):
        return {
            "product": lambda: Q(product=None),
            "source": lambda: ~(Q(lead__isnull=False) & self.seen_leads),
            "sector": lambda: ~(Q(account__industry__gt="") & self.seen_accounts),
            "size": lambda: ~(Q(account__employees__gte=1) & self.seen_accounts),
            "competitor": lambda: ~self._seen(),
            "team": lambda: ~Q(**{f"{self.column('owner_id')}__in": self.in_teams()}),
        }[fact]()

    @property
    def seen_leads(self):
        return lead_filter(self.user, "lead__")

    @property
    def seen_accounts(self):
        return account_filter(self.user, "account_id")

    def _seen(self, **which):
        """That a visible sighting lies between the opening of the deal and its closing, or after the opening while it is open."""
        since = Sighting.objects.visible_to(self.user).filter(
            account=OuterRef("account_id"), seen_on__gte=OuterRef("opened_on"), **which
        )
        until = since.filter(seen_on__lte=OuterRef(self.column("close_date")))
        return Q(Exists(until)) | self.by_status(Status.OPEN) & Q(Exists(since))

    def in_teams(self):
        """Ids of everybody who is in some team on the day that is looked at."""
        return Membership.objects.visible_to(self.user).on(self.day or self.user.today).values("user_id")
