"""The kinds of exit criteria that deals, their checklists, activities and contacts can meet."""

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from accounts.models import Activity, Contact
from pipeline.querysets.proposals import OUT, WRITING

from . import criteria
from .models import DealActivity, ProposalVersion, Tick

CHECK, FIELD, ACTIVITY, CONTACT, PROPOSAL = "check", "field", "activity", "contact", "proposal"

# Facts of a deal beyond those that every deal needs: what is true of one that has it, and how that is seen.
FACTS = {
    "amount": (_("The amount is more than zero"), lambda deal: bool(deal.amount)),
    "product": (_("A product is chosen"), lambda deal: deal.product_id is not None),
}
HELD = {
    Activity.Kind.VISIT: _("A visit was made"),
    Activity.Kind.CALL: _("A call was made"),
    Activity.Kind.MEETING: _("A meeting was held"),
    Activity.Kind.NEEDS_ANALYSIS: _("A needs analysis was held"),
    Activity.Kind.DEMO: _("A demo was held"),
    Activity.Kind.PROPOSAL_MEETING: _("A proposal meeting was held"),
}
PROPOSED = {"sent": _("A proposal was sent"), "accepted": _("A proposal was accepted")}
KNOWN = {
    Contact.DecisionRole.DECIDER: _("It is known who decides"),
    Contact.DecisionRole.BUDGET: _("It is known who holds the budget"),
    Contact.DecisionRole.USER: _("It is known who will use it"),
}


def register_all():
    """Called in AppConfig.ready."""
    criteria.register(
        criteria.Kind(CHECK, _("A sentence to tick"), says=lambda value: value, met=_ticked, where=_checklist),
    )
    criteria.register(
        criteria.Kind(
            FIELD,
            _("A fact of the deal"),
            says=lambda value: FACTS[value][0] if value in FACTS else value,
            met=_filled,
            where=lambda deal, value: f"{reverse('pipeline:deal_edit', args=[deal.pk])}#id_{value}",
            choices=lambda: [(value, words) for value, (words, _has) in FACTS.items()],
            in_memory=True,
            fields=lambda value: (value,),
        )
    )
    criteria.register(
        criteria.Kind(
            ACTIVITY,
            _("An activity"),
            says=lambda value: HELD.get(value, value),
            met=_held,
            where=_log,
            choices=lambda: [*HELD.items()],
        )
    )
    criteria.register(
        criteria.Kind(
            CONTACT,
            _("A person at the account"),
            says=lambda value: KNOWN.get(value, value),
            met=_known,
            where=_who,
            choices=lambda: [*KNOWN.items()],
        )
    )
    criteria.register(
        criteria.Kind(
            PROPOSAL,
            _("A proposal"),
            says=lambda value: PROPOSED.get(value, value),
            met=_proposed,
            where=_propose,
            choices=lambda: [*PROPOSED.items()],
        )
    )


def _ticked(deals, asked):
    ticks = Tick.objects.filter(deal__in=[deal.pk for deal in deals], criterion__in=[each.pk for each in asked])
    return set(ticks.values_list("deal_id", "criterion_id"))


def _filled(deals, asked):
    return {(deal.pk, each.pk) for deal in deals for each in asked if each.value in FACTS and FACTS[each.value][1](deal)}


def _held(deals, asked):
    """Activities about the deal that are done, and where somebody was there."""
    links = DealActivity.objects.filter(
        deal__in=[deal.pk for deal in deals],
        activity__kind__in={each.value for each in asked},
        activity__done_at__isnull=False,
    ).exclude(activity__outcome=Activity.Outcome.NOT_THERE)
    return _pairs(links.values_list("deal_id", "activity__kind").distinct(), asked)


def _known(deals, asked):
    accounts = {deal.account_id for deal in deals} - {None}
    contacts = Contact.objects.filter(
        account__in=accounts, decision_role__in={each.value for each in asked}, left_on__isnull=True
    )
    found = set(contacts.values_list("account_id", "decision_role").distinct())
    return {(deal.pk, each.pk) for deal in deals for each in asked if (deal.account_id, each.value) in found}


def _proposed(deals, asked):
    """Sent is what went out and was not taken back; whether it was rejected is another matter."""
    issued = ProposalVersion.objects.issued().filter(deal__in=[deal.pk for deal in deals]).exclude(state="withdrawn")
    states = issued.order_by().values_list("deal_id", "state").distinct()
    found = {(deal, what) for deal, state in states for what in ("sent", state)}
    return {(deal.pk, each.pk) for deal in deals for each in asked if (deal.pk, each.value) in found}


def _pairs(found, asked):
    by_value = {}
    for each in asked:
        by_value.setdefault(each.value, []).append(each.pk)
    return {(deal, key) for deal, value in found for key in by_value[value]}


def _checklist(deal, value):
    return f"{deal.get_absolute_url()}#criteria"


def _who(deal, value):
    """Where the people of the account stand, to say of one who they are."""
    return reverse("accounts:account_detail", args=[deal.account_id]) + "#contacts" if deal.account_id else ""


def _propose(deal, value):
    """Its proposal that is furthest on its way there, else where one is written."""
    ways = OUT + WRITING if value == "accepted" else WRITING
    begun = ProposalVersion.objects.latest().filter(deal=deal, state__in=ways).select_related("proposal")
    furthest = max(begun, key=lambda version: (version.state in OUT, version.pk), default=None)
    return furthest.proposal.get_absolute_url() if furthest else reverse("pipeline:proposal_new", args=[deal.pk])


def _log(deal, value):
    about = {"account": deal.account_id or "", "deal": deal.pk, "kind": value, "next": deal.get_absolute_url()}
    return reverse("accounts:visit_log", query=about)
