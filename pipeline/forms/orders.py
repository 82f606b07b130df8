"""What is typed when a customer orders: lines of products, from which warehouse, by when; and what is decided later."""

import json
import uuid
from dataclasses import dataclass, field
from decimal import Decimal

from django import forms
from django.db.models import Exists, F, OuterRef
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _lazy

from accounts.models import Coverage
from pipeline.engine.pricing import Share
from pipeline.forms.pasted import number
from pipeline.forms.products import LARGEST_PRICE
from pipeline.models import OrderRequest, Product, ProposalLine, Warehouse
from pipeline.services.order_prices import open_of
from pipeline.services.orders import MOST_LINES, Wanted
from pipeline.services.stock import amount
from salesorg.lib.widgets import day_field
from salesorg.people.models import Assistance, User

MOST = Decimal(10**9)  # pieces of one line
COLUMNS = (
    "product",
    "product__text",
    "quantity",
    "price",
    "discount_line",
    "agreed",
    "open",
)  # of a row, in the order of its fields


@dataclass
class Row:
    """A line as it is shown: what was typed, and what is wrong with it.

    `agreed` is the key of a line of the accepted proposal, `open` how much of it the page said was still open; `part` says
    what it comes to (Agreed).
    """

    product: str = ""
    text: str = ""
    quantity: str = ""
    price: str = ""
    discount: str = ""
    agreed: str = ""
    open: str = ""
    errors: list = field(default_factory=list)
    part: "Agreed | None" = None

    @property
    def is_empty(self):
        return not (self.product or self.text or self.quantity or self.agreed)


@dataclass(frozen=True, slots=True)
class Agreed:
    """A line of the accepted proposal, what of it was ordered (Share), and how much of it is open."""

    line: ProposalLine
    ordered: Share
    left: Decimal

    @property
    def words(self):
        words = {"left": amount(self.left), "all": amount(self.line.quantity)}
        return _("Agreed: %(all)s. Still open: %(left)s.") % words

    @property
    def facts(self):
        """What the page computes its sum from: how much was agreed and its net, how much was ordered and for what."""
        return json.dumps([amount(each) for each in (self.line.quantity, self.line.net, self.ordered.quantity, self.ordered.net)])

    def row(self, quantity=None):
        """As a row to begin with: all that is left, unless a `quantity` is given."""
        line, left = self.line, amount(self.left)
        off = amount(line.discount) if line.discount else ""
        quantity = left if quantity is None else amount(quantity)
        product = str(line.product_id or "")
        return Row(product, line.text, quantity, amount(line.list_price), off, str(line.pk), left, part=self)


def percent_input(**options):
    widget = forms.NumberInput({"inputmode": "decimal", "min": 0, "max": 100, "step": "any"})
    between = {"min_value": 0, "max_value": 100, "max_digits": 5, "decimal_places": 2}
    return forms.DecimalField(widget=widget, required=False, **between, **options)


