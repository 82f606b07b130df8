"""The gates: the one place that refuses a deal which lacks what its status or the stages it leaves demand."""

from collections import defaultdict

from django.db import transaction
from django.utils import timezone
from django.utils.text import get_text_list
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from pipeline.criteria import kind_of
from pipeline.engine import stages
from pipeline.exit_facts import CHECK
from pipeline.models import Criterion, Deal, DealVersion, GateDebt, GateOverride, Stage, Status, Tick
from salesorg.lib.errors import DomainError
from salesorg.people.roles import Action

WORDS = {
    GateDebt.ACCOUNT: gettext_lazy("an account"),
    GateDebt.AMOUNT: gettext_lazy("an amount"),
    GateDebt.CLOSE_DATE: gettext_lazy("a close date"),
    GateDebt.NEXT_STEP: gettext_lazy("a next step with its date"),
    GateDebt.LOSS_REASON: gettext_lazy("a loss reason"),
}
SENTENCES = {
    Status.OPEN: gettext_lazy("An open deal needs %(facts)s."),
    Status.WON: gettext_lazy("A won deal needs %(facts)s."),
    Status.LOST: gettext_lazy("A lost deal needs %(facts)s."),
}


def lacks(deal, stage=None):
    """Codes of what `deal` lacks for its status, or to enter `stage`; an import of history notes them in `gate_debt`."""
    facts = {
        "account": deal.account_id,
        "amount": deal.amount,
        "close_date": deal.close_date,
        "next_step": deal.next_step,
        "next_step_on": deal.next_step_on,
        "loss_reason": deal.loss_reason_id,
    }
    status = deal.status
    if stage:  # what the move itself brings
        facts["close_date"] = stages.close_date_on_move(deal.status, stage.status, deal.close_date, True)
        status = stage.status
    return stages.missing(status, facts)


def refusal(status, codes):
    """What a deal of `status` needs, in a sentence; empty when nothing is missing."""
    facts = get_text_list([str(WORDS[code]) for code in codes], _("and"))
    return SENTENCES[status] % {"facts": facts} if codes else ""


def check_gates(deal):
    """Refuse `deal` when it lacks what its status demands, naming the fields; one that passes owes nothing any more."""
    codes = lacks(deal)
    if codes:
        raise DomainError(refusal(deal.status, codes), fields=stages.fields_of(codes))
    deal.gate_debt = []


class Exits:
    """The exit criteria of the stages that `deals` may leave, and which of them each deal meets.

    Read once, in a fixed number of queries for any number of deals; then asked of each of them. `ticked` are the
    (deal's key, criterion's key) of the checklists when whoever calls has them already.
    """

    def __init__(self, deals, ticked=None):
        self.deals = deals = list(deals)
        pipelines = {deal.pipeline_id for deal in deals}
        self.stages = {stage.pk: stage for stage in Stage.objects.filter(pipeline__in=pipelines).order_by("position")}
        self.criteria = defaultdict(list)
        for criterion in Criterion.objects.filter(stage__in=self.stages):
            self.criteria[criterion.stage_id].append(criterion)
        self.last_open = self._last_open(deals) if self.criteria else {}
        self._met = {} if ticked is None else {CHECK: ticked}  # {code of a kind: what of it is met}, read when it is asked for

    def of_stage(self, stage):
        """The criteria of a stage, in order."""
        return self.criteria.get(stage.pk, [])

    def asked(self, deal, stage):
        """The criteria that `deal`, as it stands, must meet to enter `stage`."""
        before, after = self._begins(deal), self.stages.get(stage.pk)
        if before is None or after is None:
            return []
        steps = [stage.step for stage in self.stages.values()]
        return [
            criterion for key in stages.left_behind(steps, before.step, after.step) for criterion in self.criteria.get(key, ())
        ]

    def unmet(self, deal, asked):
        """Those of the criteria `asked` that `deal`, with what it carries in memory, does not meet."""
        return [criterion for criterion in asked if (deal.pk, criterion.pk) not in self._met_of(criterion, deal)]

    def _met_of(self, criterion, deal):
        kind = kind_of(criterion.kind)
        if kind.in_memory:
            return kind.met([deal], [criterion])
        if kind.code not in self._met:
            alike = [each for criteria in self.criteria.values() for each in criteria if each.kind == kind.code]
            self._met[kind.code] = kind.met([each for each in self.deals if each.pk], alike)
        return self._met[kind.code]

    def _begins(self, deal):
        """The stage that a move of `deal` begins in: of a lost one where it was last open, of a new one the first."""
        first = next((stage for stage in self.stages.values() if stage.status == Status.OPEN), None)
        if not deal.stage_id:
            return first
        if deal.status == Status.LOST:
            return self.stages.get(self.last_open.get(deal.pk), first)
        return self.stages[deal.stage_id]

    def _last_open(self, deals):
        lost = [deal.pk for deal in deals if deal.pk and deal.status == Status.LOST]
        if not lost:
            return {}
        open_stages = [stage.pk for stage in self.stages.values() if stage.status == Status.OPEN]
        versions = DealVersion.objects.filter(deal__in=lost, stage__in=open_stages)
        return dict(versions.order_by("deal_id", "-during").distinct("deal_id").values_list("deal_id", "stage_id"))


