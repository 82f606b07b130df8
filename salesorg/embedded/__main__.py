"""`python -m salesorg.embedded server|manage|test`, behind the scripts of those names."""

import sys

from . import manage, server, testing
from .errors import StartError, sentence

COMMANDS = {"server": server.main, "manage": manage.main, "test": testing.main}


def main():
    try:
        return COMMANDS[sys.argv[1]](sys.argv[2:])
    except StartError as problem:
        print(problem, file=sys.stderr)
    except OSError as problem:
        if not (words := sentence(problem)):
            raise
        print(words, file=sys.stderr)
    return 1


if __name__ == "__main__":
    sys.exit(main())
