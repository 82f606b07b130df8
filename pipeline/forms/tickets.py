"""What is typed about tickets: taking one in, answering it, giving it to somebody."""

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.models import Contact
from pipeline.models import Contract, Ticket
from salesorg.lib.forms import ScopedModelForm
from salesorg.lib.widgets import Combobox
from salesorg.people.models import User


class TicketForm(ScopedModelForm):
    """A new ticket of one account."""

    class Meta:
        model = Ticket
        fields = ["subject", "text", "contact", "kind", "contract", "invoice", "priority", "owner"]
        widgets = {"owner": Combobox("people:person_lookup"), "text": forms.Textarea({"rows": 4})}
        help_texts = {
            "contract": _("Only for a dispute."),
            "invoice": _("Its number, only for a dispute."),
            "owner": _("Empty: it waits in the queue until somebody takes it."),
        }

    def __init__(self, *args, account, **kwargs):
        super().__init__(*args, **kwargs)
        self.instance.account = account
        self.fields["contact"].queryset = Contact.objects.visible_to(self.user).filter(account=account).here()
        self.fields["contract"].queryset = Contract.objects.visible_to(self.user).filter(account=account)
        self.fields["owner"].queryset = User.objects.visible_to(self.user).working()


class AnswerForm(forms.Form):
    """What is said, to whom, and what then."""

    text = forms.CharField(label=_("Answer"), max_length=5_000, widget=forms.Textarea({"rows": 4}))
    is_answer = forms.BooleanField(label=_("Said to the customer"), required=False, initial=True)
    then = forms.ChoiceField(
        label=_("Then"), required=False,
        choices=[("", _("it stays open")), ("waiting", _("it waits for the customer")), ("solved", _("it is solved"))],
    )  # fmt: skip


class TicketOwnerForm(forms.Form):
    """Who answers it."""

    owner = forms.ModelChoiceField(None, label=_("Answered by"), widget=Combobox("people:person_lookup"))

    def __init__(self, *args, user, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["owner"].queryset = User.objects.visible_to(user).working()
