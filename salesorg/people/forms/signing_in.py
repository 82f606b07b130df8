"""What is typed to sign in, and to choose a password."""

from django import forms
from django.contrib.auth import authenticate, password_validation
from django.utils.translation import gettext_lazy as _

LONGEST_PASSWORD = 1000  # characters; hashing megabytes would keep a web thread busy


def password_field(label, autocomplete, **options):
    widget = forms.PasswordInput(attrs={"autocomplete": autocomplete})
    return forms.CharField(label=label, strip=False, max_length=LONGEST_PASSWORD, widget=widget, **options)


class SignInForm(forms.Form):
    username = forms.CharField(
        label=_("E-mail"),
        max_length=254,
        widget=forms.EmailInput(attrs={"autocomplete": "username", "autofocus": True, "inputmode": "email"}),
    )
    password = password_field(_("Password"), "current-password")

    def __init__(self, *args, request, **kwargs):
        super().__init__(*args, **kwargs)
        self.request = request
        self.user = None

    def clean(self):
        cleaned = super().clean()
        if "username" in cleaned and "password" in cleaned:
            self.user = authenticate(self.request, username=cleaned["username"], password=cleaned["password"])
            if self.user is None:  # the same answer for an unknown address, a wrong password and a person who has left
                raise forms.ValidationError(
                    _("This e-mail address and password do not belong together. Check both, or ask for a link to set a new one.")
                )
        return cleaned


class EmailForm(forms.Form):
    email = forms.EmailField(
        label=_("E-mail"), widget=forms.EmailInput(attrs={"autocomplete": "username", "autofocus": True, "inputmode": "email"})
    )


class NewPasswordForm(forms.Form):
    """A new password, typed once: what is typed can be shown, and a link mends a slip."""

    password = password_field(
        _("New password"), "new-password", help_text=password_validation.password_validators_help_text_html()
    )

    def __init__(self, *args, user, **kwargs):
        super().__init__(*args, **kwargs)
        self.user = user

    def clean_password(self):
        password_validation.validate_password(self.cleaned_data["password"], self.user)
        return self.cleaned_data["password"]


class ChangePasswordForm(NewPasswordForm):
    current = password_field(_("Your password now"), "current-password")
    field_order = ["current", "password"]

    def clean_current(self):
        if not self.user.check_password(self.cleaned_data["current"]):
            raise forms.ValidationError(_("This is not your password."))
        return self.cleaned_data["current"]
