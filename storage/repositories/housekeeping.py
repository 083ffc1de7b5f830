"""Removing what nobody needs any more."""

from datetime import datetime

from sqlalchemy import delete

from storage.models import ApiAnswerRow, ChannelStateRow, FormKeyRow
from storage.unit import Unit


def forget_form_keys(unit: Unit, before: datetime) -> None:
    """Remove the one-time keys of forms submitted before an instant."""
    unit.session.execute(delete(FormKeyRow).where(FormKeyRow.at < before))


def forget_api_answers(unit: Unit, before: datetime) -> None:
    """Remove the answers of requests made before an instant."""
    unit.session.execute(delete(ApiAnswerRow).where(ApiAnswerRow.at < before))


def forget_channel_state(unit: Unit, now: datetime) -> None:
    """Remove tokens, nonces and leases that have expired."""
    unit.session.execute(delete(ChannelStateRow).where(ChannelStateRow.expires_at < now))
