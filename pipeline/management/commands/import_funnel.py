"""manage.py import_funnel DIR: marketing-qualified leads, and those won with the SDR and the seller who handled them."""

from pipeline.importers import funnel
from pipeline.importers.command import ImportCommand
from pipeline.importers.funnel_files import CLOSED, LEADS


class Command(ImportCommand):
    help = f"Import a marketing funnel: {LEADS} and {CLOSED} in one folder."
    importer, name = funnel, "import_funnel"
