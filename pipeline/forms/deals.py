"""What people type about one deal."""

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from pipeline.engine import stages
from pipeline.models import Deal, DealType, Status
from salesorg.lib.forms import ScopedModelForm
from salesorg.lib.money import COMMON
from salesorg.lib.validators import check_amount, check_business_date
from salesorg.lib.widgets import Combobox
from salesorg.people.models import User, organisation
from salesorg.people.roles import Action

from .stages import StageField

DAYS = ("close_date", "next_step_on")


class DealFactsForm(ScopedModelForm):
    """The facts of a deal as fields; the gates themselves are asked by the service."""

    class Meta:
        model = Deal
        fields = ["account", "amount", "close_date", "next_step", "next_step_on", "loss_reason"]
        widgets = {
            "account": Combobox("accounts:account_lookup"),
            "close_date": forms.DateInput({"type": "date"}, format="%Y-%m-%d"),
            "next_step_on": forms.DateInput({"type": "date"}, format="%Y-%m-%d"),
        }

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        for name in DAYS:
            if name in self.fields:
                self.fields[name].validators.append(check_business_date)
        if "amount" in self.fields:
            self.fields["amount"].validators.append(check_amount)
            self.fields["amount"].widget.attrs |= {"min": 0, "inputmode": "decimal"}
        account = self.fields.get("account")
        if account and self.instance.account_id and not account.queryset.filter(pk=self.instance.account_id).exists():
            # Whoever works on the deal but does not see the account changes the rest and leaves the account alone.
            del self.fields["account"]

    def refuse(self, error):
        """Show a service's refusal beside the fields it names."""
        named = [name for name in error.fields if name in self.fields]
        for name in named:
            if self.cleaned_data.get(name) in (None, ""):
                self.add_error(name, _("This is needed."))
        self.add_error(None, str(error))


class DealForm(DealFactsForm):
    """A whole deal, changed in place."""

    class Meta(DealFactsForm.Meta):
        fields = [
            "name",
            "account",
            "amount",
            "currency",
            "close_date",
            "next_step",
            "next_step_on",
            "product",
            "type",
            "forecast_category",
            "loss_reason",
        ]

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        default = self.instance.currency if self.instance.pk else organisation().currency
        codes = dict.fromkeys([default, *COMMON])
        self.fields["currency"] = forms.ChoiceField(
            label=gettext_lazy("Currency"), choices=[(code, code) for code in codes], initial=default
        )
        for name in stages.fields_of(stages.DEMANDED[self.instance.status]):
            if name in self.fields:
                self.fields[name].required = True
        if self.instance.is_open:
            self.fields["close_date"].label = gettext_lazy("Expected to close")
            self.fields["close_date"].help_text = ""
            self.fields["next_step_on"].label = gettext_lazy("Next step on")
        if self.instance.status != Status.LOST:
            del self.fields["loss_reason"]
        if not self.instance.is_open:
            for name in ("next_step", "next_step_on", "forecast_category"):
                del self.fields[name]


class NewDealForm(DealForm):
    """A new deal: also in which stage it begins, and for operations and managers whose it is."""

    stage = StageField(label=gettext_lazy("Stage"), empty_label=None)
    owner = forms.ModelChoiceField(None, label=gettext_lazy("Owner"), widget=Combobox("people:person_lookup"), required=False)
    field_order = ["name", "account", "owner", "stage", "amount", "currency", "close_date", "next_step", "next_step_on"]

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        for name in ("forecast_category", "type"):  # they follow from the pipeline and its stage
            del self.fields[name]
        begins = self.fields["stage"].offer(self.user, status=Status.OPEN)
        of_type = [stage for stage in begins if stage.pipeline.deal_type == self.initial.get("type", DealType.NEW)]
        self.fields["stage"].initial = next(iter(of_type or begins), None)
        if self.user.may(Action.REASSIGN):
            self.fields["owner"].queryset = User.objects.visible_to(self.user).working()
            self.fields["owner"].initial = self.user.pk
        else:
            del self.fields["owner"]

    def facts(self):
        owner = self.cleaned_data.get("owner") or self.user
        return super().facts() | {"stage": self.cleaned_data["stage"], "owner": owner}


class OwnerForm(forms.Form):
    """Who takes over."""

    owner = forms.ModelChoiceField(None, label=gettext_lazy("New owner"), widget=Combobox("people:person_lookup"))

    def __init__(self, *args, user, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["owner"].queryset = User.objects.visible_to(user).working()
