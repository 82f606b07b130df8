"""Who covers the accounts of a CRM export: the agent with the most won value there, in a patch under the agent's office.

Written as an active territory plan (placement × lead seat = coverage), so that operations can move it from there. An
account that is placed already is left alone: somebody may have moved it on purpose.
"""

from django.db.backends.postgresql.psycopg_any import DateRange
from django.utils.translation import gettext as _

from accounts.models import Coverage, CoverageLine
from salesorg.people.roles import Role
from territories.models import Force, Pin, Placement, Plan, Seat, Territory

from .crm_files import DEALS
from .problems import Problem


def cover_accounts(files, people, offices, accounts, result):
    """Write territories, seats, pins, placements and coverage from the export's last day on, when all of it was known."""
    during = DateRange(files.last_day, None)
    plan = Plan.objects.filter(status=Plan.Status.ACTIVE).first() or Plan.objects.create(
        name=_("Offices and agents"), status=Plan.Status.ACTIVE, active_from=files.last_day
    )
    line, _made = CoverageLine.objects.get_or_create(code="new-business", defaults={"name": _("New business")})
    force, _made = Force.objects.get_or_create(
        plan=plan,
        name=_("Hardware sales"),
        defaults={"division": Force.Division.GEOGRAPHIC, "line": line, "roles": [Role.AE]},
    )
    patches = _territories(files, people, offices, force, during, result)
    placed = set(Placement.objects.filter(force=force).values_list("account_id", flat=True))
    # Somebody may have been given the account by hand, or by another plan, before the import.
    covered = set(Coverage.objects.filter(line=force.line, role=Role.AE).values_list("account_id", flat=True))
    pins, placements, coverage = [], [], []
    for name, sellers in sorted(_sellers(files).items()):
        account, (best, others) = accounts[name], sellers
        _report_others(name, best, others, files, result)
        if best is None or account.pk in placed or account.pk in covered:
            continue
        reason = _("Most won value here: %(won)s of %(total)s.") % best.words
        where = {"account": account, "force": force, "territory": patches[best.agent], "during": during, "reason": reason}
        pins.append(Pin(**where))
        placements.append(Placement(decided_by=Placement.DecidedBy.PIN, **where))
        coverage.append(
            Coverage(
                account=account,
                line=line,
                role=Role.AE,
                user=people[best.agent],
                during=during,
                source=Coverage.Source.TERRITORY,
                reason=f"{patches[best.agent].name}: {reason}",
                is_first_contact=True,
            )
        )
    Pin.objects.bulk_create(pins)
    Placement.objects.bulk_create(placements)
    Coverage.objects.bulk_create(coverage)
    result.counts["coverages"] += len(coverage)


def _territories(files, people, offices, force, during, result):
    """A territory per office and in it a patch per agent, with the agent in the lead seat. Returns {agent: patch}."""
    patches = {}
    for agent in sorted(files.agents.values(), key=lambda agent: agent.name):
        office, made = Territory.objects.get_or_create(force=force, parent=None, name=agent.office)
        result.counts["territories"] += made
        patch, made = Territory.objects.get_or_create(
            force=force, parent=office, name=_("%(agent)s's patch") % {"agent": agent.name}
        )
        result.counts["territories"] += made
        if made:
            Seat.objects.create(territory=patch, role=Role.AE, user=people[agent.name], during=during)
        patches[agent.name] = patch
    return patches


class Best:
    """The agent with the most won value at an account."""

    def __init__(self, agent, won, total):
        self.agent, self.words = agent, {"won": f"{won:,.0f}", "total": f"{total:,.0f}"}


def _sellers(files):
    """{account: (Best or None, [(other agent, won value, deals)])}: most won value first, ties by name."""
    won = files.won_values()
    deals = {}
    for deal in files.deals.values():
        if deal.account:
            counts = deals.setdefault(deal.account, {})
            counts[deal.agent] = counts.get(deal.agent, 0) + 1
    sellers = {}
    for account in files.accounts:
        values, counts = won.get(account, {}), deals.get(account, {})
        ranked = sorted(counts, key=lambda agent: (-values.get(agent, 0), agent))
        best = Best(ranked[0], values[ranked[0]], sum(values.values())) if ranked and values.get(ranked[0]) else None
        others = [(agent, values.get(agent, 0), counts[agent]) for agent in ranked if best is None or agent != best.agent]
        sellers[account] = (best, others)
    return sellers


def _report_others(account, best, others, files, result):
    listed = "; ".join(f"{agent} ({files.agents[agent].office}, {count} deals, {won:,.0f} won)" for agent, won, count in others)
    if best is None:
        done = "covered by nobody: no deal was won here" if others else "covered by nobody: no deal names it"
        result.problems.append(Problem("account without a seller", DEALS, None, account, "sales_agent", listed, done))
    elif others:
        done = f"covered by {best.agent} ({files.agents[best.agent].office}), {best.words['won']} won of {best.words['total']}"
        result.problems.append(Problem("account with several sellers", DEALS, None, account, "sales_agent", listed, done))
