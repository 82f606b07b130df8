"""What is typed about teams."""

from django.utils.translation import gettext_lazy as _

from salesorg.lib.forms import ScopedModelForm
from salesorg.lib.widgets import Combobox

from ..models import Team


class TeamForm(ScopedModelForm):
    class Meta:
        model = Team
        fields = ["name", "kind", "parent", "account_visibility", "deal_visibility"]
        widgets = {"parent": Combobox("people:team_lookup")}
        help_texts = {
            "parent": _("Empty: it stands at the top."),
            "account_visibility": _("What a member sees beside their own. Managers see their whole team anyway."),
        }
