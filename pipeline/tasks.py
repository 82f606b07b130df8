"""What runs in a worker about leads."""

from celery import shared_task
from django.utils import timezone

from .services import response


@shared_task
def watch_response_clocks():
    response.watch_clocks(now=timezone.now())
