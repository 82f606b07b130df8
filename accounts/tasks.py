"""What runs in a worker about accounts."""

from celery import shared_task
from django.utils import timezone

from .services import reminders


@shared_task
def mail_due_reminders():
    reminders.mail_due_reminders(now=timezone.now())
