"""Very many deals changed at once, in the background (accounts.changing)."""

from django.utils.translation import gettext_lazy

from accounts.changing import Kind, register
from pipeline.forms import DealsForm
from pipeline.models import Deal
from pipeline.services import change_deals
from salesorg.people.roles import Action


def add():
    """Called in AppConfig.ready."""
    register(
        "deals",
        Kind(
            label=gettext_lazy("Deals"),
            model=Deal,
            may=Action.EDIT_DEALS,
            form=DealsForm,
            change=lambda rows, actor, facts: change_deals(deals=rows, actor=actor, today=actor.today, **facts),
            page="pipeline:deal_list",
        ),
    )
