"""Filters of deals by what is known around them: their lead's source, their account's sector and size, who else was there."""

from datetime import date

from django import forms
from django.db.models import Exists, OuterRef, Q
from django.utils.translation import gettext_lazy as _

from accounts.models import Competitor, Sighting
from accounts.querysets.accounts import account_filter
from pipeline.models import Source, Stage, Status
from pipeline.querysets.deals import lead_filter
from pipeline.reports.conversion import Entries
from salesorg.lib.widgets import SMALL, day_field
from salesorg.people.models import Membership, Team, User

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
REACHED_WORDS = (
    ("yes", _("that went on from there")),
    ("no", _("that have not gone on from there")),
    ("won", _("that were won")),
)
FACT_WORDS = {
    "source": _("from %(value)s"),
    "sector": _("in the sector %(value)s"),
    "size": _("with %(value)s"),
    "competitor": _("where %(value)s was seen"),
    "without": "%(value)s",
    "entered": _("that entered %(value)s"),
    "entered_from": _("from %(value)s"),
    "entered_to": _("until %(value)s"),
    "left": _("that left %(value)s"),
    "left_from": _("from %(value)s"),
    "left_to": _("until %(value)s"),
    "entered_by": _("when they were %(value)s's"),
    "entered_team": _("when they were of team %(value)s"),
    "reached": "%(value)s",
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
    entered = forms.ModelChoiceField(Stage.objects.none(), required=False, label=_("Entered"))
    entered_from = day_field(label=_("Entered from"), required=False, css=SMALL)
    entered_to = day_field(label=_("to"), required=False, css=SMALL)
    entered_by = forms.ModelChoiceField(User.objects.none(), required=False, label=_("Owner as of entering"))
    entered_team = forms.ModelChoiceField(Team.objects.none(), required=False, label=_("Team as of entering"))
    left = forms.ModelChoiceField(Stage.objects.none(), required=False, label=_("Left"))
    left_from = day_field(label=_("Left from"), required=False, css=SMALL)
    left_to = day_field(label=_("to"), required=False, css=SMALL)
    reached = forms.ChoiceField(required=False, choices=[("", "—"), *REACHED_WORDS])

    def by_source(self, source):
        return Q(lead__source=source) & self.seen_leads

    def by_sector(self, sector):
        return Q(account__industry=sector) & self.seen_accounts

    def by_size(self, size):
        fewest, most = next((few, most) for key, few, most, _words in SIZES if key == size)
        return employees_between(fewest, most) & self.seen_accounts

    def by_competitor(self, competitor):
        return self._seen(competitor=competitor)

    def by_entered(self, stage):
        """The deals whose entry into a stage counts in stage conversion: the very rows of a cohort."""
        return self._entries(stage, "entered").entered(stage, self.get("reached"))

    def by_left(self, stage):
        """The deals of which a stay in the stage ended: the very rows behind its days."""
        return self._entries(stage, "left").left(stage)

    def _entries(self, stage, what):
        owners = self.people_of(self.get("entered_team")) if self.get("entered_team") else None
        if person := self.get("entered_by"):
            owners = {person.pk} if owners is None else owners & {person.pk}
        return Entries(
            place=self.user.organisation,
            stages=[each for each in self.stages if each.pipeline_id == stage.pipeline_id],
            first=self.get(f"{what}_from") or date(1900, 1, 2),
            last=self.get(f"{what}_to") or self.user.today,
            owners=owners,
            day=self.day,
        )

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
