"""What a broadcast waits for."""

from bot.vocabulary import DeliveryState
from services.delivery.report import Report
from storage.repositories.deliveries import Count


def test_only_what_a_rule_lets_wait_is_held() -> None:
    counts = (
        Count(DeliveryState.PENDING, "telegram", "quiet_hours", 3),
        Count(DeliveryState.PENDING, "webchat", "quiet_hours", 2),
        Count(DeliveryState.PENDING, "webchat", "window", 1),
        Count(DeliveryState.PENDING, "webchat", None, 4),
        Count(DeliveryState.SUPPRESSED, "webchat", "opted_out", 5),
    )
    assert Report(counts).held == {"quiet_hours": 5, "window": 1}
