"""What people type about documents, links and printed material."""

from datetime import timedelta

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _lazy

from accounts.models import Account, Document, PrintOrder
from salesorg.lib.forms import ScopedModelForm
from salesorg.lib.validators import check_amount, check_business_date
from salesorg.lib.widgets import Combobox, day_field
from salesorg.people.models import User
from salesorg.people.roles import SEE_ALL_RECORDS, Role

MOST_TAGS, LONGEST_TAG = 10, 40  # words, and letters of one
ASKED_DAYS = 30  # a link is open for, unless said otherwise


def upload_field():
    kinds = _lazy("PDF, picture, Word, Excel, PowerPoint or OpenDocument, up to 30 MB.")
    return forms.FileField(label=_lazy("File"), help_text=kinds)


class DocumentForm(ScopedModelForm):
    """What a document is, and who may see it."""

    tags = forms.CharField(
        label=_lazy("Products and other words"), required=False, max_length=300, help_text=_lazy("With commas between them.")
    )
    roles = forms.TypedMultipleChoiceField(
        label=_lazy("Only for these roles"),
        required=False,
        coerce=int,
        choices=[(int(role), role.label) for role in Role if role not in SEE_ALL_RECORDS],
        widget=forms.CheckboxSelectMultiple,
        help_text=_lazy("Without a role or a team everybody sees it."),
    )

    class Meta:
        model = Document
        fields = ["title", "kind", "tags", "teams", "roles"]
        widgets = {"teams": forms.CheckboxSelectMultiple}

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        if self.instance.pk:
            self.initial["tags"] = ", ".join(self.instance.tags)

    def clean_tags(self):
        words = dict.fromkeys(word.strip() for word in self.cleaned_data["tags"].split(",") if word.strip())
        if len(words) > MOST_TAGS or any(len(word) > LONGEST_TAG for word in words):
            raise forms.ValidationError(_("At most ten words of forty letters."))
        return list(words)


class NewDocumentForm(DocumentForm):
    upload = upload_field()
    field_order = ["upload"]

    def facts(self):
        return super().facts() | {"upload": self.cleaned_data["upload"]}


class AccountDocumentForm(ScopedModelForm):
    """A document of one account: who sees the account sees it."""

    upload = upload_field()
    field_order = ["upload"]

    class Meta:
        model = Document
        fields = ["title", "kind"]

    def facts(self):
        return super().facts() | {"upload": self.cleaned_data["upload"]}


class AccountDocumentEditForm(ScopedModelForm):
    class Meta(AccountDocumentForm.Meta):
        pass


class VersionForm(forms.Form):
    upload = upload_field()
    what_is_new = forms.CharField(label=_lazy("What is new"), required=False, max_length=200)


class SendForm(forms.Form):
    """To whom, and until when."""

    account = forms.ModelChoiceField(
        None, label=_lazy("For the account"), required=False, widget=Combobox("accounts:account_lookup")
    )
    until = day_field(label=_lazy("Open until"), help_text=_lazy("Whoever has the link can open this version until then."))

    def __init__(self, *args, user, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["account"].queryset = Account.objects.visible_to(user)
        self.fields["until"].initial = user.today + timedelta(days=ASKED_DAYS)


class PrintOrderForm(ScopedModelForm):
    """An order of printed material, for oneself or for somebody one orders for."""

    class Meta:
        model = PrintOrder
        fields = ["user", "ordered_on", "item", "pieces", "unit_cost"]
        widgets = {"user": Combobox("people:person_lookup")}

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["user"].queryset = User.objects.visible_to(self.user).working()
        self.fields["user"].initial = self.user.pk
        self.fields["ordered_on"] = day_field(label=_lazy("Ordered"), initial=self.user.today)
        self.fields["unit_cost"].validators.append(check_amount)
        self.fields["ordered_on"].validators.append(check_business_date)
