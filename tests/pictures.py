"""Pictures and files as clients send them, and some that only look like it."""

from io import BytesIO

from PIL import Image

HTML = b"<html><script>fetch('/console')</script></html>"
PDF = b"%PDF-1.7\n1 0 obj\n<< /Type /Catalog >>\nendobj\n%%EOF\n"
AMR = b"#!AMR\n" + b"\x3c" * 64
MP3 = b"ID3\x03\x00\x00\x00\x00\x00\x21" + b"\0" * 64
OGG = b"OggS\x00\x02" + b"\0" * 20 + b"\x01\x13OpusHead\x01" + b"\0" * 64


def boxed(brand: bytes, length: int = 32) -> bytes:
    """A film or recording of the family of MP4, as far as its first box says."""
    return length.to_bytes(4, "big") + b"ftyp" + brand + b"\0\0\2\0isomiso2avc1mp41" + b"\0" * 64


MP4 = boxed(b"isom")


def picture(form: str = "JPEG", size: tuple[int, int] = (40, 30)) -> bytes:
    """A red rectangle."""
    drawn = BytesIO()
    Image.new("RGB", size, "red").save(drawn, form)
    return drawn.getvalue()


def located_picture() -> bytes:
    """A photo that says where it was taken, lying on its side (40 by 30 as stored, 30 by 40 as seen)."""
    drawn, told = BytesIO(), Image.Exif()
    told[0x0112] = 6
    told[0x010E] = "at home"
    told.get_ifd(0x8825)[1] = "N"
    Image.new("RGB", (40, 30), "red").save(drawn, "JPEG", exif=told)
    return drawn.getvalue()
