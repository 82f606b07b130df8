"""What people type when a contact has left an account."""

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _lazy

from accounts.models import Account, Contact
from salesorg.lib.templatetags.salesorg import day
from salesorg.lib.widgets import Combobox, day_field

MOST_HEIRS = 100


class DepartureForm(forms.Form):
    """When they left, where they are now, and who takes their part in each plan."""

    left_on = day_field(label=_lazy("Left on"))
    account = forms.ModelChoiceField(
        None,
        label=_lazy("Works now at"),
        required=False,
        widget=Combobox("accounts:account_lookup"),
        help_text=_lazy("Leave it empty while you do not know: nobody is offered a way to call or mail them until then."),
    )
    position = forms.CharField(label=_lazy("Position there"), required=False, max_length=100)
    email = forms.EmailField(label=_lazy("E-mail there"), required=False)
    phone = forms.CharField(label=_lazy("Phone there"), required=False, max_length=40, widget=forms.TextInput({"type": "tel"}))
    note = forms.CharField(label=_lazy("Note"), required=False, max_length=300)

    def __init__(self, *args, user, contact, plans, **kwargs):
        super().__init__(*args, **kwargs)
        self.contact, self.plans = contact, plans
        self.fields["account"].queryset = Account.objects.visible_to(user)
        self.fields["left_on"].initial = contact.left_on or user.today
        if contact.left_on:
            del self.fields["note"]
            self.fields["account"].required = True
        if contact.phone:
            self.fields["phone"].help_text = _("So far %(phone)s.") % {"phone": contact.phone}
        heirs = Contact.objects.visible_to(user).here().filter(account=contact.account_id).exclude(pk=contact.pk)
        self.heirs = {str(each.pk): each for each in heirs.order_by("name", "pk")[:MOST_HEIRS]} if plans else {}
        for plan in plans:
            words = {"what": plan.subject or plan.get_kind_display(), "day": day(plan.due_on), "person": plan.user.name}
            self.fields[f"plan_{plan.pk}"] = forms.ChoiceField(
                label=_("%(what)s, %(person)s: with whom now?") % words,
                help_text=_("Due %(day)s.") % words,
                choices=[
                    ("", _("Choose…")),
                    ("nobody", _("without a name")),
                    *((key, each.name) for key, each in self.heirs.items()),
                ],
            )

    def facts(self):
        """What the service takes."""
        facts = {name: value for name, value in self.cleaned_data.items() if not name.startswith("plan_")}
        chosen = {plan.pk: self.heirs.get(self.cleaned_data[f"plan_{plan.pk}"]) for plan in self.plans}
        return facts | {"plans": chosen}
