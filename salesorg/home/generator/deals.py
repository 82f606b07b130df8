"""Writes deals with every state they were in: opened, moved from stage to stage, pushed, changed in amount, won or lost."""

from datetime import timedelta

from accounts.models import Activity
from pipeline.models import Deal, DealActivity, DealMember, DealVersion, LossReason, Pipeline, Price, PriceList, Product, Stage
from salesorg.lib.db import copy_rows

from . import words
from .rows import reserve, span

DEAL = [
    "id", "name", "account", "owner", "pipeline", "stage", "status", "forecast_category", "type", "product", "amount", "currency",
    "opened_on", "close_date", "next_step", "next_step_on", "loss_reason", "gate_debt", "stage_since", "created_at", "version",
]  # fmt: skip
VERSION = ["deal", "stage", "owner", "amount", "close_date", "forecast_category", "during", "actor_id", "cause"]
MEMBER = ["deal", "user", "role", "revenue_share", "overlay_share", "during"]
STEP_DAYS = (4, 30)  # how long a deal stays in a stage
OFFERED_FOR = timedelta(days=8)  # a deal that an SDR found lately is the SDR's until the seller accepts it
GO_ON = 0.86  # the share of deals that leave a stage for the next one; the others are lost there


class Deals:
    """Deals invented in memory, then copied: `won` {account id: total}, `on_account` {account id: [opening days]}.

    `offered` holds the ids of those that an SDR has found and nobody has accepted yet.
    """

    def __init__(self, market):
        self.market, self.shape, self.rng = market, market.shape, market.rng
        self.start, self.today = market.start, market.today
        self.won, self.on_account = {}, {}
        self.offered, self.sdrs = set(), market.structure.sdrs()
        self.rows, self.versions, self.members = [], [], []
        self._vocabulary()
        # Some accounts buy again and again, most seldom: a quarter of them has most of the deals.
        weights = [self.rng.paretovariate(1.2) for _each in market.accounts]
        chosen = self.rng.choices(market.accounts, weights, k=self.shape.deals)
        for pk, (account, patch) in zip(reserve(Deal, self.shape.deals), chosen, strict=True):
            self._invent(pk, account, patch)

    def _vocabulary(self):
        pipeline = Pipeline.objects.create(name="New business")
        self.pipeline = pipeline.pk
        self.stages = [
            Stage.objects.create(
                pipeline=pipeline,
                name=name,
                position=i,
                status=status,
                probability=probability,
                forecast_category=category,
                expected_days=days,
            )
            for i, (name, status, probability, category, days) in enumerate(words.STAGES)
        ]
        self.reasons = [
            reason.pk for reason in LossReason.objects.bulk_create(LossReason(name=name) for name in words.LOSS_REASONS)
        ]
        price_list = PriceList.objects.create(name="List prices", currency="USD", during=span(self.start, None))
        self.products = []
        for name, series, price in words.PRODUCTS:
            product = Product.objects.create(name=name, series=series)
            Price.objects.create(price_list=price_list, product=product, amount=price)
            self.products.append((product, price))

    def _invent(self, pk, account, patch):
        rng, market = self.rng, self.market
        days = (self.today - self.start).days
        day = self.today - timedelta(days=1 + int((days - 2) * rng.random() ** (1 / self.shape.recency)))
        opened, owner = day, market.lead_of(patch, day)
        product, price = rng.choice(self.products)
        amount = price * min(int(rng.paretovariate(0.9)), 40)
        close = day + timedelta(days=rng.randrange(35, 110))
        states = []  # (day, stage, owner, amount, close date)
        for stage in self.stages[:4]:
            states.append((day, stage, owner, amount, close))
            day += timedelta(days=rng.randint(*STEP_DAYS))
            if rng.random() < 0.25:  # the customer wants more, or less, meanwhile
                amount = max(price, amount + price * rng.randrange(-2, 4))
            if rng.random() < 0.3:
                close += timedelta(days=rng.randrange(7, 45))
            owner = market.lead_of(patch, min(day, self.today))
            if day > self.today:
                states[-1] = self._of_sdr(pk, patch, *states[-1]) if len(states) == 1 else states[-1]
                break
            if rng.random() > GO_ON or stage is self.stages[3]:
                won = stage is self.stages[3] and rng.random() < 0.75
                states.append((day, self.stages[4] if won else self.stages[5], owner, amount, day))
                break
        self._keep(pk, account, product, opened, states)

    def _of_sdr(self, pk, patch, opened, stage, owner, amount, close):
        """The first state of a deal; one of two opened lately was found by an SDR, where deals are handed over."""
        sdrs = self.sdrs[patch.team]
        if self.shape.hands_over and sdrs and opened > self.today - OFFERED_FOR and self.rng.random() < 0.5:
            self.offered.add(pk)
            owner = self.rng.choice(sdrs)
        return opened, stage, owner, amount, close

    def _keep(self, pk, account, product, opened, states):
        rng, market = self.rng, self.market
        moments = [market.moment(day) for day, *_state in states]
        since, stage, owner, amount, close = states[-1]
        is_open, is_won = stage.status == "open", stage.status == "won"
        if is_open and close < self.today and rng.random() < 0.8:  # few leave a close date in the past
            close = self.today + timedelta(days=rng.randrange(1, 60))
            states[-1] = (since, stage, owner, amount, close)
        type = "expansion" if account in self.won else "new"
        if is_won:
            self.won[account] = self.won.get(account, 0) + amount
        self.on_account.setdefault(account, []).append(pk)
        step = rng.choice(words.NEXT_STEPS) if is_open else ""
        step_on = self.today + timedelta(days=rng.randrange(-3, 15)) if is_open else None
        self.rows.append((
            pk, f"{product.name} {opened:%Y-%m}", account, owner, self.pipeline, stage.pk, stage.status, stage.forecast_category,
            type, product.pk, amount, "USD", opened, close, step, step_on,
            None if is_open or is_won else rng.choice(self.reasons), "{}", moments[-1], moments[0], 1,
        ))  # fmt: skip
        for (_day, stage, owner, amount, close), start, until in zip(states, moments, [*moments[1:], None], strict=True):
            self.versions.append(
                (pk, stage.pk, owner, amount, close, stage.forecast_category, span(start, until), owner, "generated")
            )
        self._share(pk, states)

    def _share(self, pk, states):
        """The owner of each day has the whole of the deal."""
        role, spells = int(self.market.structure.role_of[states[-1][2]]), []
        for day, _stage, owner, *_rest in states:
            if not spells or spells[-1][1] != owner:
                spells.append((day, owner))
        for (day, owner), until in zip(spells, [day for day, _owner in spells[1:]] + [None], strict=True):
            self.members.append((pk, owner, role, DealMember.WHOLE, 0, span(day, until)))

    def write(self, keep_history):
        """Copy everything; `keep_history(model)` writes the general history of what was copied."""
        copy_rows(Deal, DEAL, self.rows, history=False)
        copy_rows(DealVersion, VERSION, self.versions)
        copy_rows(DealMember, MEMBER, self.members, history=False)
        keep_history(Deal)

    def link_activities(self):
        """About half of what was done at accounts with deals was about one of them."""
        done = Activity.objects.filter(account__in=list(self.on_account)).order_by("pk").values_list("pk", "account_id")
        about = ((activity, account) for activity, account in done.iterator() if self.rng.random() < 0.5)
        links = ((activity, self.rng.choice(self.on_account[account])) for activity, account in about)
        copy_rows(DealActivity, ["activity", "deal"], links, history=False)
