"""The languages the branch speaks."""

from enum import StrEnum


class Locale(StrEnum):
    """A language of client texts; the value names the template files."""

    ZH_CN = "zh_CN"
    EN = "en"
