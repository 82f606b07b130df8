"""The Celery application: workers take primary keys, claim their work, and may be killed at any moment."""

import os

from celery import Celery
from celery.signals import worker_process_init

from salesorg.embedded.processes import die_with_parent

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "salesorg.settings")

app = Celery("salesorg")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
# Beat only ticks; a row in PostgreSQL says what is due (salesorg/jobs), so two beats do no harm. A tick that waited for
# a worker longer than its period is dropped: its successor does the same.
app.conf.beat_schedule = {
    "sweep": {"task": "salesorg.jobs.tasks.sweep_outbox", "schedule": 20.0, "options": {"expires": 20}},
    "start": {"task": "salesorg.jobs.tasks.start_due_jobs", "schedule": 60.0, "options": {"expires": 60}},
    "prune": {"task": "salesorg.jobs.tasks.prune_outbox", "schedule": 3600.0, "options": {"expires": 3600}},
    "remind": {"task": "accounts.tasks.mail_due_reminders", "schedule": 60.0, "options": {"expires": 60}},
    "leads": {"task": "pipeline.tasks.watch_response_clocks", "schedule": 60.0, "options": {"expires": 60}},
    "handoffs": {"task": "pipeline.tasks.mind_handoffs", "schedule": 60.0, "options": {"expires": 60}},
    "prune sign-ins": {"task": "salesorg.people.tasks.prune_sign_ins", "schedule": 3600.0, "options": {"expires": 3600}},
}


@worker_process_init.connect
def end_with_the_worker(**_):
    """A process of the pool must not outlive its killed worker: it would go on with a task that is given out again."""
    die_with_parent()
