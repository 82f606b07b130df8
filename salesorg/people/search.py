"""What the search box finds among colleagues."""

from django.db.models import Case, IntegerField, Prefetch, Q, Value, When

from salesorg.lib.search import Result

from .models import Membership, User


def find_people(user, text, limit):
    """Colleagues who work here, by part of name or e-mail; those whose name begins with it come first."""
    begins = Case(When(name__istartswith=text, then=Value(0)), default=Value(1), output_field=IntegerField())
    roles_today = Membership.objects.visible_to(user).on(user.today).select_related("team")
    rows = User.objects.visible_to(user).working().filter(Q(name__icontains=text) | Q(email__icontains=text))
    found = rows.order_by(begins, "name", "pk").prefetch_related(Prefetch("memberships", roles_today, "roles_today"))[:limit]
    return [Result(person.name, _roles_of(person), person.get_absolute_url(), "person") for person in found]


def _roles_of(person):
    return " · ".join(f"{membership.get_role_display()}, {membership.team.name}" for membership in person.roles_today)
