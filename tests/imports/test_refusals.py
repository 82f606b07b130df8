"""Files that cannot be right are refused in a sentence naming file, line and field, and nothing of them is kept."""

import pytest
from django.core.management import CommandError, call_command

from pipeline.models import Deal
from salesorg.audit.models import Change
from tests.imports.small_exports import CRM

pytestmark = pytest.mark.django_db
HEADER = CRM["sales_pipeline.csv"].splitlines()[0]


def deal(line):
    return {"sales_pipeline.csv": f"{CRM['sales_pipeline.csv']}{line}\n"}


CRM_REFUSALS = {
    "a missing file": ({"products.csv": None}, ["products.csv", "not in the folder"]),
    "an empty file": ({"products.csv": ""}, ["products.csv is empty"]),
    "a wrong header": ({"products.csv": "name,price\nx,1\n"}, ["products.csv, line 1", "product, series, sales_price"]),
    "a column twice": ({"products.csv": "product,series,sales_price,series\nx,y,1,z\n"}, ["products.csv, line 1", "Each once"]),
    "a missing column": (
        {"sales_pipeline.csv": HEADER.replace(",close_value", "") + "\n"},
        ["sales_pipeline.csv, line 1", "Missing columns: close_value"],
    ),
    "too few fields": (deal("D9,Ann Lee,MG"), ["line 8", "3 fields instead of the header's 8"]),
    "a broken encoding": (
        {"accounts.csv": CRM["accounts.csv"].encode() + b"\xff\xfe,x,1996,1,1,US,\n"},
        ["accounts.csv, line 4", "not UTF-8"],
    ),
    "a quote that never closes": (
        deal('D9,"Ann Lee,MG,Acme,Won,2017-01-01,2017-02-01,1'),
        ["sales_pipeline.csv", "never closed"],
    ),
    "a NUL byte": ({"products.csv": b"product,series,sales_price\nA\x00,b,1\n"}, ["products.csv, line 2", "NUL"]),
    "an unknown stage": (
        deal("D9,Ann Lee,MG,Acme,Signed,2017-01-01,2017-02-01,1"),
        ["line 8, deal_stage", "“Signed”", "Won, Lost"],
    ),
    "an unknown agent": (deal("D9,Ann Leigh,MG,Acme,Won,2017-01-01,2017-02-01,1"), ["line 8, sales_agent", "sales_teams.csv"]),
    "no id": (deal(",Ann Lee,MG,Acme,Won,2017-01-01,2017-02-01,1"), ["line 8, opportunity_id", "empty"]),
    "a negative amount": (deal("D9,Ann Lee,MG,Acme,Won,2017-01-01,2017-02-01,-1"), ["line 8, close_value", "negative"]),
    "an enormous amount": (deal("D9,Ann Lee,MG,Acme,Won,2017-01-01,2017-02-01,1e15"), ["line 8, close_value", "larger than"]),
    "an amount in words": (deal("D9,Ann Lee,MG,Acme,Won,2017-01-01,2017-02-01,many"), ["line 8, close_value", "not a number"]),
    "an infinite amount": (
        deal("D9,Ann Lee,MG,Acme,Won,2017-01-01,2017-02-01,Infinity"),
        ["line 8, close_value", "not a number"],
    ),
    "the year 1900": (deal("D9,Ann Lee,MG,Acme,Won,1900-01-01,2017-02-01,1"), ["line 8, engage_date", "2000 to 2100"]),
    "the year 9999": (deal("D9,Ann Lee,MG,Acme,Won,2017-01-01,9999-12-31,1"), ["line 8, close_date", "2000 to 2100"]),
    "a date that is none": (deal("D9,Ann Lee,MG,Acme,Won,2017-02-30,2017-03-01,1"), ["line 8, engage_date", "2017-03-31"]),
    "one id for two deals": (deal("D1,Ann Lee,MG,Acme,Won,2017-01-01,2017-02-01,1"), ["line 8, opportunity_id", "line 2"]),
    "a huge name": (
        {"products.csv": f"product,series,sales_price\n{'x' * 300},b,1\n"},
        ["products.csv, line 2, product", "longer than 200"],
    ),
    "a field of 10 MB": ({"products.csv": f"product,series,sales_price\n{'x' * 10_000_000},b,1\n"}, ["products.csv", "131,072"]),
    "a year in words": (
        {"accounts.csv": CRM["accounts.csv"].replace("1996", "old")},
        ["accounts.csv, line 2, year_established", "whole number"],
    ),
    "an account that owns itself": (
        {"accounts.csv": CRM["accounts.csv"].replace("United States,", "United States,Bolt")},
        ["accounts.csv, subsidiary_of", "Acme"],
    ),
    "two people with one address": (
        {"sales_teams.csv": CRM["sales_teams.csv"] + "ann LEE,Max Boss,Central\n"},
        ["sales_teams.csv", "ann.lee@crm.example"],
    ),
    "no dates at all": (
        {"sales_pipeline.csv": f"{HEADER}\nD5,Bob Ray,MG,Bolt,Prospecting,,,\n"},
        ["sales_pipeline.csv", "no deal has a date"],
    ),
}


def refusal(command, folder):
    with pytest.raises(CommandError) as refused:
        call_command(command, str(folder))
    return str(refused.value)


@pytest.mark.parametrize("case", CRM_REFUSALS)
def test_a_crm_export_is_refused_for(case, write_files):
    changes, expected = CRM_REFUSALS[case]
    before = Change.objects.count()
    sentence = refusal("import_crm", write_files(CRM, changes))
    for part in [*expected, "Nothing was imported."]:
        assert part in sentence
    assert not Deal.objects.exists() and Change.objects.count() == before


def test_a_file_too_large_for_the_memory_is_refused_unread(write_files):
    folder = write_files(CRM)
    with (folder / "accounts.csv").open("r+b") as file:
        file.truncate(2 * 1024**3)  # takes no room on the disk
    assert "accounts.csv cannot be read: it is larger than 256 MB" in refusal("import_crm", folder)


def test_a_folder_that_does_not_exist_is_named():
    assert "/nowhere does not exist" in refusal("import_crm", "/nowhere")


def test_all_mistakes_are_told_at_once_but_not_more_than_one_can_read(write_files):
    lines = "".join(f"X{i},Ann Lee,MG,Acme,Won,2017-01-01,2017-02-01,-1\n" for i in range(30))
    sentence = refusal("import_crm", write_files(CRM, {"sales_pipeline.csv": CRM["sales_pipeline.csv"] + lines}))
    assert sentence.count("close_value") == 20
    assert "… and 10 more." in sentence


def test_a_repeated_line_is_counted_once_and_reported(write_files, run_import):
    again = CRM["sales_pipeline.csv"] + CRM["sales_pipeline.csv"].splitlines()[1] + "\n"
    _said, report = run_import("import_crm", write_files(CRM, {"sales_pipeline.csv": again}))
    assert Deal.objects.count() == 6
    assert [row["line"] for row in report if row["kind"] == "repeated line"] == ["8"]
