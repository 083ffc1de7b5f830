"""What stood in a file already is found again, however much there is."""

from services.tables.seen import Seen


def test_each_text_is_new_once() -> None:
    seen = Seen()
    texts = [f"D{number}" for number in range(9000)]
    assert all(seen.add(text) for text in texts)
    assert not any(seen.add(text) for text in texts)
