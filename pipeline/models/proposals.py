"""Proposals: several per deal, each in versions; what was sent is frozen by the database."""

from decimal import Decimal

import pgtrigger
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from pipeline.querysets.deals import VocabularyQuerySet
from pipeline.querysets.proposals import (
    OUT,
    WRITING,
    LineCostQuerySet,
    ProposalQuerySet,
    VersionPartQuerySet,
    VersionQuerySet,
)
from salesorg.audit.triggers import recorded, versioned
from salesorg.lib.addresses import address
from salesorg.people.models import Team, User
from salesorg.people.roles import Action, Role

from .deals import Deal
from .products import Product


def _money(name, **options):
    return models.DecimalField(name, max_digits=20, decimal_places=4, **options)


def _percent(name, **options):
    between = [MinValueValidator(Decimal(0)), MaxValueValidator(Decimal(100))]
    return models.DecimalField(name, max_digits=5, decimal_places=2, validators=between, **options)


class Proposal(models.Model):
    """What is proposed to a customer about a deal. What it says stands in its versions."""

    deal = models.ForeignKey(Deal, models.PROTECT, related_name="proposals", verbose_name=_("deal"))
    name = models.CharField(_("title"), max_length=200)
    is_primary = models.BooleanField(_("the deal's primary"), default=False)
    created_by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name=_("written by"))
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    objects = ProposalQuerySet.as_manager()

    class Meta:
        ordering = ["-pk"]
        constraints = [
            models.UniqueConstraint(fields=["deal"], condition=Q(is_primary=True), name="one_primary_proposal_per_deal")
        ]
        triggers = recorded()

    def __str__(self):
        return f"{self.number} {self.name}"

    def get_absolute_url(self):
        return address("pipeline:proposal_detail", self.pk)

    @property
    def number(self):
        return f"P-{self.pk}"


# On every path, undo and raw SQL among them. Texts and sums change only in a draft; the rest only forwards.
FROZEN = """
IF TG_OP = 'DELETE' THEN
    IF OLD.sent_at IS NOT NULL THEN
        RAISE EXCEPTION 'Proposal version % was sent and stays', OLD.id USING TABLE = 'pipeline_proposalversion';
    END IF;
    RETURN OLD;
END IF;
IF (NEW.proposal_id, NEW.deal_id, NEW.number, NEW.currency, NEW.valid_until, NEW.delivery_on, NEW.intro, NEW.terms, NEW.discount,
        NEW.list_total, NEW.line_discounts, NEW.whole_discount, NEW.net, NEW.discount_percent)
    IS DISTINCT FROM (OLD.proposal_id, OLD.deal_id, OLD.number, OLD.currency, OLD.valid_until, OLD.delivery_on, OLD.intro,
        OLD.terms, OLD.discount, OLD.list_total, OLD.line_discounts, OLD.whole_discount, OLD.net, OLD.discount_percent)
    AND (OLD.sent_at IS NOT NULL OR NEW.state <> 'draft') THEN
    RAISE EXCEPTION 'Proposal version % is no draft', OLD.id USING TABLE = 'pipeline_proposalversion';
END IF;
IF OLD.sent_at IS NOT NULL
    AND (NEW.sent_at, NEW.sent_by_id, NEW.token) IS DISTINCT FROM (OLD.sent_at, OLD.sent_by_id, OLD.token) THEN
    RAISE EXCEPTION 'Proposal version % was sent already', OLD.id USING TABLE = 'pipeline_proposalversion';
END IF;
IF NEW.state <> OLD.state AND NOT (
    (OLD.state IN ('draft', 'waiting', 'approved') AND NEW.state IN ('withdrawn', 'not_chosen'))
    OR (OLD.state = 'withdrawn' AND OLD.sent_at IS NULL AND NEW.state IN ('draft', 'waiting', 'approved'))
    OR (OLD.state, NEW.state) IN (
        ('draft', 'waiting'), ('draft', 'sent'), ('waiting', 'draft'), ('waiting', 'approved'), ('approved', 'draft'),
        ('approved', 'sent'), ('sent', 'opened'))
    OR (OLD.state IN ('sent', 'opened') AND NEW.state IN ('accepted', 'rejected', 'withdrawn', 'not_chosen', 'replaced'))
) THEN
    RAISE EXCEPTION 'Proposal version % is %, and cannot become %', OLD.id, OLD.state, NEW.state
        USING TABLE = 'pipeline_proposalversion';
END IF;
RETURN NEW;
"""
ONLY_IN_DRAFTS = """
SELECT state INTO found FROM pipeline_proposalversion
    WHERE id = CASE WHEN TG_OP = 'DELETE' THEN OLD.version_id ELSE NEW.version_id END;
IF found <> 'draft' THEN
    RAISE EXCEPTION 'The lines of a proposal that is % stay as they are', found USING TABLE = 'pipeline_proposalversion';
END IF;
IF TG_OP = 'DELETE' THEN RETURN OLD; END IF;
RETURN NEW;
"""


