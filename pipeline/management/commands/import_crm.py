"""manage.py import_crm DIR: accounts, sales teams, products and deals of a CRM export."""

from pipeline.importers import crm
from pipeline.importers.command import ImportCommand


class Command(ImportCommand):
    help = "Import a CRM export: accounts.csv, sales_teams.csv, products.csv and sales_pipeline.csv in one folder."
    importer, name = crm, "import_crm"