class OrderForm(forms.Form):
    """An order of one account. `lines` are the typed rows as services take them; `rows` as the page shows them.

    With `from_phone` it is the form that works without network: in the name of whoever covers the account, and it says what to
    do if something is missing. `agreed` is what the customer accepted (agreed_in): what is ordered beyond it is a line at
    the list price.
    """

    client_id = forms.UUIDField(required=False, widget=forms.HiddenInput({"data-client-id": ""}))
    warehouse = forms.ModelChoiceField(None, label=_lazy("From"), empty_label=None)
    taken_for = forms.ModelChoiceField(None, label=_lazy("Taken for"), empty_label=None)
    wanted_on = day_field(label=_lazy("Wanted by"), required=False)
    discount = percent_input(label=_lazy("Discount on the whole, %"))
    note = forms.CharField(label=_lazy("Note"), required=False, max_length=2_000, widget=forms.Textarea({"rows": 2}))
    if_missing = forms.ChoiceField(
        label=_lazy("If something is missing"), choices=OrderRequest.IfMissing.choices, required=False, initial="wait",
        widget=forms.RadioSelect,
    )  # fmt: skip

    def __init__(self, *args, user, account=None, from_phone=False, rows=(), agreed=None, **kwargs):
        super().__init__(*args, **kwargs)
        self.user, self.given, self.agreed, self.from_phone = user, list(rows), agreed, from_phone
        if agreed is not None:
            del self.fields["discount"]  # that on the whole was agreed too
        self.fields["client_id"].initial = uuid.uuid4
        warehouses = Warehouse.objects.visible_to(user).filter(archived_at=None)
        self.fields["warehouse"].queryset = warehouses
        self.fields["warehouse"].required = warehouses.exists()
        people = colleagues(user, account)
        self.name = in_whose_name(user, account, people) if from_phone and account else None
        if from_phone:
            del self.fields["taken_for"]
            return
        del self.fields["if_missing"]
        self.fields["taken_for"].queryset = people
        self.fields["taken_for"].initial = in_whose_name(user, account, people)
        if people.count() < 2:
            del self.fields["taken_for"]

    @property
    def has_open(self):
        """Whether anything of what was agreed is still to be ordered."""
        return any(each.left > 0 for each in (self.agreed or {}).values())

    @property
    def rows(self):
        if not self.is_bound:
            return self.given or [Row()]
        self.full_clean() if self._errors is None else None
        return [row for row in self.typed if not row.is_empty] or [Row()]

    def clean(self):
        cleaned = super().clean()
        self.typed = self._typed()
        self.lines = []
        products = self._products()
        for row in self.typed:
            if not row.is_empty:
                self._read(row, products)
        if wrong := [row for row in self.typed if row.errors]:
            said = [f"{row.text}: {row.errors[0]}" if row.text else row.errors[0] for row in wrong]
            self.add_error(None, " ".join(said) if self.from_phone else _("Check the lines marked below."))
        return cleaned

    def _typed(self):
        """The rows that were sent, column by column, as one row each."""
        columns = {name: self._list(name) for name in COLUMNS}
        count = min(max(map(len, columns.values()), default=0), MOST_LINES + 1)
        cells = {name: [*values, *[""] * count] for name, values in columns.items()}
        return [Row(*(cells[name][i].replace("\x00", "")[:200].strip() for name in COLUMNS)) for i in range(count)]

    def _list(self, name):
        return list(self.data.getlist(name)) if hasattr(self.data, "getlist") else []

    def _products(self):
        keys = {row.product for row in self.typed if row.product.isascii() and row.product.isdecimal() and len(row.product) < 19}
        return {str(each.pk): each for each in Product.objects.visible_to(self.user).filter(pk__in=keys)}

    def _read_agreed(self, row):
        """Take what was agreed of one row into `lines`, and what is more than that as a line at the list price."""
        part = row.part = (self.agreed or {}).get(row.agreed)
        quantity = number(row.quantity or "0", MOST)
        seen = number(row.open or "0", MOST)
        if part is None or seen is None:
            row.errors.append(_("This was agreed in another proposal. Open the order again."))
        elif quantity is None:
            row.errors.append(_("Give a quantity."))
        elif seen != part.left and not self.from_phone:
            row.open = amount(part.left)
            row.errors.append(_("Something of it was ordered meanwhile. Still open: %(left)s.") % {"left": row.open})
        elif quantity > seen and part.line.product is None:
            words = {"left": amount(seen)}
            row.errors.append(_("Only %(left)s of it are open, and it stands on no price list: propose what is more.") % words)
        if part is not None:
            row.text, row.price = part.line.text, amount(part.line.list_price)
        if not row.errors and min(quantity, seen):
            self.lines.append(Wanted.of(part.line, min(quantity, seen)))
        if not row.errors and quantity > seen:
            self.lines.append(Wanted(part.line.product, quantity - seen))

    def _read(self, row, products):
        """Take one row into `lines`, or say at it what is wrong."""
        if row.agreed:
            return self._read_agreed(row)
        product, quantity = products.get(row.product), number(row.quantity, MOST)
        price = number(row.price, LARGEST_PRICE) if row.price else None
        discount = number(row.discount or "0", Decimal(100))
        if product is None:
            row.errors.append(_("Choose a product from the list."))
        elif not row.text:
            row.text = product.name
        if not quantity:
            row.errors.append(_("Give a quantity above nothing."))
        if row.price and price is None:
            row.errors.append(_("That price cannot be read."))
        if discount is None or discount.as_tuple().exponent < -2:
            row.errors.append(_("Give a discount between 0 and 100%."))
        if not row.errors:
            self.lines.append(Wanted(product, quantity, price, discount))
        return None

    def facts(self):
        """As take_order takes them."""
        facts = {name: value for name, value in self.cleaned_data.items() if name != "client_id"}
        facts["discount"] = facts.get("discount") or Decimal(0)
        if self.name:  # the phone asks nobody in whose name it is
            facts["taken_for"] = self.name
        if "if_missing" in facts:
            facts["if_missing"] = facts["if_missing"] or OrderRequest.IfMissing.WAIT
        return facts | {"client_id": self.cleaned_data["client_id"], "lines": self.lines}


