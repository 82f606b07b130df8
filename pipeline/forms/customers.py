"""What is typed about how customers are judged."""

from django.utils.translation import gettext_lazy as _

from pipeline.models import HealthInput
from salesorg.lib.forms import ScopedModelForm


class HealthInputForm(ScopedModelForm):
    class Meta:
        model = HealthInput
        fields = ["weight", "good", "bad"]
        help_texts = {
            "weight": _("Against the weights of the others; 0 leaves it out."),
            "good": _("From this value on it earns all of its points."),
            "bad": _("From this value on it earns none; between the two, in proportion."),
        }
