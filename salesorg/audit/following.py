"""What an undo has to put right beside the rows that it restores: figures that a service derives from them, no trigger."""

_registered = {}


def register(model, put_right):
    """After an undo that changed rows of `model`, call `put_right()` in the same transaction. Called in AppConfig.ready."""
    _registered[model] = put_right


def put_right(models):
    """Put right what follows from these models."""
    for model in models:
        if follows := _registered.get(model):
            follows()
