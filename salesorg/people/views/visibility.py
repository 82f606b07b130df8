"""What can this person see, and why."""

import re

from django.core.exceptions import PermissionDenied
from django.shortcuts import render
from django.views.decorators.http import require_safe

from .. import visibility
from ..roles import Action
from .people import may_see_visibility, visible_person

LARGEST_KEY = 2**63 - 1


@require_safe
def visibility_of(request, pk):
    """The grants of one person in words, how much each opens, and ?kind=&number= of one record to test."""
    person = visible_person(request, pk)
    if not may_see_visibility(request.user, person):
        raise PermissionDenied
    rows, together = visibility.opened_by(person)
    context = {
        "person": person,
        "roles": [role.label for role in sorted(person.scope.roles)],
        "kinds": visibility.kinds(),
        "rows": rows,
        "together": together,
        "actions": [action.label for action in Action if person.may(action)],
        "kind": next((kind for kind in visibility.kinds() if kind.key == request.GET.get("kind")), None),
        "number": request.GET.get("number", "")[:300],
    }
    # The number, or the record's address as it was pasted: the last number in it.
    found = re.findall(r"\d{1,19}", context["number"])
    if context["kind"] and found and int(found[-1]) <= LARGEST_KEY:
        context["answer"] = visibility.test(person, context["kind"], int(found[-1]), asker=request.user)
    return render(request, "people/visibility.html", context)
