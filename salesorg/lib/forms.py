"""Forms over scoped models: choices a person may see, a check of the result, and stale saves that lose nothing."""

from contextlib import contextmanager
from datetime import date
from decimal import Decimal

from django import forms
from django.db import transaction
from django.utils.translation import gettext as _

from .errors import DomainError
from .querysets import ScopedQuerySet
from .templatetags.salesorg import day


def in_words(value):
    """A value of a field as its reader writes it: no zeros behind the last digit, days as on every page."""
    if value in (None, ""):
        return _("nothing")
    if isinstance(value, Decimal):
        return f"{value.normalize():,f}"
    return day(value) if isinstance(value, date) else value


DASHES = "---------"  # what Django shows for an empty choice


def name_the_empty_choice(field):
    """An empty choice says what it means: “Choose …” where one must be chosen, else “None”; words of its own stay."""
    words = _("Choose …") if field.required else _("None")
    if isinstance(field, forms.ModelChoiceField):
        field.empty_label = words if field.empty_label == DASHES else field.empty_label
    elif isinstance(field, forms.ChoiceField) and next(iter(field.choices), ("", ""))[1] == DASHES:  # 250 countries have none
        field.choices = [(value, words if label == DASHES else label) for value, label in field.choices]


class ScopedModelForm(forms.ModelForm):
    """A model form for one person; validate and save it inside one transaction.

    Every choice of records is narrowed by `visible_to(user)`. When the model carries a `version`, the form remembers
    which one was opened: a save on a newer row is refused field by field with both values shown, and neither is lost.
    Saving writes only the form's own columns, and fails when the row would leave what the person may see.
    """

    def __init__(self, *args, user, **kwargs):
        super().__init__(*args, **kwargs)
        self.user = user
        for field in self.fields.values():
            if isinstance(field, forms.ModelChoiceField) and isinstance(field.queryset, ScopedQuerySet):
                field.queryset = field.queryset.visible_to(user)
            name_the_empty_choice(field)
        for name, value in self.initial.items():
            if isinstance(value, Decimal):  # as one would write it: the column has more digits than people do
                self.initial[name] = Decimal(f"{value.normalize():f}")
        if self.instance.pk and hasattr(self.instance, "version"):
            self.fields["version"] = forms.IntegerField(widget=forms.HiddenInput, initial=self.instance.version)

    def clean(self):
        cleaned = super().clean()
        if "version" in cleaned:
            # Locked until the save that follows, so that two people saving together cannot both find it fresh.
            now = type(self.instance)._base_manager.select_for_update().filter(pk=self.instance.pk).first()
            if now is None:
                raise forms.ValidationError(_("This record was deleted while you had it open."))
            if now.version != cleaned["version"]:
                self._show_both_values(cleaned, now)
        return cleaned

    def _show_both_values(self, cleaned, now):
        """Name every field where what was typed differs from what another person saved meanwhile."""
        for name in self._meta.fields:
            stored = getattr(now, name)
            if name in cleaned and cleaned[name] != stored:
                words = {"stored": in_words(stored), "typed": in_words(cleaned[name])}
                self.add_error(name, _("Someone saved “%(stored)s” meanwhile; you typed “%(typed)s”.") % words)
        if not self.errors:  # what was typed is what the row already says
            return
        self.add_error(None, _("This record was changed while you had it open. Check what you typed and save again."))
        # The next save is a decision taken with both values in view.
        self.data = self.data.copy()
        self.data[self.add_prefix("version")] = now.version

    def save(self, commit=True):
        if not commit:
            return super().save(commit=False)
        if self.errors:
            raise ValueError("A form with errors cannot be saved.")
        if self.instance.pk:  # other columns may have changed since the row was read: leave them alone
            self.instance.save(update_fields=self._meta.fields)
        else:
            self.instance.save()
        self._save_m2m()
        self.check_still_visible()
        return self.instance

    def facts(self):
        """What was typed into the model's fields, as services take it."""
        return {name: value for name, value in self.cleaned_data.items() if name in self._meta.fields}

    def saved_by(self, service, **record):
        """What `service` makes of the facts, in one transaction with their check; None when refused, and the form says why."""
        with transaction.atomic():
            if not self.is_valid():
                return None
            try:
                with transaction.atomic():
                    self.instance = service(**record, **self.facts(), actor=self.user)
                    self.check_still_visible()
            except DomainError as error:
                self.refuse(error)
                return None
        return self.instance

    def refuse(self, error):
        """Show a service's refusal; a form overrides it to show more."""
        show_refusal(self, error)

    def check_still_visible(self):
        """Raise DomainError, undoing the save, when the row has left what the person may see."""
        if not type(self.instance).objects.visible_to(self.user).filter(pk=self.instance.pk).exists():
            raise DomainError(
                _("You would no longer see this record after saving. Ask someone who covers it to make this change.")
            )


@contextmanager
def refusal_shown_in(form):
    """A DomainError raised inside appears in `form`, at its field, with all that was typed; nothing inside is saved.

    Put the service and the `return` of the good answer inside; what follows the block answers with the form.
    """
    try:
        with transaction.atomic():
            yield
    except DomainError as error:
        show_refusal(form, error)


def show_refusal(form, error):
    """Show a service's refusal at the first of the fields it names that `form` has, else on top."""
    form.add_error(next((name for name in error.fields if name in form.fields), None), str(error))
