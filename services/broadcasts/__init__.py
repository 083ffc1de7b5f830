"""Broadcasts: written by one, approved by another, sent to a frozen audience, accounted for one by one."""

from services.broadcasts.board import Broadcasts
from services.broadcasts.content import Content
from services.broadcasts.freezing import freeze
from services.broadcasts.report import Report

__all__ = ["Broadcasts", "Content", "Report", "freeze"]
