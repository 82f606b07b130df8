"""Which models are recorded, found by the name of their table: the audit pages know tables and not apps."""

from functools import cache

from django.apps import apps


@cache
def recorded_models():
    """Every model with the recording trigger, by table."""
    return {model._meta.db_table: model for model in apps.get_models() if _trigger(model)}


def _trigger(model):
    return next((trigger for trigger in getattr(model._meta, "triggers", ()) if trigger.name == "record"), None)


def columns_left_out(model):
    """The columns of a recorded model that its history does not hold."""
    return _trigger(model).left_out


def visible_rows(model, user):
    """The rows of a recorded model that `user` may see. The organisation's settings have no gate of their own: who may
    change settings sees them."""
    if hasattr(model._default_manager.all(), "visible_to"):
        return model._default_manager.visible_to(user)
    return model._default_manager.all() if user.may("edit_settings") else model._default_manager.none()


def may_undo(model, user):
    """Whether `user` may take back changes of the model's rows: whoever may make them today. The model names the action as
    UNDO_NEEDS, else its AppConfig as `undo_needs`; without either, only who may change settings."""
    of_app = getattr(apps.get_app_config(model._meta.app_label), "undo_needs", "edit_settings")
    return user.may(getattr(model, "UNDO_NEEDS", of_app))
