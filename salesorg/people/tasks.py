"""What runs in a worker on behalf of people."""

from celery import shared_task

from .services import signing_in


@shared_task
def prune_sign_ins():
    signing_in.prune()
