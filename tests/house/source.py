"""The project's own source, read as text: what the tests of the house look at."""

import ast
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]

# From the bottom to the top: a module may import its own layer and those before it.
LAYERS = (
    "salesorg.lib",
    "salesorg.jobs",
    "salesorg.audit",
    "salesorg.people",
    "accounts",
    "territories",
    "pipeline",
    "commissions",
    "salesorg",
)


def modules():
    """Every Python file of the project outside tests and migrations: (dotted name, path)."""
    for top in ("salesorg", "accounts", "territories", "pipeline", "commissions"):
        for path in sorted((ROOT / top).rglob("*.py")):
            parts = path.relative_to(ROOT).with_suffix("").parts
            if "migrations" not in parts:
                yield ".".join(part for part in parts if part != "__init__"), path


@cache
def tree(path):
    return ast.parse(path.read_text(encoding="utf-8"))


def imports(name, path):
    """The dotted names that module `name` imports, anywhere in it: (line, name)."""
    package = name if path.name == "__init__.py" else name.rpartition(".")[0]
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = node.module or ""
            if node.level:
                parents = package.split(".")
                base = ".".join([*parents[: len(parents) - node.level + 1], *([node.module] if node.module else [])])
            yield from ((node.lineno, f"{base}.{alias.name}") for alias in node.names)


def layer_of(name):
    """The index of the layer that a module belongs to; None outside the project."""
    found = [i for i, layer in enumerate(LAYERS) if name == layer or name.startswith(f"{layer}.")]
    return min(found) if found else None
