#!/usr/bin/env python
"""Django's command line for Salesorg."""

import os
import sys


def main():
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "salesorg.settings")
    from django.core.management import execute_from_command_line

    from salesorg.lib.stack import with_room

    with_room(execute_from_command_line)(sys.argv)


if __name__ == "__main__":
    main()
