"""Which deals a page shows: read from its address, applied to a queryset, said in words. Every figure links through it."""

from datetime import timedelta
from functools import cached_property

from django import forms
from django.db.models import Exists, OuterRef, Q
from django.db.models.functions import Coalesce
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _lazy

from accounts.family import family_of
from accounts.models import Account
from pipeline.models import Deal, ForecastCategory, GateDebt, Product, Stage, Status
from pipeline.querysets.deals import THEN, InStages, closing_day, next_step_day, size_of
from pipeline.selections.facts import FACT_WORDS, FactFilters
from salesorg.lib.past import OfACorrectedDay
from salesorg.lib.selection import ListSelection
from salesorg.lib.templatetags.salesorg import day as day_words
from salesorg.lib.validators import check_amount
from salesorg.lib.widgets import SMALL, Combobox, day_field
from salesorg.people.models import Membership, Team, User, organisation
from salesorg.people.scope import below
from territories.models import Placement, Territory

ANY = "all"
# In what a deal may differ between two days (pipeline.reports.comparison).
DIFFERENCES = ("new", "came", "gone", "stage", "owner", "amount", "close")


def day_filter(label):
    return day_field(label=label, required=False, css=SMALL)


def amount_field(**kwargs):
    widget = forms.NumberInput({"min": 0, "class": SMALL})
    return forms.DecimalField(required=False, max_digits=20, decimal_places=4, validators=[check_amount], widget=widget, **kwargs)


def person_field(**kwargs):
    return forms.ModelChoiceField(User.objects.none(), required=False, widget=Combobox("people:person_lookup"), **kwargs)


def choice_field(choices):
    return forms.ChoiceField(required=False, choices=[("", "—"), *choices])


def rotting(stages):
    """The condition that a deal has been in its stage, one of the open `stages`, for longer than is normal there."""
    now = timezone.now()
    old = Q(pk=None)
    for stage in stages:
        if stage.status == Status.OPEN and stage.pace.most is not None:
            old |= Q(stage_id=stage.pk, stage_since__lte=now - timedelta(days=stage.pace.most + 1))
    return old


