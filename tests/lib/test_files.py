"""What is uploaded is looked at, drawn anew where it is a photo, kept once, and served so that no browser runs it."""

import io
import os
import subprocess
import sys
import zipfile

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import Http404
from django.test import RequestFactory
from django.utils import translation
from PIL import Image

from salesorg.lib import files
from salesorg.lib.errors import DomainError

SVG = b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'


def upload(body, name="photo.jpg"):
    return SimpleUploadedFile(name, body)


def picture(format="JPEG", size=(400, 300), mode="RGB", **options):
    written = io.BytesIO()
    Image.new(mode, size, "teal").save(written, format, **options)
    return written.getvalue()


def office(*names, **contents):
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w") as archive:
        for name in names:
            archive.writestr(name, contents.get(name, "x"))
    return written.getvalue()


def test_a_photo_keeps_nothing_but_its_pixels():
    exif = Image.Exif()
    exif[0x0112] = 6  # lying on its side
    exif[0x010F] = "a phone that says where it was"
    kept = files.photo(upload(picture(exif=exif, comment=b"secret <script>"), "Regal \U0001f600.PNG"))
    assert b"phone that says" not in kept.body and b"secret" not in kept.body
    with Image.open(io.BytesIO(kept.body)) as shown:
        assert (shown.format, shown.size, dict(shown.getexif())) == ("JPEG", (300, 400), {})
    assert kept.title == "Regal \U0001f600.jpg"


def test_a_large_photo_is_made_small_enough_for_a_phone():
    kept = files.photo(upload(picture(size=(6000, 3000))))
    with Image.open(io.BytesIO(kept.body)) as shown, Image.open(io.BytesIO(files.small(kept).body)) as in_a_list:
        assert (shown.size, in_a_list.size) == ((2048, 1024), (320, 160))


@pytest.mark.parametrize(
    "format, mode", [("PNG", "RGBA"), ("PNG", "LA"), ("PNG", "P"), ("PNG", "I;16"), ("WEBP", "RGB"), ("JPEG", "CMYK")]
)
def test_photos_of_every_common_kind_are_taken(format, mode):
    body = io.BytesIO()
    Image.new(mode, (30, 20)).save(body, format)
    assert files.photo(upload(body.getvalue())).body.startswith(b"\xff\xd8\xff")


@pytest.mark.parametrize(
    "body, name, why",
    [
        (b"MZ" + b"\0" * 100, "holiday.jpg", "is a program"),
        (SVG, "logo.svg", "is not a photo"),
        (b"GIF89a" + b"\0" * 100, "cat.gif", "is not a photo"),
        (b"", "empty.jpg", "is empty"),
        (b"\xff\xd8\xff\xe0" + os.urandom(500), "torn.jpg", "not a photo|damaged"),
        (picture()[:2000], "half.jpg", "damaged"),
        (b"\0" * (40 * files.MB), "huge.jpg", "is larger than 20 MB"),
    ],
)
def test_what_is_no_photo_is_refused_with_a_sentence_that_names_it(body, name, why):
    with pytest.raises(DomainError, match=why) as refusal:
        files.photo(upload(body, name))
    assert name in str(refusal.value)


def test_a_small_file_that_unfolds_to_a_giant_picture_is_refused_unopened():
    bomb = picture("PNG", size=(30_000, 30_000), mode="1")
    assert len(bomb) < 200_000
    with pytest.raises(DomainError, match="more than 60 million pixels"):
        files.photo(upload(bomb))


def test_what_must_be_unfolded_whole_may_have_fewer_pixels_than_a_plain_jpeg():
    with translation.override("en"), pytest.raises(DomainError, match=r"20 million pixels.*as a plain JPEG"):
        files.photo(upload(picture("PNG", size=(5001, 4001), mode="L"), "scan.png"))
    assert files.photo(upload(picture(size=(5001, 4001), mode="L"))).title


def test_several_photos_at_once_need_the_memory_of_one():
    """In a process of its own, whose memory nothing else has used."""
    body = picture("PNG", size=(3000, 2000), mode="RGBA")
    script = (
        "import io, sys, resource; from threading import Thread; from django.conf import settings; settings.configure();"
        "from salesorg.lib import files; from django.core.files.base import ContentFile; body = sys.stdin.buffer.read();"
        "used = lambda: resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024; before = used();"
        "work = [Thread(target=files.photo, args=[ContentFile(body, 'a.png')]) for _each in range(4)];"
        "[each.start() for each in work]; [each.join() for each in work]; print(used() - before)"
    )
    done = subprocess.run([sys.executable, "-c", script], input=body, capture_output=True, check=True)
    assert int(done.stdout) < 4 * 3000 * 2000 * 4 // 2**20  # unfolded, copied, and something beside


