"""Which leads a page shows: read from its address, applied to a queryset. Every figure links through it."""

from django import forms
from django.db.models import Q
from django.utils.translation import gettext_lazy as _lazy

from accounts.measures import members_of
from pipeline.models import Campaign, Lead, Source, Status
from pipeline.selections.deals import day_filter, person_field
from pipeline.services.response import unanswered, unanswered_on
from salesorg.lib.past import OfADay
from salesorg.lib.selection import ListSelection, Selection
from salesorg.people.models import Team, User

OUTCOME, SDR, SELLER = "outcome", "sdr_id", "seller_id"


class LeadSelection(OfADay, ListSelection):
    """The filters of the list of leads."""

    outcome = forms.ChoiceField(required=False, choices=[("", ""), *Lead.Outcome.choices, ("won", "")])
    source = forms.ModelChoiceField(Source.objects.none(), required=False)
    campaign = forms.ModelChoiceField(Campaign.objects.none(), required=False)
    landing_page = forms.CharField(required=False, max_length=200)
    sdr = person_field(label=_lazy("SDR"))
    team = forms.ModelChoiceField(Team.objects.none(), required=False, label=_lazy("SDR of team"))
    seller = person_field(label=_lazy("Handed to"))
    first_from = day_filter(_lazy("First contact from"))
    first_to = day_filter(_lazy("to"))
    mine = forms.ChoiceField(required=False, choices=[("", ""), ("1", ""), ("0", "")])

    def column(self, name):
        """The name under which leads() brings a column as it was on the day that is looked at."""
        return f"then_{name}" if self.day else name

    @property
    def won(self):
        """The condition that the deal of a lead is won."""
        return Q(then_won=True) if self.day else Q(deal__status=Status.WON)

    def with_outcome(self, outcome):
        return self.won if outcome == "won" else Q(**{self.column(OUTCOME): outcome})

    def leads(self):
        """The visible leads that pass the filters."""
        leads = Lead.objects.visible_to(self.user)
        if self.day:
            leads = leads.as_of(self.day)
        sdr, seller, me = self.column(SDR), self.column(SELLER), self.user.pk
        if mine := self.get("mine"):
            free = Q(**{f"{sdr}__isnull": True}) & self.with_outcome(Lead.Outcome.OPEN)
            leads = leads.filter(Q(**{sdr: me}) | Q(**{seller: me}) if mine == "1" else free)
        if team := self.get("team"):
            leads = leads.filter(**{f"{sdr}__in": members_of(team, self.day or self.user.today)})
        if outcome := self.get("outcome"):
            leads = leads.filter(self.with_outcome(outcome))
        columns = {
            "source": "source_id",
            "campaign": "campaign_id",
            "landing_page": "landing_page",
            "sdr": sdr,
            "seller": seller,
            "first_from": "first_contact_on__gte",
            "first_to": "first_contact_on__lte",
        }
        asked = {column: self.get(name) for name, column in columns.items() if self.get(name)}
        return leads.filter(**{column: getattr(value, "pk", value) for column, value in asked.items()})

    def as_they_stood(self, leads):
        """`leads`, wearing what they were on the day that is looked at. To be shown, never to be saved."""
        if self.day:
            people = {pk for lead in leads for pk in (lead.then_sdr_id, lead.then_seller_id) if pk}
            known = User.objects.visible_to(self.user).in_bulk(people)
            for lead in leads:
                lead.outcome, lead.sdr, lead.seller = (
                    lead.then_outcome,
                    known.get(lead.then_sdr_id),
                    known.get(lead.then_seller_id),
                )
                if lead.deal:
                    lead.deal.status = Status.WON if lead.then_won else Status.OPEN
        return leads


class QueueSelection(OfADay, Selection):
    """Whose leads the queue shows, and on which day."""

    whose = forms.ChoiceField(
        required=False, choices=[("mine", _lazy("Mine")), ("free", _lazy("Nobody's")), ("all", _lazy("Everybody's"))]
    )

    def leads(self, whose):
        """The visible leads that wait, or waited on the day that is looked at, for their first answer."""
        leads, sdr = Lead.objects.visible_to(self.user), SDR
        if self.day:
            leads, sdr = leads.as_of(self.day), f"then_{SDR}"
        chosen = {"mine": Q(**{sdr: self.user.pk}), "free": Q(**{f"{sdr}__isnull": True}), "all": Q()}
        return (unanswered_on(leads, self.moment) if self.day else unanswered(leads)).filter(chosen[whose])
