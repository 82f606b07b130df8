"""A change of very many rows, which workers carry out part by part, and which is taken back as one."""

import uuid

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models.functions import Now
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from accounts.querysets.accounts import OwnQuerySet
from salesorg.people.models import User


class BulkChange(models.Model):
    """What one person gives to many rows, from the click to the undo.

    Not recorded in history: what it writes is, under `context`, and undoing that must not undo this row's own state.
    """

    class State(models.TextChoices):
        CHANGING = "changing", _("Changing")
        DONE = "done", _("Done")
        UNDOING = "undoing", _("Undoing")
        UNDONE = "undone", _("Undone")

    user = models.ForeignKey(User, models.PROTECT, related_name="bulk_changes")
    kind = models.CharField(max_length=20)  # of rows (accounts.changing)
    words = models.CharField(max_length=1000)  # which rows, as their list said it
    what = models.CharField(max_length=1000)  # they get, as the form said it
    typed = models.JSONField()  # into the form: {field: [values]}
    ids = ArrayField(models.BigIntegerField(), default=list)  # of the rows as they were chosen
    count = models.PositiveIntegerField()
    state = models.CharField(max_length=8, choices=State.choices, default=State.CHANGING)
    problem = models.TextField(blank=True)  # why the undo was refused
    counts = models.JSONField(default=dict)  # by what came of the rows: changed, same, refused, gone
    refused = models.JSONField(default=list)  # the first of them: [id, why]
    run_id = models.BigIntegerField(null=True)  # of salesorg.jobs, which forgets its runs before we do
    context = models.UUIDField(default=uuid.uuid4, unique=True)
    created_at = models.DateTimeField(db_default=Now())

    objects = OwnQuerySet.as_manager()

    class Meta:
        indexes = [models.Index(fields=["user", "-id"], name="bulk_changes_of_user")]

    def __str__(self):
        return self.what

    def get_absolute_url(self):
        return reverse("accounts:bulk_change_detail", args=[self.pk])

    @property
    def is_busy(self):
        return self.state in {self.State.CHANGING, self.State.UNDOING}
