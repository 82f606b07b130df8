"""Set everybody's quota to the mean of their monthly won value, rounded up to 1,000."""

from commissions.services import set_quotas_from_history
from salesorg.lib.acting import acting
from salesorg.lib.commands import RecordsCommand
from salesorg.people.models import User


class Command(RecordsCommand):
    help = "Set quotas from what each person won: the mean over all months with wins in the data, rounded up to 1,000."

    def add_arguments(self, parser):
        parser.add_argument("--plan", action="store_true", help="also pay those people 5 %% up to quota and 8 %% above it")

    def handle(self, **options):
        with acting(None, "set_quotas_from_history"):
            proposed, holds, counted = set_quotas_from_history(actor=None, plan=options["plan"])
        if not proposed:
            self.stdout.write("Nobody has won a deal yet, so there is nothing to set quotas from.")
            return
        names = dict(User.objects.filter(pk__in=dict(proposed)).values_list("pk", "name"))
        for user, amount in proposed:
            self.stdout.write(f"{names[user]:40} {amount:>14,.0f}")
        self.stdout.write(
            f"{len(proposed)} quotas from {holds.start:%Y-%m} to {holds.last_day:%Y-%m}, each the mean of {counted} months."
        )