def exit_refusal(deal, unmet, exits):
    """The DomainError that names each criterion of `unmet`, stage by stage, and links to where it is met."""
    by_stage = defaultdict(list)
    for criterion in unmet:
        by_stage[exits.stages[criterion.stage_id]].append(criterion.sentence)
    sentence = " ".join(
        _("Before it leaves “%(stage)s”: %(criteria)s.") % {"stage": stage, "criteria": " · ".join(sentences)}
        for stage, sentences in by_stage.items()
    )
    links = [(criterion.sentence, kind_of(criterion.kind).where(deal, criterion.value)) for criterion in unmet] if deal.pk else []
    fields = [name for criterion in unmet for name in kind_of(criterion.kind).fields(criterion.value)]
    return DomainError(sentence, fields=fields if deal.pk else ["stage"], links=[link for link in links if link[1]])


def may_override(actor):
    """Whether this person may let a deal go on without its exit criteria."""
    return actor is not None and actor.may(Action.OVERRIDE_GATES)


def let_pass(deal, unmet, before, *, actor, reason):
    """Write down that `deal` (now in its new stage) left `before` without the criteria `unmet`, by whom and why."""
    if not may_override(actor):
        raise DomainError(
            _("Only a manager or sales operations may move a deal on without its exit criteria."), fields=["override"]
        )
    facts = {"deal": deal, "from_stage": before, "to_stage": deal.stage, "reason": reason, "user": actor}
    GateOverride.objects.bulk_create(GateOverride(criterion=each.sentence[:300], **facts) for each in unmet)


def hold_stage(stage):
    """The stage as it is now; it cannot be archived or removed before this transaction ends.

    Raises DomainError when it is no longer in use. Held before the deal is: in the order of whoever removes a stage.
    """
    # A share of the lock: those who move deals into one stage at the same time need not wait for each other.
    held = list(Stage.objects.raw("SELECT * FROM pipeline_stage WHERE id = %s FOR KEY SHARE", [stage.pk]))
    if not held or held[0].archived_at is not None:
        raise DomainError(_("“%(stage)s” is no longer in use. Choose another stage.") % {"stage": stage}, fields=["stage"])
    return held[0]


@transaction.atomic
def tick(*, deal, criterion, ticked, actor, now=None):
    """Say of `deal` that a sentence of the checklist is true, or no longer. Said twice it is written once."""
    deal = Deal.objects.select_for_update().get(pk=deal.pk)
    criterion = Criterion.objects.select_related("stage").filter(pk=criterion.pk, kind=CHECK).first()
    if criterion is None or criterion.stage.pipeline_id != deal.pipeline_id:
        raise DomainError(_("This is no longer on the checklist. Look at the deal again."))
    if not deal.is_open:
        raise DomainError(_("This deal is closed: its checklist stays as it was."))
    if ticked:
        Tick.objects.get_or_create(deal=deal, criterion=criterion, defaults={"user": actor, "at": now or timezone.now()})
    else:
        Tick.objects.filter(deal=deal, criterion=criterion).delete()
