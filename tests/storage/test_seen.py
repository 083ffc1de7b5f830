"""What stood in a file already is found again, however much there is."""

from storage.seen import Seen


def test_each_text_is_new_once() -> None:
    texts = [f"D{number}" for number in range(9000)]
    with Seen() as seen:
        assert all(seen.add(text) for text in texts)
        assert not any(seen.add(text) for text in texts)
    with Seen() as another:
        assert another.add(texts[0])
