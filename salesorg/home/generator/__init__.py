"""Invents a whole sales organisation, the same on every run of a day: for a demo, for tests of size, for measuring.

People, territories, coverage and every state a deal was in are as if people had made them over years. Accounts,
contacts and deals get the history of their creation; the bulk of the rest (activities, members, leads, handoffs, links,
contracts, tickets) does not, since writing it takes longer than all of the data.
"""

from random import Random

from django.db import connection, transaction
from django.utils.translation import gettext as _

from accounts.models import Account, Contact
from pipeline.models import Deal
from salesorg.audit.services import record_bulk
from salesorg.lib.errors import DomainError
from salesorg.people.models import User

from .deals import Deals
from .handing import Handing
from .keeping import Keeping
from .leads import Leads
from .market import Market
from .ordering import write_orders
from .structure import Structure

SEED = 20_000


@transaction.atomic
def generate(shape, *, today, advance=lambda count: None):
    """Write the organisation `shape` (shapes.Shape) as of `today`. Returns {what: how many}.

    `advance(n)` is told of every n rows written. Raises DomainError when there are people in the database already.
    """
    refuse_unless_empty()
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL statement_timeout = 0")  # a large COPY takes longer than a request may
    rng = Random(SEED)
    start = today.fromordinal(today.toordinal() - shape.history_days)
    structure = Structure(shape, start)
    market = Market(shape, structure, rng, start, today)
    deals = Deals(market)
    keeping = Keeping(market, deals) if shape.keeps_customers else None
    market.write_accounts(deals.won, keeping.left if keeping else ())
    record_bulk(Account.objects.all())
    advance(shape.accounts)
    market.write_contacts()
    record_bulk(Contact.objects.all())
    advance(shape.contacts)
    market.place(deals.won)
    deals.write(lambda model: record_bulk(model.objects.all()))
    advance(shape.deals)
    market.write_activities(deals.on_account)
    deals.link_activities()
    advance(shape.activities)
    Leads(market, deals).write()
    advance(shape.leads)
    handoffs = Handing(market, deals).write() if shape.hands_over else 0
    advance(shape.handoffs)
    contracts = keeping.write() if keeping else 0
    advance(shape.tickets)
    orders = write_orders([product.pk for product, _price in deals.products], today) if keeping else 0
    return {
        "people": len(shape.people),
        "accounts": shape.accounts,
        "contacts": shape.contacts,
        "deals": shape.deals,
        "states of deals": len(deals.versions),
        "activities": shape.activities,
        "leads": shape.leads,
        "handoffs": handoffs,
        "contracts": contracts,
        "tickets": shape.tickets,
        "orders": orders,
    }


def refuse_unless_empty():
    """Raise DomainError when anybody or any record is here: invented data among real data could never be told apart."""
    if User.objects.exists() or Account.objects.exists() or Deal.objects.exists():
        raise DomainError(_("The database is not empty. Invented data is only written to an empty one, never beside real data."))


def analyze():
    """Tell the planner what the tables hold now; outside of the transaction that filled them."""
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
