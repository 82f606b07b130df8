"""The gates, asked of a deal: the one place that refuses a deal which lacks what its status demands."""

from django.utils.text import get_text_list
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from pipeline import stages
from pipeline.models import GateDebt, Status
from salesorg.lib.errors import DomainError

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
