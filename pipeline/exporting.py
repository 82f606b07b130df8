"""Deals as rows of a file, by the filters of the deal list."""

from django.utils.translation import gettext_lazy as _

from accounts.exporting import Kind, register
from accounts.models import Account
from pipeline.selections.deals import DealSelection

from .models import Status

HEAD = (
    _("Deal"), _("Account"), _("Owner"), _("Stage"), _("Status"), _("Amount"), _("Currency"), _("Close date"),
    _("Forecast category"), _("Type"), _("Product"), _("Opened"), _("Next step"), _("Next step on"), _("Loss reason"),
)  # fmt: skip


def select(user, query):
    """The deals of the list as they are now, whatever past day it looks at."""
    query = query.copy()
    query.pop("as_of", None)
    selection = DealSelection(query, user=user, status=Status.OPEN)
    return selection.deals().select_related("account", "owner", "stage", "product", "loss_reason"), selection.words


def lines(deals, user):
    seen = set(Account.objects.visible_to(user).filter(pk__in={deal.account_id for deal in deals}).values_list("pk", flat=True))
    for deal in deals:
        yield (
            deal.name,
            deal.account.name if deal.account_id in seen else "",
            deal.owner.name,
            deal.stage.name,
            deal.get_status_display(),
            deal.amount,
            deal.currency,
            deal.close_date,
            deal.get_forecast_category_display(),
            deal.get_type_display(),
            deal.product.name if deal.product else "",
            deal.opened_on,
            deal.next_step,
            deal.next_step_on,
            deal.loss_reason.name if deal.loss_reason else "",
        )


def add():
    """Called in AppConfig.ready."""
    register("deals", Kind(_("Deals"), HEAD, select, lines))
