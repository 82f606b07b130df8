"""The decorator that asks whether today's roles allow an action."""

from functools import wraps

from django.core.exceptions import PermissionDenied


def requires(*actions):
    """The person must hold every one of `actions`, else 403. Rows are narrowed by `visible_to`, not here."""

    def decorate(view):
        @wraps(view)
        def checked(request, *args, **kwargs):
            if not all(request.user.may(action) for action in actions):
                raise PermissionDenied
            return view(request, *args, **kwargs)

        checked.requires = actions
        return checked

    return decorate
