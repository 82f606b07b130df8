"""Documents with their versions, who may see them, the links under which they were sent, and printed material."""

import pgtrigger
from django.contrib.postgres.fields import ArrayField
from django.core import signing
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.querysets.documents import DocumentLinkQuerySet, DocumentPartQuerySet, DocumentQuerySet, PrintOrderQuerySet
from salesorg.audit.triggers import recorded, versioned
from salesorg.lib.files import TYPES
from salesorg.people.models import Team, User
from salesorg.people.roles import Role

from .accounts import Account


class Document(models.Model):
    """A brochure, a price list, a presentation: of the library, or of one account. What it says stands in its versions."""

    class Kind(models.TextChoices):
        BROCHURE = "brochure", _("Brochure")
        PRICE_LIST = "price_list", _("Price list")
        PRESENTATION = "presentation", _("Presentation")
        DATA_SHEET = "data_sheet", _("Data sheet")
        CONTRACT = "contract", _("Contract")
        OTHER = "other", _("Other")

    title = models.CharField(_("title"), max_length=200)
    kind = models.CharField(_("kind"), max_length=12, choices=Kind.choices, default=Kind.BROCHURE)
    tags = ArrayField(models.CharField(max_length=40), default=list, blank=True, verbose_name=_("products and other words"))
    account = models.ForeignKey(
        Account, models.PROTECT, null=True, blank=True, related_name="documents", editable=False, verbose_name=_("account")
    )
    roles = ArrayField(
        models.PositiveSmallIntegerField(choices=Role.choices), default=list, blank=True, verbose_name=_("only for these roles")
    )
    teams = models.ManyToManyField(Team, through="DocumentTeam", blank=True, verbose_name=_("only for these teams"))
    created_by = models.ForeignKey(User, models.PROTECT, related_name="+", editable=False, verbose_name=_("put here by"))
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    retired_at = models.DateTimeField(_("no longer in use"), null=True, editable=False)
    version = models.PositiveIntegerField(default=1, editable=False)

    objects = DocumentQuerySet.as_manager()

    class Meta:
        ordering = ["title", "pk"]
        indexes = [models.Index(fields=["title", "id"], name="document_by_title", condition=Q(account=None))]
        triggers = [*recorded(), *versioned()]

    def __str__(self):
        return self.title

    def get_absolute_url(self):
        return reverse("accounts:document_detail", args=[self.pk])


class DocumentTeam(models.Model):
    """A team that may see a document of the library."""

    document = models.ForeignKey(Document, models.CASCADE, related_name="audience")
    team = models.ForeignKey(Team, models.CASCADE, related_name="+", verbose_name=_("team"))

    objects = DocumentPartQuerySet.as_manager()
    NAMED_BY = ("document", "team")

    class Meta:
        verbose_name = _("team of a document")
        verbose_name_plural = _("teams of a document")
        constraints = [models.UniqueConstraint(fields=["document", "team"], name="team_of_document_once")]
        triggers = recorded()

    def __str__(self):
        return f"{self.document} · {self.team}"


class DocumentVersion(models.Model):
    """One state of a document. The database refuses to change it: what was sent to somebody stays what it was."""

    document = models.ForeignKey(Document, models.CASCADE, related_name="versions", verbose_name=_("document"))
    number = models.PositiveSmallIntegerField(_("version"))
    file = models.CharField(max_length=80, editable=False)  # the name that salesorg.lib.files gave the bytes
    file_title = models.CharField(_("file"), max_length=120)
    size = models.PositiveIntegerField(_("bytes"))
    what_is_new = models.CharField(_("what is new"), max_length=200, blank=True)
    created_by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name=_("put here by"))
    created_at = models.DateTimeField(default=timezone.now)

    objects = DocumentPartQuerySet.as_manager()
    NAMED_BY = ("document",)

    class Meta:
        ordering = ["-number"]
        verbose_name = _("version of a document")
        verbose_name_plural = _("versions of a document")
        constraints = [models.UniqueConstraint(fields=["document", "number"], name="version_of_document_once")]
        triggers = [*recorded(), pgtrigger.Protect(name="stays_as_it_is", operation=pgtrigger.Update)]

    def __str__(self):
        return f"{self.document} · {self.number}"

    @property
    def content_type(self):
        return TYPES[self.file.rpartition(".")[2]]

    @property
    def is_picture(self):
        return self.content_type.startswith("image/")

    @property
    def can_be_shown(self):
        """True for what a browser shows by itself."""
        return self.is_picture or self.content_type == "application/pdf"


class DocumentLink(models.Model):
    """A version sent to somebody outside: the address holds this row's signed key, and opens that one version until it ends."""

    SALT = "accounts.DocumentLink"

    version = models.ForeignKey(DocumentVersion, models.PROTECT, related_name="links", verbose_name=_("document"))
    account = models.ForeignKey(
        Account, models.SET_NULL, null=True, blank=True, related_name="document_links", verbose_name=_("sent to")
    )
    created_by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name=_("sent by"))
    created_at = models.DateTimeField(default=timezone.now)
    expires_at = models.DateTimeField(_("open until"))
    revoked_at = models.DateTimeField(_("withdrawn"), null=True)
    opens = models.PositiveIntegerField(_("opened"), default=0)
    last_opened_at = models.DateTimeField(_("last opened"), null=True)
    stretch_began = models.DateTimeField(null=True)
    stretch_opens = models.PositiveIntegerField(default=0)

    objects = DocumentLinkQuerySet.as_manager()
    NAMED_BY = ("version",)

    class Meta:
        ordering = ["-pk"]
        verbose_name = _("sent document")
        verbose_name_plural = _("sent documents")
        triggers = recorded(left_out=["opens", "last_opened_at", "stretch_began", "stretch_opens"])

    def __str__(self):
        return str(self.version)

    def get_absolute_url(self):
        return reverse("accounts:document_link", args=[signing.Signer(salt=self.SALT).sign(self.pk)])

    def is_open(self, now=None):
        return self.revoked_at is None and self.expires_at > (now or timezone.now())

    @classmethod
    def key_in(cls, token):
        """The key in an address, or None when nobody here has signed it."""
        try:
            return int(signing.Signer(salt=cls.SALT).unsign(token))
        except (signing.BadSignature, ValueError):
            return None


class PrintOrder(models.Model):
    """Printed material that somebody ordered: what, how many pieces, and what one costs."""

    user = models.ForeignKey(User, models.PROTECT, related_name="print_orders", verbose_name=_("for"))
    ordered_on = models.DateField(_("ordered"))
    item = models.CharField(_("item"), max_length=200)
    pieces = models.PositiveIntegerField(_("pieces"), validators=[MinValueValidator(1), MaxValueValidator(1_000_000)])
    unit_cost = models.DecimalField(_("cost of one"), max_digits=12, decimal_places=4, validators=[MinValueValidator(0)])

    objects = PrintOrderQuerySet.as_manager()

    class Meta:
        ordering = ["-ordered_on", "-pk"]
        verbose_name = _("order of printed material")
        verbose_name_plural = _("orders of printed material")
        indexes = [models.Index(fields=["user", "-ordered_on"], name="print_order_of_user")]
        triggers = recorded()

    def __str__(self):
        return self.item
