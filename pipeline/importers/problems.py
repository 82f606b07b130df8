"""What an import found wrong with its files, and what it did: one row each in a CSV file."""

import csv
from collections import Counter
from dataclasses import astuple, dataclass, field, fields
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that somebody should look at. `kind` groups them; `done` says what the import did about it."""

    kind: str
    file: str
    line: int | None
    record: str
    field: str
    value: str
    done: str


@dataclass
class Result:
    """What an import wrote (`counts`, by the plural of what it is), found there already, and has to report."""

    counts: Counter = field(default_factory=Counter)
    already_there: Counter = field(default_factory=Counter)
    problems: list = field(default_factory=list)
    facts: dict = field(default_factory=dict)  # headline figures of the files, in words → value


def write_report(path, problems):
    """Write `problems` to the CSV file `path`, making its folder; the file is replaced as a whole."""
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow([each.name for each in fields(Problem)])
        writer.writerows(astuple(problem) for problem in problems)


def by_kind(problems):
    """(kind, how many), the most frequent first."""
    return Counter(problem.kind for problem in problems).most_common()