def agreed_in(version, besides=None):
    """{ProposalLine's key as text: Agreed} of an accepted version, an order `besides` left out; None without one."""
    return version and {str(line.pk): Agreed(line, ordered, left) for line, ordered, left in open_of(version, besides)}


def rows_of(order, agreed):
    """The rows to begin with: those of an `order` that is changed, else what is open of what was `agreed`."""
    if order is None:
        return [each.row() for each in (agreed or {}).values() if each.left > 0]
    lines = list(order.lines.select_related("product"))
    rows = [agreed[str(each.agreed_id)].row(each.quantity) if each.agreed_id else row_of(each) for each in lines]
    there = {str(each.agreed_id) for each in lines}
    return rows + [each.row(Decimal(0)) for key, each in (agreed or {}).items() if key not in there and each.left > 0]


def row_of(line):
    """A line of an order or of a request as a row to begin with."""
    price = getattr(line, "list_price", None) or getattr(line, "price", None)
    return Row(
        str(line.product_id), line.product.name, amount(line.quantity), amount(price) if price is not None else "",
        amount(line.discount) if line.discount else "",
    )  # fmt: skip


def colleagues(user, account):
    """For whom this person may take an order of the account: for oneself, and for whoever covers it today."""
    covering = Coverage.objects.visible_to(user).on(user.today).filter(account=account).values("user")
    found = User.objects.visible_to(user)
    return (found.filter(pk=user.pk) | found.working().filter(pk__in=covering)).order_by("name", "pk")


def in_whose_name(user, account, people):
    """Of `people` (colleagues) the one an order is taken for unless somebody is chosen: whoever covers the account.

    Who covers it takes it in the own name. Else it is whom the customer turns to first; else whom one assists; else anybody
    who covers it; and where nobody does, oneself.
    """
    covering = Coverage.objects.visible_to(user).on(user.today).filter(account=account, user__in=people).exclude(account=None)
    if covering.filter(user=user).exists():
        return user
    assisted = Assistance.objects.visible_to(user).on(user.today).filter(assistant=user, principal=OuterRef("user"))
    best = covering.order_by(F("is_first_contact").desc(), Exists(assisted).desc(), "user__name", "pk")
    found = best.select_related("user").first()
    return found.user if found else user


class CancelOrderForm(forms.Form):
    reason = forms.CharField(label=_lazy("Why"), max_length=300)


class DeclineForm(forms.Form):
    reason = forms.CharField(label=_lazy("Why not"), max_length=500)


class ConfirmForm(forms.Form):
    """How much of what waits is ordered now, and from which warehouse."""

    warehouse = forms.ModelChoiceField(None, label=_lazy("From"), empty_label=None)

    def __init__(self, *args, user, left, **kwargs):
        super().__init__(*args, **kwargs)
        warehouses = Warehouse.objects.visible_to(user).filter(archived_at=None)
        self.fields["warehouse"].queryset = warehouses
        self.fields["warehouse"].required = warehouses.exists()
        widget = forms.NumberInput({"inputmode": "decimal", "min": 0, "step": "any", "class": "form-control"})
        for line, most in left:
            self.fields[f"line_{line.pk}"] = forms.DecimalField(
                label=str(line), required=False, min_value=0, max_value=most, decimal_places=4, initial=amount(most),
                widget=widget,
            )  # fmt: skip

    def quantities(self):
        """{RequestLine's key: how much}."""
        typed = {name: value for name, value in self.cleaned_data.items() if name.startswith("line_")}
        return {int(name.removeprefix("line_")): value for name, value in typed.items() if value}