class ProposalVersion(models.Model):
    """A proposal as it was written, approved, sent and answered. Every step of its sum is kept: pipeline.engine.pricing."""

    class State(models.TextChoices):
        DRAFT = "draft", _("Draft")
        WAITING = "waiting", _("Waits for approval")
        APPROVED = "approved", _("Approved")
        SENT = "sent", _("Sent")
        OPENED = "opened", _("Opened")
        ACCEPTED = "accepted", _("Accepted")
        REJECTED = "rejected", _("Rejected")
        WITHDRAWN = "withdrawn", _("Withdrawn")
        NOT_CHOSEN = "not_chosen", _("Not chosen")
        REPLACED = "replaced", _("Replaced by a later version")

    proposal = models.ForeignKey(Proposal, models.CASCADE, related_name="versions", verbose_name=_("proposal"))
    deal = models.ForeignKey(Deal, models.PROTECT, related_name="proposal_versions", verbose_name=_("deal"))
    number = models.PositiveSmallIntegerField(_("version"))
    is_latest = models.BooleanField(default=True, editable=False)
    state = models.CharField(_("state"), max_length=10, choices=State.choices, default=State.DRAFT)
    author = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name=_("written by"))
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    currency = models.CharField(_("currency"), max_length=3)
    valid_until = models.DateField(_("valid until"))
    delivery_on = models.DateField(_("delivery"), null=True, blank=True)
    intro = models.TextField(_("introduction"), blank=True, max_length=5_000)
    terms = models.TextField(_("terms"), blank=True, max_length=5_000)
    discount = _percent(_("discount on the whole, %"), default=0)
    list_total = _money(_("list total"), default=0)
    line_discounts = _money(_("discounts by line"), default=0)
    whole_discount = _money(_("discount on the whole"), default=0)
    net = _money(_("net"), default=0)
    discount_percent = _percent(_("discount in all, %"), default=0)

    token = models.CharField(max_length=22, null=True, unique=True, editable=False)  # noqa: DJ001 (null is not unique, "" is)
    sent_at = models.DateTimeField(_("sent"), null=True, blank=True)
    sent_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("sent by"))
    sent_to = models.CharField(_("sent to"), max_length=254, blank=True)
    opened_at = models.DateTimeField(_("first opened"), null=True, blank=True)
    opens = models.PositiveIntegerField(_("times opened"), default=0)
    decided_at = models.DateTimeField(_("answered"), null=True, blank=True)
    decided_name = models.CharField(_("answered by"), max_length=100, blank=True)
    consent = models.CharField(_("in these words"), max_length=500, blank=True)
    reason = models.CharField(_("reason"), max_length=1_000, blank=True)
    version = models.PositiveIntegerField(default=1, editable=False)

    objects = VersionQuerySet.as_manager()
    NAMED_BY = ("proposal",)

    class Meta:
        verbose_name = _("version of a proposal")
        verbose_name_plural = _("versions of a proposal")
        ordering = ["proposal", "-number"]
        constraints = [
            models.UniqueConstraint(fields=["proposal", "number"], name="one_proposal_version_per_number"),
            models.UniqueConstraint(fields=["proposal"], condition=Q(is_latest=True), name="one_latest_version_per_proposal"),
            models.UniqueConstraint(fields=["deal"], condition=Q(state="accepted"), name="one_accepted_proposal_per_deal"),
            models.CheckConstraint(
                condition=Q(state__in=[*WRITING, "withdrawn", "not_chosen"]) | Q(sent_at__isnull=False, token__isnull=False),
                name="sent_proposal_has_token",
            ),
            models.CheckConstraint(condition=Q(discount__gte=0, discount__lte=100), name="proposal_discount_is_a_percentage"),
            models.CheckConstraint(condition=~Q(state="rejected") | ~Q(reason=""), name="rejected_proposal_says_why"),
        ]
        indexes = [
            models.Index(fields=["-sent_at", "-id"], name="proposal_by_sending", condition=Q(sent_at__isnull=False)),
            models.Index(fields=["deal"], name="proposal_of_deal"),
            models.Index(fields=["state"], name="proposal_waiting", condition=Q(state="waiting")),
        ]
        triggers = [
            *recorded(left_out=["token", "opens"]),
            *versioned(),
            pgtrigger.Trigger(
                name="frozen", when=pgtrigger.Before, operation=pgtrigger.Update | pgtrigger.Delete, func=FROZEN
            ),
        ]  # fmt: skip

    def __str__(self):
        return f"{self.proposal} · {self.number}"

    def get_absolute_url(self):
        return f"{address('pipeline:proposal_detail', self.proposal_id)}?version={self.number}"

    @property
    def may_be_taken_back(self):
        """Whether its history may offer an undo: what was sent stays as it was sent."""
        return self.sent_at is None

    @property
    def is_writable(self):
        return self.state in WRITING

    @property
    def is_out(self):
        return self.state in OUT

    def state_on(self, today):
        """(code, words) of its state as people know it."""
        if self.is_out and self.valid_until < today:
            return "expired", str(_("Expired"))
        return self.state, self.get_state_display()


