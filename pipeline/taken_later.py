"""Orders that were taken on a phone: with network they are placed or refused at once, without it they arrive as requests."""

from django.db.models import Q
from django.utils.translation import gettext as _

from accounts import sent_later
from accounts.models import Account
from salesorg.lib.errors import DomainError
from salesorg.people.models import organisation
from salesorg.people.roles import Action

from .forms.orders import OrderForm, agreed_in
from .models import Deal, OrderRequest, ProposalVersion
from .services.orders import left_to_order, take_order
from .services.stock import amount


class Taken:
    """An order of lines: OrderForm. It cannot be undone, but cancelled."""

    undoable = False

    @staticmethod
    def find(client_id):
        return OrderRequest.objects.filter(client_id=client_id).first()

    @staticmethod
    def form(item, user, account):
        if not user.may(Action.TAKE_ORDERS):
            raise DomainError(_("Your role takes no orders. Pass it on to a colleague."))
        deal, version = origin(item, user, account)
        form = OrderForm(item.fields, user=user, account=account, from_phone=not item.on_screen, agreed=agreed_in(version))
        form.origin = {"deal": deal, "agreed": version, "currency": currency_of(item, deal)}
        return form

    @staticmethod
    def store(item, form, user, account):
        when = {"at_once": item.on_screen, "taken_at": item.logged_at}
        return take_order(account=account, actor=user, **form.facts() | form.origin | {"client_id": item.client_id}, **when)

    @staticmethod
    def answer(asked, item, user):
        """What became of it, in words: all of it confirmed, part of it, or nothing yet."""
        order = asked.orders.order_by("pk").last()
        words = {"account": asked.account, "order": order}
        said = _("Order of %(account)s arrived. Something is missing or unclear: it waits for somebody to decide.") % words
        if order and asked.state == OrderRequest.State.PARTLY:
            left = ", ".join(f"{amount(quantity)} × {line}" for line, quantity in left_to_order(asked))
            said = _("%(order)s for %(account)s is confirmed in part. Still waiting: %(left)s") % (words | {"left": left})
        elif order:
            said = _("%(order)s for %(account)s is confirmed") % words
        elif asked.state == OrderRequest.State.DECLINED:
            said = _("Order of %(account)s was declined: %(reason)s") % (words | {"reason": asked.reason})
        sees = Account.objects.visible_to(user).filter(pk=asked.account_id).exists()
        to = (order or asked).get_absolute_url() if sees else ""
        return sent_later.Answer(str(item.client_id), "stored", said, to=to)


def origin(item, user, account):
    """(deal, accepted version of a proposal) that the order was begun from, None for neither.

    Raises DomainError when one of them is not to be seen, or is of another account: agreed prices are nobody else's.
    """
    deal = _found(Deal.objects.visible_to(user), item.fields.get("deal", ""), deal_of="account", account=account)
    versions = ProposalVersion.objects.visible_to(user).filter(state=ProposalVersion.State.ACCEPTED).select_related("deal")
    return deal, _found(versions, item.fields.get("proposal", ""), deal_of="deal__account", account=account)


def _found(rows, key, *, deal_of, account):
    if not key:
        return None
    of_account = Q(**{deal_of: account}) | Q(**{f"{deal_of}__isnull": True})
    found = rows.filter(of_account, pk=sent_later.key_of(key)).first()
    if found is None:
        raise DomainError(_("The deal or proposal of this order is no longer yours to see. Take the order at the account."))
    return found


def currency_of(item, deal):
    """The currency whose prices the customer was told, as the form said it."""
    said = item.fields.get("currency", "")
    return said if deal and said == deal.currency else organisation().currency


def register():
    """Called once in AppConfig.ready."""
    sent_later.register("taken", Taken)