class DealSelection(FactFilters, OfACorrectedDay, ListSelection):
    """The filters of the board, the deal list and the review."""

    status = forms.ChoiceField(required=False, choices=[("", ""), *Status.choices, ("closed", ""), (ANY, "")])
    stage = forms.ModelChoiceField(Stage.objects.none(), required=False)
    owner = forms.CharField(required=False, max_length=20)
    team = forms.ModelChoiceField(Team.objects.none(), required=False)
    product = forms.ModelChoiceField(Product.objects.none(), required=False)
    territory = forms.ModelChoiceField(Territory.objects.none(), required=False, widget=Combobox("territories:territory_lookup"))
    age = forms.ChoiceField(required=False, choices=[("", ""), ("rotting", _lazy("rotting"))])
    pipeline = forms.IntegerField(required=False, min_value=1, max_value=2**31)
    account = forms.ModelChoiceField(Account.objects.none(), required=False)
    family = forms.ModelChoiceField(Account.objects.none(), required=False)
    category = choice_field(ForecastCategory.choices)
    currency = forms.CharField(required=False, max_length=3)
    close_from = day_filter(_lazy("Closing from"))
    close_to = day_filter(_lazy("to"))
    opened_from = day_filter(_lazy("Opened from"))
    opened_to = day_filter(_lazy("to"))
    amount_from = amount_field(label=_lazy("Amount from"))
    amount_to = amount_field(label=_lazy("to"))
    debt = forms.ChoiceField(required=False, choices=[("", ""), ("any", ""), *GateDebt.choices])
    q = forms.CharField(required=False, max_length=100, widget=forms.TextInput({"type": "search", "class": SMALL}))
    compare = day_filter(_lazy("Compare with the end of"))
    differs = forms.ChoiceField(required=False, choices=[("", ""), *((kind, "") for kind in DIFFERENCES)])

    @cached_property
    def person(self):
        """The owner asked for, or None for everybody."""
        owner = self.get("owner")
        if owner == "me":
            return self.user
        if not owner.isdecimal() or len(owner) > 18:
            return None
        return User.objects.visible_to(self.user).filter(pk=owner).first()

    @property
    def compared(self):
        """The two days that are compared, the earlier first; None when only one is looked at."""
        if not (other := self.get("compare")):
            return None
        return tuple(sorted((self.day or self.user.today, min(other, self.user.today))))

    def at(self, day):
        """The same filters as of the end of `day`; the age of a deal in its stage is known of today alone."""
        data = dict(self.besides("as_of", "compare", "differs", "age", "sort", "columns")) | {"as_of": day.isoformat()}
        found = type(self)(data, user=self.user, **self.defaults)
        found.stages, found.teams = self.stages, self.teams  # alike on every day: read once
        if self.get("team"):
            found.members = self.members
        return found

    @property
    def prefix_of_columns(self):
        return THEN if self.day else ""

    @cached_property
    def stages(self):
        """Every stage there is, in order, archived ones too; read once for filters, columns and cards."""
        return list(Stage.objects.visible_to(self.user).select_related("pipeline", "stay").order_by("pipeline", "position"))

    @cached_property
    def stages_in_use(self):
        """Those that were in use on the day that is looked at."""
        moment = organisation().last_moment_of(self.day) if self.day else None
        return [stage for stage in self.stages if stage.in_use_at(moment)]

    @cached_property
    def teams(self):
        """Every team there is; read once for filters and for what is compared by team."""
        return list(Team.objects.visible_to(self.user))

    @cached_property
    def people(self):
        """Ids of the people of the chosen team and all below it, on the day that is looked at; None for everybody."""
        day = self.day or self.user.today
        return {person for person, during in self.members if day in during} if self.get("team") else None

    @cached_property
    def members(self):
        """(person id, days) of everybody who was ever in the chosen team or below it."""
        members = Membership.objects.visible_to(self.user).filter(team__in=self.team_ids)
        return list(members.values_list("user_id", "during"))

    @property
    def team_ids(self):
        """The chosen team and all below it."""
        return below({self.get("team").pk}, self.teams)

    def people_of(self, team):
        """Ids of the people of a team and all below it, on the day that is looked at."""
        teams = below({team.pk}, self.teams)
        day = self.day or self.user.today
        members = Membership.objects.visible_to(self.user).on(day).filter(team__in=teams)
        return set(members.values_list("user_id", flat=True))

    def everything(self):
        """The visible deals there were on the day that is looked at."""
        deals = Deal.objects.visible_to(self.user)
        return deals.as_of(self.day, corrected=self.corrected) if self.day else deals

    def deals(self, *, leave_out=(), proven=False):
        """The visible deals that pass the filters, except those named in `leave_out`.

        `proven`: what is counted of them shows by itself that there was the deal on the day that is looked at, so that its
        state on that day is read only where a filter asks for it.
        """
        chosen = Q()
        for name in self.fields.keys() - set(leave_out):
            value = self.get(name)
            filter_by = getattr(self, f"by_{name}", None)
            if value not in ("", None) and filter_by:
                chosen &= filter_by(value)
        asks = {name for name in chosen.referenced_base_fields if name.startswith(THEN)}
        deals = Deal.objects.visible_to(self.user) if proven and not asks else self.everything()
        if "debt" not in leave_out and (debt := self.get("debt")):
            deals = deals.exclude(gate_debt=[]) if debt == "any" else deals.filter(gate_debt__contains=[debt])
        if not proven and (self.get("sort") or self.get("q")):
            deals = self._with_order_columns(deals)
        return deals.filter(chosen)

    def column(self, name):
        return f"{self.prefix_of_columns}{name}"

    def by_status(self, status):
        if status == ANY:
            return Q()
        wanted = {Status.WON, Status.LOST} if status == "closed" else {status}
        if not self.day:
            return Q(status__in=wanted)
        stages = [stage.pk for stage in self.stages if stage.status in wanted]
        found = Q(then_stage_id__in=stages)
        return found & Q(InStages("then_stage_id", stages)) if wanted == {Status.OPEN} and not self.corrected else found

    def by_stage(self, stage):
        return Q(**{self.column("stage_id"): stage.pk})

    def by_owner(self, owner):
        if owner == ANY:
            return Q()
        return Q(**{self.column("owner_id"): self.person.pk}) if self.person else Q(pk=None)

    def by_team(self, _team):
        """Open deals of who is in the team on the day that is looked at; closed ones of who was in it when they closed."""
        owner, closed_on = self.column("owner_id"), Coalesce(OuterRef(self.column("close_date")), self.user.today)
        then = Membership.objects.visible_to(self.user).filter(team__in=self.team_ids, user=OuterRef(owner))
        ours = self.by_status(Status.OPEN) & Q(**{f"{owner}__in": self.people})
        ours |= self.by_status("closed") & Q(Exists(then.filter(during__contains=closed_on)))
        # Said once more of both: so the index on the owner is of use, and nothing else is read of a small team's deals.
        return ours & Q(**{f"{owner}__in": {person for person, _during in self.members}})

    def by_product(self, product):
        return Q(product=product)

    def by_territory(self, territory):
        """Deals of the accounts that lay in the territory, or in one below it, on the day that is looked at."""
        within = below({territory.pk}, Territory.objects.visible_to(self.user).filter(force=territory.force_id))
        placed = Placement.objects.visible_to(self.user).on(self.day or self.user.today).filter(territory__in=within)
        return Q(account__in=placed.values("account"))

    def by_age(self, _rotting):
        """Deals that have been in their stage for longer than nine of ten that left it; how old one was then is not kept."""
        if self.day:
            return Q()
        return rotting(self.stages)

    def by_pipeline(self, pipeline):
        return Q(pipeline_id=pipeline)

    def by_account(self, account):
        return Q(account=account)

    def by_family(self, account):
        return Q(account__in=[member.account.pk for member in family_of(self.user, account)])

    def by_category(self, category):
        return Q(**{self.column("forecast_category"): category})

    def by_currency(self, currency):
        return Q(currency=currency.upper())

    def by_close_from(self, day):
        return Q(**{f"{self.column('close_date')}__gte": day})

    def by_close_to(self, day):
        return Q(**{f"{self.column('close_date')}__lte": day})

    def closing_before(self, day):
        return Q(**{f"{self.column('close_date')}__lt": day})

    def by_opened_from(self, day):
        return Q(opened_on__gte=day)

    def by_opened_to(self, day):
        return Q(opened_on__lte=day)

    def by_amount_from(self, amount):
        return Q(**{f"{self.column('amount')}__gte": amount})

    def by_amount_to(self, amount):
        return Q(**{f"{self.column('amount')}__lte": amount})

    def by_q(self, text):
        accounts = Account.objects.visible_to(self.user).matching(text).values("pk")
        return Q(pk__in=Deal.objects.visible_to(self.user).matching(text).values("pk")) | Q(account_id__in=accounts)

    def _with_order_columns(self, deals):
        return deals.annotate(
            size=size_of(self.column("amount")), closes=closing_day(self.column("close_date")), due=next_step_day()
        )

    def _said_words(self):
        kinds = {"open": _("Open deals"), "won": _("Won deals"), "lost": _("Lost deals"), "closed": _("Won and lost deals")}
        words = [kinds.get(self.get("status"), _("All deals"))]
        owner = self.get("owner")
        if self.person:
            words.append(_("of %(name)s") % {"name": self.person})
        elif owner and owner != ANY:
            words.append(_("of nobody"))
        if pipeline := next((stage.pipeline for stage in self.stages if stage.pipeline_id == self.get("pipeline")), None):
            words.append(_("in the pipeline %(name)s") % {"name": pipeline})
        for name, pattern in WORDS.items():
            if (value := self.get(name)) and not (name == "age" and self.day):
                words.append(str(pattern) % {"value": self._said(name, value)})
        return words

    @property
    def words(self):
        """What is shown, in a sentence."""
        pattern = _("as of the end of %(day)s, with later corrections") if self.corrected else _("as of the end of %(day)s")
        day = [pattern % {"day": day_words(self.day)}] if self.day else []
        return " ".join([*self._said_words(), *day])

    @property
    def plain_words(self):
        """The same without the day."""
        return " ".join(self._said_words())

    @property
    def alone(self):
        """The query string of the one day, without the other."""
        return self.query(compare=None, differs=None)

    def _said(self, name, value):
        told = {"category", "debt", "age", "size", "without", "reached"}
        choices = dict(getattr(self.fields[name], "choices", ())) if name in told else {}
        said = choices.get(value, value)
        return str(said) if isinstance(said, Promise) else said


WORDS = {
    "family": _lazy("at %(value)s and all that belongs together with it"),
    "team": _lazy("in team %(value)s"),
    "territory": _lazy("in the territory %(value)s"),
    "age": _lazy("that are %(value)s"),
    "stage": _lazy("in %(value)s"),
    "category": _lazy("forecast as %(value)s"),
    "product": _lazy("for %(value)s"),
    "account": _lazy("with %(value)s"),
    "currency": _lazy("in %(value)s"),
    **FACT_WORDS,
    "close_from": _lazy("closing from %(value)s"),
    "close_to": _lazy("closing until %(value)s"),
    "opened_from": _lazy("opened from %(value)s"),
    "opened_to": _lazy("opened until %(value)s"),
    "amount_from": _lazy("of at least %(value)s"),
    "amount_to": _lazy("of at most %(value)s"),
    "q": _lazy("matching “%(value)s”"),
}
