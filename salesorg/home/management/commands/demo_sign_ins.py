"""manage.py demo_sign_ins: who can sign in to the demo, one person per role."""

from django.core.management.base import BaseCommand

from salesorg.home.demo import PASSWORD, sign_ins
from salesorg.people.models import organisation


class Command(BaseCommand):
    help = "Print the demo's sign-ins, one per role; nothing where there is no demo."

    def handle(self, **options):
        people = sign_ins(organisation().today())
        if not people:
            return
        self.stdout.write(f"Demo sign-ins, all with the password {PASSWORD}:")
        width = max(len(role) for role, _email in people)
        for role, email in people:
            self.stdout.write(f"  {role:<{width}}  {email}")
