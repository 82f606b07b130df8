"""The one error a person is meant to read."""


class DomainError(Exception):
    """A refusal with a sentence the person can act on. `fields` names the form fields it is about.

    `links` are the places where it can be put right, as (words, address).
    """

    def __init__(self, message, fields=(), links=()):
        super().__init__(str(message))
        self.message = message
        self.fields = tuple(fields)
        self.links = tuple(links)
