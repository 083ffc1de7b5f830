"""Broadcasts: written by one, approved by another, sent to a frozen audience, accounted for one by one."""

from services.broadcasts.board import Broadcasts
from services.broadcasts.content import Content
from services.broadcasts.freezing import freeze
from services.broadcasts.report import Report
from services.broadcasts.stopping import give_up

__all__ = ["Broadcasts", "Content", "Report", "freeze", "give_up"]
