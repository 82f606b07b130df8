"""Made-up rows for the page of patterns, so that every component can be looked at without any data."""

from datetime import date, timedelta
from types import SimpleNamespace

from django import forms
from django.utils import timezone

from pipeline.engine.pace import pace
from salesorg.lib.templatetags.salesorg import figure, money, share

ICONS = {"visit": "geo-alt", "stage": "kanban", "owner": "person", "mail": "envelope"}


class SampleForm(forms.Form):
    """A form with one field of each kind."""

    name = forms.CharField(label="Account", help_text="As on their invoices.")
    amount = forms.DecimalField(label="Amount", min_value=0)
    stage = forms.ChoiceField(label="Stage", choices=[("1", "Prospecting"), ("2", "Engaging")])
    close_date = forms.DateField(label="Close date", widget=forms.DateInput(attrs={"type": "date"}), required=False)
    note = forms.CharField(label="Note", widget=forms.Textarea(attrs={"rows": 3}), required=False)
    shared = forms.BooleanField(label="Share with the pod", required=False)


def sample_context():
    """What home/style.html shows."""
    today = timezone.localdate()
    return {
        "figures": figures(today),
        "deals": deals(today),
        "columns": [
            ("Prospecting", 500, cards(today)[:2]),
            ("Engaging", 1589, cards(today)[2:]),
            ("Won", 4238, cards(today)[1:3]),
        ],
        "chips": [
            {"label": "Open", "url": "#", "on": True, "clears": True},
            {"label": "Closing this quarter", "url": "#", "on": True, "clears": True},
            {"label": "Mine", "url": "#"},
            {"label": "Without a next step", "url": "#"},
        ],
        "tabs": [{"label": "Table", "url": "#", "current": True}, {"label": "Board", "url": "#"}, {"label": "Map", "url": "#"}],
        "events": events(),
        "page": SimpleNamespace(rows=deals(today), after="next"),
        "form": SampleForm(initial={"name": "Cancity", "stage": "2"}, prefix="a"),
        "form_in_error": SampleForm({"b-amount": "-3", "b-stage": "2"}, prefix="b"),
        "people": ["Rita Alvarez", "Sam Okafor", "Tom Berg", "Sol", "Cora Lindqvist", "Mia Tanaka", "Otto Weiss", "Fay Moreau"],
        "swatches": range(1, 9),
    }


def figures(today):
    why = {
        "formula": "Sum of the close value of deals won, by close date",
        "as_of": today,
        "rows_in": 4238,
        "rows_out": [{"count": 1589, "rule": "still open"}, {"count": 2473, "rule": "lost"}],
    }

    def one(label, number, key, since, **more):
        return {"label": label, "number": number, "url": "#", "since": since, "why": why | {"id": key}} | more

    up, down = {"change_direction": "up"}, {"change_direction": "down"}
    good, bad = {"change_tone": "good"}, {"change_tone": "bad"}
    return [
        one("Won this quarter", money(1243900, "USD"), "won", "since last quarter", change="12 %", spark=[3, 4, 4, 6, 5, 7, 9])
        | up
        | good,
        one("Open deals", figure(2089), "open", "since last week", change="3 %", spark=[9, 9, 8, 8, 9, 8, 8]) | down,
        one("Win rate", share("0.631"), "rate", "since last quarter", change="2 points", spark=[7, 7, 8, 7, 6, 6, 6])
        | down
        | bad,
        one("Without a next step", figure(14), "step", "of 87 open deals"),
    ]


def deals(today):
    """Names of real length: the longest in the files is 28 letters."""
    rows = [
        ("Konex", "GTX Plus Pro", "Rita Alvarez", 5482, "Engaging", "info", "Send the offer", 2, 18),
        ("Labdrill International Holdings", "MG Advanced", "Sam Okafor", 1243900, "Prospecting", "", "Call Ines back", -3, 64),
        ("Rantouch", "GTX Basic", "Mia Tanaka", 42350, "Won", "good", "", 0, 9),
        ("Zathunicon", "GTK 500", "Tom Berg", 26768, "Lost", "bad", "Ask again in spring", 40, 30),
    ]
    return [
        SimpleNamespace(
            pk=number, name=name, product=product, owner=owner, amount=amount, stage=stage, tone=tone, next_step=step,
            next_step_on=today + timedelta(days=days) if step else None,
            close_date=date(today.year, 3, 3) + timedelta(days=9 * number),
            age=age, age_tone="bad" if age > 45 else "warn" if age > 25 else "",
        )
        for number, (name, product, owner, amount, stage, tone, step, days, age) in enumerate(rows, 1)
    ]  # fmt: skip


def cards(today):
    """The same deals as pipeline.board.as_cards gives them to the board."""
    normal = pace(None, stays=100, half=14, most=45)
    mine = SimpleNamespace(state="offered", is_mine=True, get_absolute_url=lambda: "#")
    for deal in (rows := deals(today)):
        deal.account_id, deal.account = deal.pk, SimpleNamespace(name=deal.name)
        deal.owner, deal.currency, deal.gate_debt = SimpleNamespace(name=deal.owner), "USD", []
        deal.stage_id, deal.stage = deal.pk, SimpleNamespace(name=deal.stage, pace=normal)
        deal.is_rotting, deal.age_words = normal.is_rotting(deal.age), f"{deal.age} days in {deal.stage.name}"
        deal.handed = mine if deal.pk == 1 else None
        deal.get_absolute_url = lambda: "#"
    return rows


def events():
    now = timezone.now()
    return [
        {
            "icon": ICONS["visit"],
            "text": "Visited: went well",
            "who": "Rita Alvarez",
            "detail": "Wants the Pro line for two sites.",
            "at": now,
        },
        {"icon": ICONS["stage"], "text": "Stage: Prospecting → Engaging", "who": "Rita Alvarez", "at": now - timedelta(days=2)},
        {
            "icon": ICONS["owner"],
            "text": "Owner: Sol → Rita Alvarez",
            "who": "Sol",
            "detail": "Handoff accepted.",
            "at": now - timedelta(days=31),
        },
    ]
