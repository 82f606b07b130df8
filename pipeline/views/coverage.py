"""Is there enough in the pipeline, and on how few does it hang: coverage of what is still to be won, and concentration."""

from decimal import Decimal
from urllib.parse import parse_qsl, urlencode

from django.db.models import Count, Q, Sum
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from accounts.models import Account
from pipeline.engine.concentration import concentration, coverage_ratio, still_to_win
from pipeline.models import Status
from pipeline.reports.targets import targets
from pipeline.views.figures import Figures
from salesorg.lib.past import opens_any_day
from salesorg.lib.templatetags.salesorg import figure, full_money, money, share, short
from salesorg.people.access import requires
from salesorg.people.models import User
from salesorg.people.roles import Action

PERIODS = ("month", "quarter", "last_quarter", "year")


@require_safe
@requires(Action.REVIEW_PIPELINE)
@opens_any_day
def coverage(request):
    """Open pipeline closing in the period against what is still to be won, and how much of it hangs on the best."""
    figures = Figures(request, span="quarter")
    quarter = Quarter(figures.selection, figures.span)
    context = figures.context(quarter.rows(), "pipeline", "product", spans=PERIODS) | {
        "currency": quarter.currency,
        "tiles": quarter.tiles(),
        "hangs_on": quarter.hangs_on(),
        "words": quarter.words(),
    }
    return render(request, "pipeline/coverage.html", context)


