"""The outbox and the runs: what is to be done, by whom it was claimed, how far it is."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class OutboxMessage(models.Model):
    """One piece of work, written in the same transaction as the change it follows from.

    The relay sends it to the broker; the worker marks it done in the transaction that has its effect. What is not
    done after a while is sent again; after three failed attempts it is parked and shown to the administrator.
    """

    MAX_ATTEMPTS = 3

    topic = models.CharField(max_length=100)
    payload = models.JSONField(default=dict)
    key = models.CharField(max_length=200, unique=True)  # the business key: the same work is published once
    actor_id = models.BigIntegerField(null=True)
    context = models.UUIDField(null=True)
    created_at = models.DateTimeField(auto_now_add=True)
    sent_at = models.DateTimeField(null=True)
    done_at = models.DateTimeField(null=True)
    parked_at = models.DateTimeField(null=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    problem = models.TextField(blank=True)

    class Meta:
        indexes = [
            # Small whatever the age of the table: only what is still to do, in the order the relay asks for.
            models.Index(fields=["sent_at", "id"], name="outbox_waiting", condition=models.Q(done_at=None, parked_at=None)),
            models.Index(fields=["id"], name="outbox_parked", condition=models.Q(parked_at__isnull=False)),
        ]

    def __str__(self):
        return f"{self.topic} {self.key}"


class Run(models.Model):
    """One run of a named job for one period of time: state, progress, counts and problems."""

    class State(models.TextChoices):
        RUNNING = "running", _("Running")
        DONE = "done", _("Done")
        FAILED = "failed", _("Failed")

    job = models.CharField(max_length=100)
    period = models.CharField(max_length=50)  # what makes the run unique, e.g. the night of 2026-03-31
    state = models.CharField(max_length=10, choices=State.choices, default=State.RUNNING)
    step = models.CharField(max_length=200, blank=True)
    done = models.PositiveIntegerField(default=0)
    total = models.PositiveIntegerField(default=0)
    counts = models.JSONField(default=dict)
    problems = models.JSONField(default=list)
    actor_id = models.BigIntegerField(null=True)  # null: the clock started it
    started_at = models.DateTimeField(auto_now_add=True)
    finished_at = models.DateTimeField(null=True)

    class Meta:
        # Two beats, or a beat and an impatient person, start one run.
        constraints = [models.UniqueConstraint(fields=["job", "period"], name="one_run_per_job_and_period")]
        ordering = ["-started_at"]

    def __str__(self):
        return f"{self.job} {self.period}"

    @property
    def seconds(self):
        """How long it took; None while it is running."""
        return self.finished_at and int((self.finished_at - self.started_at).total_seconds())


class RunPart(models.Model):
    """A chunk of a run, under a minute of work, claimed and finished by one worker."""

    run = models.ForeignKey(Run, on_delete=models.CASCADE, related_name="parts")
    step = models.PositiveSmallIntegerField()
    key = models.CharField(max_length=100)
    payload = models.JSONField(default=dict)
    done_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["run", "step", "key"], name="one_part_per_key")]

    def __str__(self):
        return f"{self.run} {self.key}"