class ProposalLine(models.Model):
    """One thing that is offered, with the price of its day; without a product it is free text with a price."""

    version = models.ForeignKey(ProposalVersion, models.CASCADE, related_name="lines")
    position = models.PositiveSmallIntegerField(_("position"))
    product = models.ForeignKey(Product, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("product"))
    text = models.CharField(_("what"), max_length=300)
    unit = models.CharField(_("unit"), max_length=20, blank=True)
    quantity = models.DecimalField(_("quantity"), max_digits=14, decimal_places=4)
    list_price = _money(_("list price"))
    discount = _percent(_("discount, %"), default=0)
    price = _money(_("price"))
    list_total = _money(_("list total"))
    discount_amount = _money(_("discount"))
    whole_share = _money(_("share of the discount on the whole"))
    net = _money(_("net"))

    objects = VersionPartQuerySet.as_manager()

    class Meta:
        ordering = ["version", "position"]
        constraints = [
            models.UniqueConstraint(fields=["version", "position"], name="one_proposal_line_per_position"),
            models.CheckConstraint(
                condition=Q(quantity__gte=0, list_price__gte=0, discount__gte=0, discount__lte=100), name="proposal_line_is_sound"
            ),
        ]
        triggers = [
            *recorded(),
            pgtrigger.Trigger(
                name="only_in_drafts", when=pgtrigger.Before, func=ONLY_IN_DRAFTS, declare=[("found", "text")],
                operation=pgtrigger.Insert | pgtrigger.Update | pgtrigger.Delete,
            ),
        ]  # fmt: skip

    def __str__(self):
        return self.text

    @property
    def total(self):
        """What it comes to after its own discount, as the customer reads it: the discount on the whole stands in the sums."""
        return self.list_total - self.discount_amount