class Quarter:
    """What was won and what is open to close in a span, by person and by account, in the organisation's currency."""

    def __init__(self, selection, span):
        self.selection, self.span, self.user = selection, span, selection.user
        self.currency = self.user.organisation.currency
        deals = selection.deals(leave_out={"status", "close_from", "close_to"})
        in_span = selection.by_close_from(span.period.start) & selection.by_close_to(span.period.last_day)
        self._won, self._open = selection.by_status(Status.WON) & in_span, selection.by_status(Status.OPEN) & in_span
        self._deals = deals.filter(self._won | self._open)
        self._late = deals.filter(selection.by_status(Status.OPEN), selection.closing_before(span.period.start))
        self.of_owner = self._sums(selection.column("owner_id"))
        self.won = sum((each["won"] for each in self.of_owner.values()), Decimal(0))
        self.open = sum((each["open"] for each in self.of_owner.values()), Decimal(0))
        self.quotas = self._quotas()
        self.quota = sum(self.quotas.values(), Decimal(0))
        self.names = dict(
            User.objects.visible_to(self.user).filter(pk__in={*self.of_owner, *self.quotas}).values_list("pk", "name")
        )
        days = {"close_from": span.period.start, "close_to": span.period.last_day, "currency": self.currency}
        kept = parse_qsl(selection.query(team=selection.get("team") or None, close_from=None, close_to=None))
        self._kept = dict(kept) | days

    def _sums(self, key):
        """{key: {won, open, won_count, open_count}}, in one query."""
        amount, mine = self.selection.column("amount"), Q(currency=self.currency)
        rows = (
            self._deals.filter(mine)
            .order_by()
            .values_list(key)
            .annotate(
                won=Sum(amount, filter=self._won),
                open=Sum(amount, filter=self._open),
                won_count=Count("pk", filter=self._won),
                open_count=Count("pk", filter=self._open),
            )
        )
        return {
            row[0]: {"won": row[1] or Decimal(0), "open": row[2] or Decimal(0), "won_count": row[3], "open_count": row[4]}
            for row in rows
        }

    def _quotas(self):
        """{person id: quota of the span} of the people who are looked at."""
        period = self.span.period
        found = targets(self.user, period, self.currency)
        people = self.selection.people
        if self.selection.person:
            people = {self.selection.person.pk} if people is None else people & {self.selection.person.pk}
        return {person: amount for person, amount in found.items() if amount and (people is None or person in people)}

    def address(self, status, **only):
        return f"{reverse('pipeline:deal_list')}?{urlencode(self._kept | only | {'status': status})}"

    def rows(self):
        """A row for each person with a quota or a deal: won and open on one scale, a mark at the quota."""
        nothing = {"won": Decimal(0), "open": Decimal(0), "won_count": 0, "open_count": 0}
        sums = {person: self.of_owner.get(person, nothing) for person in {*self.of_owner, *self.quotas}}
        most = max((max(each["won"] + each["open"], self.quotas.get(person, 0)) for person, each in sums.items()), default=0)
        found = [self._row(person, each, most or 1) for person, each in sums.items()]
        return sorted(found, key=lambda row: (row["quota"] is None, -row["still"], -row["open"], row["name"]))

    def _row(self, person, each, most):
        quota = self.quotas.get(person)
        name = self.names.get(person, _("Somebody else"))
        still = still_to_win(quota, each["won"]) if quota else Decimal(0)
        return each | {
            "name": name,
            "quota": quota,
            "still": still,
            "reached": bool(quota) and not still,
            "ratio": _times(coverage_ratio(each["open"], quota, each["won"])),
            "won_width": f"{each['won'] * 1000 / most:.0f}",
            "open_width": f"{each['open'] * 1000 / most:.0f}",
            "mark": f"{quota * 1000 / most:.0f}" if quota else "",
            "won_url": self.address(Status.WON, owner=person),
            "open_url": self.address(Status.OPEN, owner=person),
            "won_words": f"{name}: {full_money(each['won'], self.currency)}",
            "open_words": f"{name}: {full_money(each['open'], self.currency)}",
        }

    def tiles(self):
        still = still_to_win(self.quota, self.won)
        ratio = _times(coverage_ratio(self.open, self.quota, self.won))
        counts = {name: sum(each[f"{name}_count"] for each in self.of_owner.values()) for name in ("won", "open")}
        late, others = self._late.count(), self._deals.exclude(currency=self.currency).count()
        left_out = [{"count": others, "rule": _("in another currency")}] if others else []
        late_out = [{"count": late, "rule": _("open, with a close date before the period")}] if late else []

        def tile(key, label, number, since, url, formula, rows, rows_out=()):
            why = {"id": key, "formula": formula, "as_of": self.selection.day, "rows_in": rows, "rows_out": [*rows_out]}
            return {"label": label, "number": number, "since": since, "url": url, "why": why}

        to_go = _("%(sum)s still to win") % {"sum": short(still)} if self.quota else _("no quota is set")
        return [
            tile(
                "ratio", _("Coverage ratio"), ratio or ("–" if not self.quota else _("reached")), to_go, "",
                _("open pipeline closing in the period ÷ (quota − won); none once the quota is reached"),
                counts["open"], late_out + left_out,
            ),
            tile(
                "open", _("Open, closing"), money(self.open, self.currency), self.span.words, self.address(Status.OPEN),
                _("sum of the amounts of open deals whose close date lies in the period"), counts["open"], late_out + left_out,
            ),
            tile(
                "won", _("Won"), money(self.won, self.currency),
                _("%(share)s of quota") % {"share": share(self.won / self.quota)} if self.quota else self.currency,
                self.address(Status.WON), _("sum of the amounts of deals won in the period"), counts["won"], left_out,
            ),
            tile(
                "quota", _("Quota"), money(self.quota, self.currency) if self.quota else "–",
                _("%(n)s people") % {"n": figure(len(self.quotas))}, "",
                _("sum of the monthly quotas of the people looked at, in the organisation's currency"), len(self.quotas),
            ),
        ]  # fmt: skip

    def hangs_on(self):
        """What was won and what is open, each by person and by account: the best five and the rest, as parts of one bar."""
        of_account = self._sums("account_id")
        found = []
        for what, status in (("won", Status.WON), ("open", Status.OPEN)):
            for by, sums in (("owner", self.of_owner), ("account", of_account)):
                parts = concentration({key: each[what] for key, each in sums.items()})
                found.append({"what": what, "by": by, "status": status, "parts": parts})
        keys = {part.key for each in found if each["by"] == "account" for part in each["parts"].best}
        accounts = dict(Account.objects.visible_to(self.user).filter(pk__in=keys - {None}).values_list("pk", "name"))
        names = {"owner": self.names, "account": accounts}
        return [self._bar(each, names[each["by"]]) for each in found if each["parts"].whole]

    def _bar(self, each, names):
        titles = {
            ("won", "owner"): _("Won, by rep"),
            ("open", "owner"): _("Open, by rep"),
            ("won", "account"): _("Won, by account"),
            ("open", "account"): _("Open, by account"),
        }
        parts, at, drawn = each["parts"], 0, []
        for index, part in enumerate(parts.best):
            width = int(part.share * 1000)
            hidden = _("An account you may not open") if part.key else _("No account")
            name = names.get(part.key) or (hidden if each["by"] == "account" else _("Somebody else"))
            url = self.address(each["status"], **{each["by"]: part.key}) if part.key in names else ""
            words = f"{name}: {full_money(part.amount, self.currency)}, {share(part.share)}"
            drawn.append({"x": at, "width": width, "series": index + 1, "url": url, "words": words, "name": name, "part": part})
            at += width
        return {
            "title": titles[each["what"], each["by"]],
            "drawn": drawn,
            "first": drawn[0],
            "parts": parts,
            "best": _("best %(n)s of %(all)s: %(share)s")
            % {"n": len(parts.best), "all": figure(parts.parts), "share": share(parts.share_of_best)},
            "half": parts.half,
            "url": self.address(each["status"]),
        }

    def words(self):
        """What the period would be without the best rep, in a sentence; empty where nothing was won."""
        parts = concentration({person: each["won"] for person, each in self.of_owner.items()})
        if not parts.whole:
            return ""
        said = {
            "name": self.names.get(parts.best[0].key, _("Somebody else")),
            "share": share(parts.best[0].share),
            "rest": short(parts.without_first),
            "currency": self.currency,
            "half": figure(parts.half),
            "all": figure(parts.parts),
        }
        words = _("%(name)s brought %(share)s of what was won; without them it would be %(rest)s %(currency)s") % said
        if self.quota:
            words += _(", %(share)s of quota") % {"share": share(parts.without_first / self.quota)}
        return f"{words}. " + _("Half of it came from %(half)s of %(all)s people.") % said


def _times(ratio):
    """ "2.4×"; empty where there is none."""
    return f"{ratio:.1f}×" if ratio is not None else ""
