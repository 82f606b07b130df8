"""What people choose about an import: the file, what its columns mean, and what a row is matched by."""

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _lazy

from accounts.importing.columns import KINDS
from accounts.models import ColumnMapping, Import
from salesorg.people.roles import Action


class UploadForm(forms.Form):
    """A file, and what it holds."""

    kind = forms.ChoiceField(label=_lazy("What the rows are"), widget=forms.RadioSelect)
    file = forms.FileField(
        label=_lazy("File"),
        max_length=200,
        allow_empty_file=True,  # said in the same words as of a file of blanks
        help_text=_lazy(
            "CSV or Excel (.xlsx), up to 30 MB. The first row holds the headings; of a workbook the first sheet counts."
        ),
        widget=forms.ClearableFileInput({"accept": ".csv,.tsv,.txt,.xlsx"}),
    )

    def __init__(self, *args, user, **kwargs):
        super().__init__(*args, **kwargs)
        kinds = [each for each in Import.Kind.choices if may_import(user, each[0])]
        self.fields["kind"].choices = kinds
        self.fields["kind"].initial = kinds[0][0] if kinds else ""


def may_import(user, kind):
    """A file may bring what its person may type."""
    return user.may(KINDS[kind].needs)


class ColumnsForm(forms.Form):
    """What each heading means, and how rows find their records."""

    match = forms.ChoiceField(label=_lazy("Rows are matched by"))
    mode = forms.ChoiceField(label=_lazy("Then"), choices=Import.Mode.choices)
    allow_alike = forms.BooleanField(
        label=_lazy("Create accounts that look like one that exists"),
        required=False,
        help_text=_lazy("The same name or web domain, but another company."),
    )
    numbers = forms.ChoiceField(label=_lazy("Numbers are written"), choices=[("point", "1,234.50"), ("comma", "1.234,50")])
    dates = forms.ChoiceField(
        label=_lazy("31/03 is written"), choices=[("day", _lazy("31/03, day first")), ("month", _lazy("03/31, month first"))]
    )
    save_as = forms.CharField(label=_lazy("Keep this mapping as"), required=False, max_length=100)
    is_shared = forms.BooleanField(label=_lazy("for everybody"), required=False)

    def __init__(self, *args, imported, user, proposed, **kwargs):
        super().__init__(*args, **kwargs)
        self.imported, self.user, self.kind = imported, user, KINDS[imported.kind]
        offered = {name: column.label for name, column in self.kind.columns.items()}
        if not user.may(Action.REASSIGN):
            offered.pop("is_key_account", None)  # as on the pages that do it one by one
        columns = [("", _("– leave out –")), *offered.items()]
        for place, (heading, name) in enumerate(zip(imported.header, proposed, strict=True)):
            self.fields[f"column{place}"] = forms.ChoiceField(
                label=heading,
                choices=columns,
                initial=name if name in offered else "",
                required=False,
                widget=forms.Select({"class": "form-select form-select-sm", "aria-label": heading}),
            )
        self.fields["match"].choices = [(match.name, match.label) for match in self.kind.matches]
        if imported.kind != Import.Kind.ACCOUNTS:
            del self.fields["allow_alike"]
        if self.kind.only_new:
            del self.fields["mode"]
        else:
            del self.fields["dates"]

    @property
    def columns(self):
        """(heading, field) of every column of the file."""
        return [(heading, self[f"column{place}"]) for place, heading in enumerate(self.imported.header)]

    @property
    def choices(self):
        """The fields that are not columns, as the form shows them below."""
        return [self[name] for name in self.fields if not name.startswith("column")]

    def clean_save_as(self):
        """Of somebody else's shared mapping the name may be used again: it is another one."""
        return self.cleaned_data["save_as"].strip()

    def clean(self):
        cleaned = super().clean()
        mapping = [cleaned.get(f"column{place}") or "" for place in range(len(self.imported.header))]
        for place, name in enumerate(mapping):
            if name and name in mapping[:place]:
                self.add_error(f"column{place}", _("This is chosen for an earlier column too."))
        chosen = {*mapping} - {""}
        if not chosen:
            raise forms.ValidationError(_("Say for at least one column what it holds."))
        self._check_key(cleaned, chosen)
        if cleaned.get("mode") != Import.Mode.UPDATE:
            self._check_what_new_ones_need(chosen)
        cleaned["mapping"] = mapping
        return cleaned

    def _check_key(self, cleaned, chosen):
        match = next((match for match in self.kind.matches if match.name == cleaned.get("match")), None)
        if match and not self._has(chosen, match.needs):
            self.add_error("match", _("No column holds this. Choose one above, or match by something else."))

    def _check_what_new_ones_need(self, chosen):
        if not self._has(chosen, self.kind.required):
            names = ", ".join(str(self.kind.columns[name].label) for name in self.kind.required)
            self.add_error(None, _("New records need: %(columns)s. Choose its column, or update only.") % {"columns": names})
        if self.kind.about_account and not any(name.startswith("account.") for name in chosen):
            self.add_error(None, _("Choose a column that names the account, or update only."))

    @staticmethod
    def _has(chosen, needs):
        named = chosen | ({"name"} if {"first_name", "last_name"} & chosen else set())
        return {*needs} <= named

    def choice(self):
        """The choices as the service takes them."""
        cleaned = self.cleaned_data
        return {
            "mapping": cleaned["mapping"],
            "match": cleaned["match"],
            "mode": cleaned.get("mode") or Import.Mode.CREATE,
            "allow_alike": cleaned.get("allow_alike", False),
            "options": {"decimal_comma": cleaned["numbers"] == "comma", "month_first": cleaned.get("dates") == "month"},
        }


class MappingForm(forms.Form):
    """How a saved mapping is called, and who has it."""

    name = forms.CharField(label=_lazy("Name"), max_length=100)
    is_shared = forms.BooleanField(label=_lazy("for everybody"), required=False)


def saved_mappings(user, kind):
    """The mappings this person may use for files of this kind."""
    return ColumnMapping.objects.visible_to(user).filter(kind=kind).select_related("user")
