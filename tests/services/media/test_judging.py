"""What bytes are, whatever they claim to be."""

from contextlib import suppress
from dataclasses import replace
from io import BytesIO

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from bot.errors import MediaRefused
from bot.vocabulary import MEDIA_TYPES, MediaRefusal
from services.media import pictures
from services.media.judging import judge
from services.media.kinds import KNOWN
from tests.library import LARGEST, TERMS
from tests.pictures import AMR, HTML, MP3, MP4, OGG, PDF, boxed, located_picture, picture

JPEG = picture()
KEPT = {
    "image/jpeg": JPEG,
    "image/png": picture("PNG"),
    "image/gif": picture("GIF"),
    "image/webp": picture("WEBP"),
    "application/pdf": PDF,
    "audio/amr": AMR,
    "audio/mpeg": MP3,
    "audio/ogg": OGG,
    "audio/mp4": boxed(b"M4A "),
    "video/mp4": MP4,
}
REFUSED = {
    "nothing at all": (b"", MediaRefusal.TYPE),
    "words": ("您好，这是我的投诉".encode(), MediaRefusal.TYPE),
    "a program": (b"MZ\x90\x00" + b"\0" * 80, MediaRefusal.TYPE),
    "an archive": (b"PK\x03\x04" + b"\0" * 80, MediaRefusal.TYPE),
    "a page": (HTML, MediaRefusal.SUSPECTED),
    "a drawing with a script": (b"<svg xmlns='x'><script>1</script></svg>", MediaRefusal.SUSPECTED),
    "a page behind the head of a picture": (b"\xff\xd8\xff\xe0\x00\x10JFIF\x00" + HTML, MediaRefusal.SUSPECTED),
    "a page in the comment of a picture": (
        JPEG[:2] + b"\xff\xfe\x00\x32" + HTML.ljust(48) + JPEG[2:],
        MediaRefusal.SUSPECTED,
    ),
    "a page behind a picture": (JPEG + b"<!DOCTYPE  html>", MediaRefusal.SUSPECTED),
    "a page that begins as a picture": (b"GIF89a/*" + HTML, MediaRefusal.SUSPECTED),
    "a program for a server behind a picture": (JPEG + b"<?php system($_GET['c']);", MediaRefusal.SUSPECTED),
    "an archive behind a picture": (JPEG + b"PK\x03\x04stuffPK\x05\x06" + b"\0" * 18, MediaRefusal.SUSPECTED),
    "a document in a picture": (JPEG[:20] + b"%PDF-1.7" + JPEG[20:], MediaRefusal.SUSPECTED),
    "a document that runs": (PDF + b"<< /S /JavaScript /JS (app.alert(1)) >>", MediaRefusal.SUSPECTED),
    "a document that starts a program": (PDF + b"<< /S /Launch /F (cmd.exe) >>", MediaRefusal.SUSPECTED),
    "half a picture": (JPEG[: len(JPEG) // 2], MediaRefusal.SUSPECTED),
    "the head of a picture": (b"\x89PNG\r\n\x1a\n" + b"\0" * 40, MediaRefusal.SUSPECTED),
    "too much": (JPEG + b"\0" * LARGEST, MediaRefusal.TOO_LARGE),
}


def refusal(content: bytes) -> MediaRefusal:
    with pytest.raises(MediaRefused) as refused:
        judge(content, TERMS)
    return refused.value.reason


@pytest.mark.parametrize("kind", KEPT)
def test_what_is_kept_is_told_by_its_bytes(kind: str) -> None:
    assert judge(KEPT[kind], TERMS) == kind


@pytest.mark.parametrize("brand", [b"avc1", b"dash", b"iso5", b"iso6", b"isom", b"mp41", b"mp42", b"M4V "])
@pytest.mark.parametrize("length", [20, 24, 28, 32])
def test_videos_of_phones_are_told_by_their_brand(brand: bytes, length: int) -> None:
    assert judge(boxed(brand, length), TERMS) == "video/mp4"


@pytest.mark.parametrize("length", [20, 24, 28, 32])
def test_a_voice_memo_is_sound_and_what_is_of_another_make_is_not_kept(length: int) -> None:
    assert judge(boxed(b"M4A ", length), TERMS) == "audio/mp4"
    for brand in (b"heic", b"avif", b"qt  ", b"3gp4", b"crx "):
        assert refusal(boxed(brand, length)) is MediaRefusal.TYPE


@pytest.mark.parametrize("head", ["fffb90", "fffa90", "fff390", "fff290"])
def test_mp3_needs_no_title(head: str) -> None:
    assert judge(bytes.fromhex(head) + b"\0" * 64, TERMS) == "audio/mpeg"


@pytest.mark.parametrize("head", ["ffd8ffdb", "ffd8ffe1", "ffd8ffe2", "ffd8ffee", "ffd8fffe"])
def test_pictures_of_every_camera_are_jpeg(head: str) -> None:
    """The first part may be any; the picture is drawn from what follows."""
    part = bytes.fromhex(head)[2:] + b"\x00\x04\x00\x00" if head != "ffd8ffdb" else b""
    bare = JPEG[:2] + part + JPEG[4 + int.from_bytes(JPEG[4:6], "big") :]
    assert bare.startswith(bytes.fromhex(head))
    assert judge(bare, TERMS) == "image/jpeg"


def test_every_kind_that_settings_may_name_is_known() -> None:
    assert tuple(KNOWN) == MEDIA_TYPES
    assert set(KEPT) == set(MEDIA_TYPES)


@pytest.mark.parametrize(("content", "reason"), REFUSED.values(), ids=REFUSED)
def test_what_is_not_kept_is_told_why(content: bytes, reason: MediaRefusal) -> None:
    assert refusal(content) is reason


@pytest.mark.parametrize("kind", KEPT)
def test_a_kind_that_the_branch_does_not_want_is_refused(kind: str) -> None:
    with pytest.raises(MediaRefused, match="type"):
        judge(KEPT[kind], replace(TERMS, types=TERMS.types - {kind}))


def test_a_small_file_with_a_huge_picture_is_too_large() -> None:
    bomb = BytesIO()
    Image.new("1", (20_000, 20_000)).save(bomb, "PNG")
    assert len(bomb.getvalue()) < LARGEST
    assert refusal(bomb.getvalue()) is MediaRefusal.TOO_LARGE


def test_the_copy_stands_upright_and_says_nothing_of_where_it_was_taken() -> None:
    drawn = pictures.copy(located_picture())
    with Image.open(BytesIO(drawn)) as image:
        assert (image.format, image.size, dict(image.getexif())) == ("JPEG", (30, 40), {})
    assert b"at home" in located_picture()
    assert b"at home" not in drawn


def test_the_copy_of_a_large_picture_is_small_and_transparency_becomes_paper() -> None:
    clear = BytesIO()
    Image.new("RGBA", (3200, 100), (255, 0, 0, 0)).save(clear, "PNG")
    with Image.open(BytesIO(pictures.copy(clear.getvalue()))) as image:
        assert image.size == (1600, 50)
        assert image.getpixel((5, 5)) == (255, 255, 255)


@settings(max_examples=60)
@given(st.data())
def test_a_damaged_picture_is_kept_or_refused_and_nothing_else(data: st.DataObject) -> None:
    whole = bytearray(KEPT[data.draw(st.sampled_from(["image/jpeg", "image/png", "image/gif", "image/webp"]))])
    for _ in range(data.draw(st.integers(1, 6))):
        whole[data.draw(st.integers(0, len(whole) - 1))] = data.draw(st.integers(0, 255))
    with suppress(MediaRefused):
        assert judge(bytes(whole), TERMS) in TERMS.types
