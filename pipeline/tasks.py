"""What runs in a worker about leads and deals."""

from celery import shared_task
from django.utils import timezone

from .services import handoff_clocks, response


@shared_task
def watch_response_clocks():
    response.watch_clocks(now=timezone.now())


@shared_task
def mind_handoffs():
    handoff_clocks.mind_handoffs(now=timezone.now())
