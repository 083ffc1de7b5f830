"""What systems of the branch may do over the JSON API."""

from enum import StrEnum


class Scope(StrEnum):
    """One thing that a token lets its system do."""

    CLIENTS_READ = "clients:read"
    CLIENTS_PERSONAL = "clients:personal"
    CLIENTS_WRITE = "clients:write"
    BIND_CODES_ISSUE = "bind_codes:issue"
    CONSENTS_READ = "consents:read"
    CONSENTS_WRITE = "consents:write"
    HOLDINGS_WRITE = "holdings:write"
    PRODUCTS_READ = "products:read"
    PRODUCTS_WRITE = "products:write"
    TICKETS_READ = "tickets:read"
