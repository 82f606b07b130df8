"""Who covers the accounts of a CRM export: the agent with the most won value there, in a patch under the agent's office.

Written as an active territory plan (placement × lead seat = coverage), so that operations can move it from there. An
account that is placed already is left alone: somebody may have moved it on purpose.
"""

from django.utils.translation import gettext as _

from accounts.models import CoverageLine
from salesorg.people.roles import Role
from territories.models import Force, Placement, Plan, Territory
from territories.services import create_force, create_plan, create_territory, open_seat, place

from .crm_files import DEALS
from .problems import Problem


def cover_accounts(files, people, accounts, result):
    """Write territories, seats and placements from the export's last day on, when all of it was known; coverage follows."""
    force = _force(files)
    patches = _patches(files, people, force, result)
    placed = set(Placement.objects.filter(force=force).values_list("account_id", flat=True))
    territories = {}
    for name, (best, others) in sorted(_sellers(files).items()):
        _report_others(name, best, others, files, result)
        if best and accounts[name].pk not in placed:
            territories[accounts[name].pk] = patches[best.agent].pk
    if territories:
        reason = _("won most here in the imported deals")
        place(
            force=force,
            territories=territories,
            day=files.last_day,
            reason=reason,
            decided_by=Placement.DecidedBy.PIN,
            actor=None,
        )
    result.counts["placements"] += len(territories)
    result.already_there["placements"] += len(placed & {account.pk for account in accounts.values()})


def _force(files):
    """The force of the active plan in which account executives cover new business; two could not fill the same role."""
    line = CoverageLine.objects.get(code=CoverageLine.NEW_BUSINESS)
    plan = Plan.objects.filter(status=Plan.Status.ACTIVE).first()
    plan = plan or create_plan(name=_("Offices and agents"), active_from=files.last_day, actor=None)
    force = Force.objects.filter(plan=plan, line=line, roles__contains=[Role.AE]).first()
    name = _("Account executives")
    return force or create_force(plan=plan, name=name, division=Force.Division.GEOGRAPHIC, line=line, roles=[Role.AE], actor=None)


def _patches(files, people, force, result):
    """A territory per office and in it a patch per agent, with the agent in the lead seat. Returns {agent: patch}."""
    there = {(territory.parent_id, territory.name): territory for territory in Territory.objects.filter(force=force)}

    def territory(parent, name):
        found = there.get((parent and parent.pk, name))
        (result.already_there if found else result.counts)["territories"] += 1
        if found is None:
            found = there[parent and parent.pk, name] = create_territory(force=force, name=name, parent=parent, actor=None)
            if parent:
                open_seat(territory=found, role=Role.AE, user=people[agent.name], from_day=files.last_day, actor=None)
        return found

    patches, offices = {}, {}
    for agent in sorted(files.agents.values(), key=lambda agent: (agent.office, agent.name)):
        if agent.office not in offices:
            offices[agent.office] = territory(None, agent.office)
        patches[agent.name] = territory(offices[agent.office], _("%(agent)s's patch") % {"agent": agent.name})
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