class LineCost(models.Model):
    """What a line costs us and leaves. A table of its own: its history is as closed as itself."""

    line = models.OneToOneField(ProposalLine, models.CASCADE, related_name="cost")
    unit_cost = _money(_("cost of one unit"))
    cost = _money(_("cost"))
    margin = _money(_("margin"))

    objects = LineCostQuerySet.as_manager()
    NAMED_BY = ("line",)

    class Meta:
        triggers = recorded()

    def __str__(self):
        return str(self.line)


class DiscountLimit(models.Model):
    """Up to which discount somebody of a role, in a team, sends proposals unasked. Of several: services.approvals."""

    UNDO_NEEDS = Action.EDIT_PRODUCTS

    role = models.PositiveSmallIntegerField(_("role"), choices=Role.choices, null=True, blank=True)
    team = models.ForeignKey(Team, models.CASCADE, null=True, blank=True, related_name="+", verbose_name=_("team"))
    percent = _percent(_("discount up to, %"))

    objects = VocabularyQuerySet.as_manager()
    NAMED_BY = ("team",)

    class Meta:
        ordering = ["role", "team", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["role", "team"], nulls_distinct=False, name="one_limit_per_role_and_team"),
            models.CheckConstraint(condition=Q(role__isnull=False) | Q(team__isnull=False), name="limit_is_somebodys"),
            models.CheckConstraint(condition=Q(percent__gte=0, percent__lte=100), name="limit_is_a_percentage"),
        ]
        triggers = recorded()

    def __str__(self):
        role = self.get_role_display() if self.role else _("everybody")
        return f"{role} · {self.team}" if self.team else str(role)


class Approval(models.Model):
    """A discount above somebody's limit: asked for, approved, refused, or overtaken by a change of the proposal."""

    class State(models.TextChoices):
        WAITING = "waiting", _("Waiting")
        APPROVED = "approved", _("Approved")
        REFUSED = "refused", _("Refused")
        VOID = "void", _("Overtaken by a change")

    version = models.ForeignKey(ProposalVersion, models.CASCADE, related_name="approvals")
    state = models.CharField(_("state"), max_length=8, choices=State.choices, default=State.WAITING)
    asked_by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name=_("asked by"))
    asked_at = models.DateTimeField(_("asked"), default=timezone.now)
    percent = _percent(_("discount, %"))
    note = models.CharField(_("why"), max_length=1_000, blank=True)
    decided_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("decided by"))
    decided_at = models.DateTimeField(_("decided"), null=True, blank=True)
    reason = models.CharField(_("reason"), max_length=1_000, blank=True)

    objects = VersionPartQuerySet.as_manager()
    NAMED_BY = ("version",)

    class Meta:
        ordering = ["-pk"]
        constraints = [
            models.UniqueConstraint(fields=["version"], condition=Q(state="waiting"), name="one_waiting_approval_per_version"),
            models.CheckConstraint(
                condition=~Q(state__in=["approved", "refused"]) | Q(decided_by__isnull=False),
                name="decided_approval_says_by_whom",
            ),
            models.CheckConstraint(
                condition=Q(decided_by__isnull=True) | ~Q(decided_by=models.F("asked_by")), name="nobody_approves_the_own"
            ),
            models.CheckConstraint(condition=~Q(state="refused") | ~Q(reason=""), name="refused_approval_says_why"),
        ]
        triggers = recorded()

    def __str__(self):
        return str(self.version.number)


class IssuedDocument(models.Model):
    """The PDF of a version as it was sent. Made once, and never made again."""

    version = models.OneToOneField(ProposalVersion, models.PROTECT, related_name="document")
    pdf = models.BinaryField()
    made_at = models.DateTimeField(default=timezone.now)

    objects = VersionPartQuerySet.as_manager()
    NAMED_BY = ("version",)

    class Meta:
        triggers = [
            *recorded(left_out=["pdf"]),
            pgtrigger.Protect(name="never_changes", operation=pgtrigger.Update | pgtrigger.Delete),
        ]

    def __str__(self):
        return str(self.version.number)
