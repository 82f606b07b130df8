"""What is typed about contracts: making one from a won deal, amending, cancelling."""

from datetime import timedelta

from django import forms
from django.utils.translation import gettext_lazy as _

from pipeline.models import LossReason
from salesorg.lib.validators import check_amount
from salesorg.lib.widgets import day_field


def amount_field(label, **options):
    widget = forms.NumberInput({"min": 0, "inputmode": "decimal"})
    return forms.DecimalField(label=label, max_digits=20, decimal_places=4, validators=[check_amount], widget=widget, **options)


def plain(amount):
    """An amount as it is typed: no zeros behind the last digit."""
    return f"{amount.normalize():f}" if amount is not None else ""


class ContractForm(forms.Form):
    """A contract, begun with what its deal says (services.contracts.Proposal)."""

    name = forms.CharField(label=_("Name"), max_length=200)
    starts_on = day_field(label=_("First day"))
    last_day = day_field(label=_("Last day"))
    total = amount_field(_("Value of the whole term"))
    recurring = amount_field(
        _("Recurring, a year"), help_text=_("What comes again every year. Nothing for what is sold once.")
    )  # fmt: skip
    notice_days = forms.IntegerField(label=_("Notice period, days"), min_value=0, max_value=1_000)

    def __init__(self, *args, proposal, currency, **kwargs):
        shown = ("name", "starts_on", "notice_days")
        initial = {name: getattr(proposal, name) for name in shown} | {"last_day": proposal.until - timedelta(days=1)}
        initial |= {"total": plain(proposal.total), "recurring": plain(proposal.recurring)}
        super().__init__(*args, initial=initial, **kwargs)
        for name in ("total", "recurring"):
            self.fields[name].label = f"{self.fields[name].label}, {currency}"

    def facts(self):
        """As make_contract takes them."""
        facts = dict(self.cleaned_data)
        return facts | {"until": facts.pop("last_day") + timedelta(days=1)}


class AmendForm(forms.Form):
    """What a contract is worth from a day on, and why."""

    from_day = day_field(label=_("From"))
    total = amount_field(_("Value of the whole term"))
    recurring = amount_field(_("Recurring, a year"))
    reason = forms.CharField(label=_("Why"), max_length=300, required=False)
    seen = forms.IntegerField(widget=forms.HiddenInput, required=False)  # the value that the form began with

    def __init__(self, *args, value, currency, day, reason_needed=True, **kwargs):
        initial = {"seen": value.pk, "from_day": day, "total": plain(value.total), "recurring": plain(value.recurring)}
        super().__init__(*args, initial=initial | kwargs.pop("initial", {}), **kwargs)
        self.fields["reason"].required = reason_needed
        for name in ("total", "recurring"):
            self.fields[name].label = f"{self.fields[name].label}, {currency}"


class CancelForm(forms.Form):
    """The last day, and why the customer leaves."""

    ends_on = day_field(label=_("Last day"))
    cancelled_on = day_field(label=_("Notice given"))
    reason = forms.ModelChoiceField(None, label=_("Why"))
    note = forms.CharField(label=_("In words"), required=False, max_length=500, widget=forms.Textarea({"rows": 3}))

    def __init__(self, *args, user, contract, **kwargs):
        initial = {"ends_on": contract.term.upper - timedelta(days=1), "cancelled_on": user.today}
        super().__init__(*args, initial=initial, **kwargs)
        self.fields["reason"].queryset = LossReason.objects.visible_to(user)
