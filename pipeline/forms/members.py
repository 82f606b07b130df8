"""Who works on a deal, and with what share."""

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from pipeline.models import DealMember
from salesorg.lib.widgets import Combobox
from salesorg.people.models import User
from salesorg.people.roles import Role


class ShareForm(forms.Form):
    """One person's part in a deal, in percent."""

    user = forms.ModelChoiceField(None, label=gettext_lazy("Person"), widget=Combobox("people:person_lookup"))
    role = forms.TypedChoiceField(label=gettext_lazy("Role"), choices=Role.choices, coerce=int, initial=Role.AE)
    revenue = forms.DecimalField(
        label=gettext_lazy("Revenue share, %"), min_value=0, max_value=100, max_digits=5, decimal_places=2, initial=0
    )
    overlay = forms.DecimalField(
        label=gettext_lazy("Double credit, %"), min_value=0, max_value=100, max_digits=5, decimal_places=2, initial=0
    )

    def __init__(self, *args, viewer, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["user"].queryset = User.objects.visible_to(viewer).working()


class BaseShareFormSet(forms.BaseFormSet):
    """Everybody's parts in a deal; the service checks that they add up."""

    def add_fields(self, form, index):
        super().add_fields(form, index)
        form.fields["DELETE"].label = _("No longer works on this deal")

    @staticmethod
    def initial_of(members):
        """What stands there now: shares in percent, exactly."""
        return [
            {
                "user": member.user_id,
                "role": member.role,
                "revenue": percent(member.revenue_share),
                "overlay": percent(member.overlay_share),
            }
            for member in members
        ]


ShareFormSet = forms.formset_factory(ShareForm, formset=BaseShareFormSet, extra=1, can_delete=True, max_num=30, absolute_max=31)


def percent(points):
    """Basis points as percent: 10,000 → 100."""
    return f"{points // 100}.{points % 100:02d}" if points % 100 else str(points // 100)


def basis_points(share):
    """Percent with at most two decimals as basis points."""
    return int(share * DealMember.WHOLE / 100)


NONE, SPLIT, OVERLAY = "none", "split", "overlay"
CREDITS = [
    (NONE, gettext_lazy("Nothing for now")),
    (SPLIT, gettext_lazy("Split: a part of the owner's share")),
    (OVERLAY, gettext_lazy("Double credit: a share beside the 100%")),
]


class BringInForm(forms.Form):
    """Who is brought onto a deal, and what they are credited."""

    person = forms.ModelChoiceField(None, label=gettext_lazy("Person"), widget=Combobox("people:person_lookup"))
    credit = forms.ChoiceField(label=gettext_lazy("Credited"), choices=CREDITS, initial=NONE, widget=forms.RadioSelect)
    percent = forms.DecimalField(
        label=gettext_lazy("Share, %"), required=False, min_value=0, max_value=100, max_digits=5, decimal_places=2
    )

    def __init__(self, *args, viewer, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["person"].queryset = User.objects.visible_to(viewer).working()

    def clean(self):
        """A credit has a share, and nothing has none."""
        facts = super().clean()
        if facts.get("credit") in (SPLIT, OVERLAY) and not facts.get("percent") and "percent" not in self.errors:
            self.add_error("percent", _("Say how much."))
        return facts

    def facts(self):
        """person, revenue and overlay as the service takes them."""
        share = basis_points(self.cleaned_data.get("percent") or 0)
        credit = self.cleaned_data["credit"]
        shares = {"revenue": share if credit == SPLIT else 0, "overlay": share if credit == OVERLAY else 0}
        return {"person": self.cleaned_data["person"], **shares}


class PlaceForm(forms.Form):
    """Who takes the place of somebody who has left."""

    person = forms.ModelChoiceField(None, label=gettext_lazy("Person"), widget=Combobox("people:person_lookup"))

    def __init__(self, *args, viewer, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["person"].queryset = User.objects.visible_to(viewer).working()


class AskForm(forms.Form):
    """What somebody of a role is needed for."""

    question = forms.CharField(
        label=gettext_lazy("What do you need them for?"),
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 3, "maxlength": 500}),
    )
