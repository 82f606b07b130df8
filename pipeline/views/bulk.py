"""Changing many deals at once, from their list."""

from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.changing import begin_change
from pipeline.forms import DealsForm
from pipeline.models import Deal, Status
from pipeline.selections.deals import DealSelection
from pipeline.services import change_deals, plan_deal_changes
from salesorg.lib.bulk import bulk_page, chosen_rows
from salesorg.lib.forms import in_words
from salesorg.lib.http import FORM_METHODS
from salesorg.people.access import requires
from salesorg.people.roles import Action


@FORM_METHODS
@requires(Action.EDIT_DEALS)
def deals_change(request):
    """Give the selected deals something in common; what the gates of one refuse is said, the others go on."""
    visible = Deal.objects.visible_to(request.user)

    def selected(params):
        selection = DealSelection(params, user=request.user, status=Status.OPEN)
        return selection.deals(), selection.words

    chosen = chosen_rows(request, visible, selected)
    who = {"actor": request.user}
    rows = chosen.rows.select_related("owner", "stage", "loss_reason").order_by("name", "pk")
    return bulk_page(
        request,
        chosen=chosen,
        form=DealsForm(request.POST or None, user=request.user),
        plan=lambda **facts: plan_deal_changes(deals=rows[: chosen.looked_at], **who, **facts),
        change=lambda **facts: change_deals(deals=chosen.rows, **who, **facts),
        later=lambda form: begin_change(kind="deals", chosen=chosen, form=form, **who),
        words=lambda deal, name, value: in_words(value if value is None or name in DAYS else str(value)),
        to=reverse("pipeline:deal_list"),
        title=_("Change deals"),
        breadcrumb=_("Deals"),
    )


DAYS = ("close_date", "next_step_on")
