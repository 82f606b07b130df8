"""Who is signing in, and who is signed in."""

from django.contrib.auth.backends import ModelBackend

from .models import User


class PeopleBackend(ModelBackend):
    """Django's own check of e-mail and password; a signed-in person comes with the organisation's settings."""

    def get_user(self, user_id):
        user = User.objects.signed_in(user_id)
        return user if user and self.user_can_authenticate(user) else None


def typed_email(request, credentials):
    """The name under which failures are counted: the address in lower case, or each spelling would have its own five tries."""
    return ((credentials or {}).get("username") or request.POST.get("username", "")).lower()[:254]
