"""What is brought in from files and taken out into them: the file, its rows on their way, saved mappings, exports."""

import uuid

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from accounts.querysets.imports import ExportQuerySet, ImportQuerySet, ImportRowQuerySet, MappingQuerySet
from salesorg.audit.triggers import recorded
from salesorg.people.models import User


class Import(models.Model):
    """One file of one person, from its upload to its undo.

    Not recorded in history: what it writes is, under `context`, and undoing that must not undo this row's own state.
    """

    class Kind(models.TextChoices):
        ACCOUNTS = "accounts", _("Accounts")
        CONTACTS = "contacts", _("Contacts")
        ACTIVITIES = "activities", _("Activities")
        INVOICES = "invoices", _("Invoices and credit notes")  # these two are the pipeline's: importing.columns.register_kind
        PAYMENTS = "payments", _("Payments")

    class Mode(models.TextChoices):
        BOTH = "both", _("Update what is there, create the rest")
        UPDATE = "update", _("Update only")
        CREATE = "create", _("Create only")

    class State(models.TextChoices):
        NEW = "new", _("Columns to choose")
        CHECKING = "checking", _("Checking")
        CHECKED = "checked", _("Checked")
        WRITING = "writing", _("Importing")
        DONE = "done", _("Imported")
        UNDOING = "undoing", _("Undoing")
        UNDONE = "undone", _("Undone")

    user = models.ForeignKey(User, models.PROTECT, related_name="imports")
    kind = models.CharField(max_length=10, choices=Kind.choices)
    file_name = models.CharField(max_length=200)
    content = models.BinaryField()
    options = models.JSONField(default=dict)  # how the file is read: format, encoding, delimiter, decimal comma, order of dates
    header = models.JSONField(default=list)
    first_rows = models.JSONField(default=list)  # a few, to choose columns by
    mapping = models.JSONField(default=list)  # one column name for each of the header; "" leaves it out
    match = models.CharField(max_length=20, blank=True)
    mode = models.CharField(max_length=6, choices=Mode.choices, default=Mode.BOTH)
    allow_alike = models.BooleanField(default=False)  # create what looks like an account that exists already
    state = models.CharField(max_length=8, choices=State.choices, default=State.NEW)
    problem = models.TextField(blank=True)  # why the last step was refused as a whole
    counts = models.JSONField(default=dict)
    run_id = models.BigIntegerField(null=True)  # of salesorg.jobs, which forgets its runs before we do
    context = models.UUIDField(default=uuid.uuid4, unique=True)
    created_at = models.DateTimeField(db_default=Now())

    objects = ImportQuerySet.as_manager()

    class Meta:
        indexes = [models.Index(fields=["user", "-id"], name="imports_of_user")]

    def __str__(self):
        return self.file_name

    def get_absolute_url(self):
        return reverse("accounts:import_detail", args=[self.pk])

    @property
    def is_busy(self):
        return self.state in {self.State.CHECKING, self.State.WRITING, self.State.UNDOING}


class ImportRow(models.Model):
    """One row of a file: what it says, what it means, and what came of it."""

    class Outcome(models.TextChoices):
        WAITING = "", "…"
        NEW = "new", _("New")
        CHANGED = "changed", _("Changed")
        SAME = "same", _("Same")
        REFUSED = "refused", _("Refused")

    made_by = models.ForeignKey(Import, models.CASCADE, related_name="rows")
    number = models.PositiveIntegerField()  # of the row in the file, as a spreadsheet counts
    cells = models.JSONField()  # as they stand in the file
    values = models.JSONField(null=True)  # by column of the table, ready to be stored; null when a cell cannot be read
    keys = models.JSONField(default=dict)  # what other records are found by: the account, the person
    repeats = models.PositiveIntegerField(null=True)  # the number of an earlier row about the same record
    alike = models.PositiveIntegerField(null=True)  # the number of an earlier row of the same name or web domain
    outcome = models.CharField(max_length=7, choices=Outcome.choices, blank=True, db_default="")
    reason = models.TextField(blank=True, db_default="")  # why refused, the same words for the same problem
    found = models.TextField(blank=True, db_default="")  # what stood there instead
    note = models.TextField(blank=True, db_default="")  # what a person should look at, though the row is taken
    target = models.BigIntegerField(null=True)  # the record it was written to
    changes = models.JSONField(null=True)  # {column: [before, after]}

    objects = ImportRowQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["made_by", "number"], name="import_row_once")]
        indexes = [models.Index(fields=["made_by", "outcome", "number"], name="import_rows_by_outcome")]

    def __str__(self):
        return f"{self.number}"


class ColumnMapping(models.Model):
    """Which heading of a file means which column, kept by name for oneself or for everybody."""

    user = models.ForeignKey(User, models.PROTECT, related_name="column_mappings")
    kind = models.CharField(max_length=10, choices=Import.Kind.choices)
    name = models.CharField(_("name"), max_length=100)
    is_shared = models.BooleanField(_("for everybody"), default=False)
    columns = models.JSONField(default=dict)  # {heading: column}
    match = models.CharField(max_length=20, blank=True)
    mode = models.CharField(max_length=6, choices=Import.Mode.choices, default=Import.Mode.BOTH)

    objects = MappingQuerySet.as_manager()

    class Meta:
        ordering = ["name", "pk"]
        constraints = [models.UniqueConstraint(fields=["user", "kind", "name"], name="mapping_once_per_person")]
        triggers = recorded()

    def __str__(self):
        return self.name


class Export(models.Model):
    """Who took out what, when, by which filters, and how many rows: kept in history for good."""

    class Format(models.TextChoices):
        CSV = "csv", "CSV"
        XLSX = "xlsx", "Excel"
        VCF = "vcf", "vCard"

    user = models.ForeignKey(User, models.PROTECT, related_name="exports")
    kind = models.CharField(max_length=20)
    words = models.CharField(max_length=1000)  # the filters, as the list said them
    query = models.TextField(blank=True)  # the filters, as its address said them
    format = models.CharField(max_length=4, choices=Format.choices)
    count = models.PositiveIntegerField()
    content = models.BinaryField(null=True)  # of a large file made by a worker
    created_at = models.DateTimeField(db_default=Now())

    objects = ExportQuerySet.as_manager()

    class Meta:
        indexes = [models.Index(fields=["user", "-id"], name="exports_of_user")]
        constraints = [models.CheckConstraint(condition=Q(format__in=["csv", "xlsx", "vcf"]), name="export_format_known")]
        triggers = recorded(left_out=["content"])

    def __str__(self):
        return f"{self.kind} {self.count}"
