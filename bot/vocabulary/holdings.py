"""What clients hold and trade, and the tables that tell of it."""

from enum import StrEnum


class AssetClass(StrEnum):
    """Kind of an instrument; `product` is what a bank or broker manages for its clients."""

    SHARE = "share"
    FUND = "fund"
    BOND = "bond"
    REPO = "repo"
    PRODUCT = "product"
    DERIVATIVE = "derivative"
    OTHER = "other"


BETWEEN_CLASSES = ","
"""Stands between asset classes that are written as one text, in the order above."""


class Market(StrEnum):
    """Where an instrument is traded, as its code's ending; `OF` is over the counter."""

    SH = "SH"
    SZ = "SZ"
    BJ = "BJ"
    HK = "HK"
    OF = "OF"


class Side(StrEnum):
    """Which way a trade went, seen from the client."""

    BUY = "buy"
    SELL = "sell"


class TableKind(StrEnum):
    """What the rows of an imported table are; a balance is the cash of a client on a day."""

    CLIENT = "client"
    HOLDING = "holding"
    TRADE = "trade"
    BALANCE = "balance"
    PRODUCT = "product"
    BIND_CODE = "bind_code"
    SEGMENT_LIST = "segment_list"


class Extent(StrEnum):
    """Of whom a table of holdings tells everything: of the whole branch, or just of the clients that it names."""

    BRANCH = "branch"
    CLIENTS = "clients"


class UploadState(StrEnum):
    """Where a table stands that staff sent in on the console; what was read with certain columns is `checked`."""

    UPLOADED = "uploaded"
    CHECKING = "checking"
    CHECKED = "checked"
    TAKING = "taking"
    TAKEN = "taken"
    STOPPED = "stopped"