@pytest.mark.parametrize(
    "body, kind",
    [
        (b"%PDF-1.7\n...", "application/pdf"),
        (office("[Content_Types].xml", "word/document.xml"), files.OFFICE["word/"][1]),
        (office("[Content_Types].xml", "xl/workbook.xml"), files.OFFICE["xl/"][1]),
        (office("mimetype", mimetype="application/vnd.oasis.opendocument.text"), "application/vnd.oasis.opendocument.text"),
        (picture("PNG"), "image/jpeg"),
    ],
)
def test_a_document_is_what_its_content_says(body, kind):
    assert files.document(upload(body, "anything.txt")).content_type == kind


@pytest.mark.parametrize(
    "body, why",
    [
        (b"MZ" + b"\0" * 100, "is a program"),
        (b"\x7fELF" + b"\0" * 100, "is a program"),
        (SVG, "neither a PDF"),
        (b"<html><script>", "neither a PDF"),
        (office("anything"), "neither a PDF"),
        (office("mimetype", mimetype="text/html"), "neither a PDF"),
        (office("[Content_Types].xml", "word/document.xml", "word/vbaProject.bin"), "contains macros"),
        (b"\xd0\xcf\x11\xe0old", r"Save it as \.docx"),
        (b"PK\x03\x04torn", "neither a PDF"),
    ],
)
def test_what_is_no_document_is_refused(body, why):
    with pytest.raises(DomainError, match=why):
        files.document(upload(body, "Price list.pdf"))


def test_the_same_bytes_are_kept_once_and_readable_by_the_server_alone(media_folder):
    accepted = files.document(upload(b"%PDF-1.7 once"))
    name = files.keep(accepted)
    assert files.keep(accepted) == name
    path = media_folder / name
    assert path.read_bytes() == accepted.body
    assert path.stat().st_mode & 0o077 == 0
    assert [each.name for each in path.parent.iterdir()] == [path.name]


def test_a_photo_is_shown_in_the_page_and_an_office_file_only_saved():
    ask = RequestFactory().get("/")
    shown = files.served(ask, files.keep(files.photo(upload(picture()))), title="Käse.jpg")
    assert shown["Content-Type"] == "image/jpeg"
    assert shown["Content-Disposition"].startswith("inline")
    assert (shown["X-Content-Type-Options"], shown["Cache-Control"]) == ("nosniff", "private, no-cache")
    saved = files.served(ask, files.keep(files.document(upload(office("[Content_Types].xml", "xl/a")))), title="a.xlsx")
    assert saved["Content-Disposition"] == 'attachment; filename="a.xlsx"'


def test_a_browser_that_has_the_photo_is_not_sent_it_again():
    name = files.keep(files.photo(upload(picture())))
    first = files.served(RequestFactory().get("/"), name, title="a.jpg")
    again = files.served(RequestFactory().get("/", headers={"if-none-match": first["ETag"]}), name, title="a.jpg")
    assert again.status_code == 304


@pytest.mark.parametrize("name", ["../settings.py", "ab/" + "0" * 64 + ".jpg", "", "/etc/passwd"])
def test_nothing_outside_the_folder_is_served(name):
    with pytest.raises(Http404):
        files.served(RequestFactory().get("/"), name, title="x")


def test_of_an_endless_upload_only_so_much_reaches_the_disk(rf, monkeypatch):
    monkeypatch.setattr(files, "LARGEST_UPLOAD", 200_000)
    request = rf.post("/", {"photos": upload(b"\xff\xd8\xff" + b"\0" * 900_000)})
    assert request.FILES["photos"].size < 300_000


def test_a_file_whose_content_was_changed_is_not_put_back(tmp_path, settings, monkeypatch):
    settings.MEDIA_ROOT = tmp_path / "media"
    settings.MEDIA_ROOT.mkdir()
    name = files.keep(files.document(upload(b"%PDF-1.7 true")))
    (settings.MEDIA_ROOT / name).write_bytes(b"%PDF-1.7 false")
    assert files.write_archive(tmp_path / "files.tar") == 1
    with pytest.raises(DomainError, match="is damaged at"):
        files.read_archive(tmp_path / "files.tar")


def test_an_archive_with_broken_content_is_refused_in_words():
    body = bytearray(office("mimetype", "content.xml", mimetype="application/vnd.oasis.opendocument.text"))
    body[8], body[body.find(b"PK\x01\x02") + 10] = 8, 8  # said to be compressed, which it is not
    with pytest.raises(DomainError, match="neither a PDF"):
        files.document(upload(bytes(body), "offer.odt"))
