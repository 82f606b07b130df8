"""Bytes that people upload: looked at before they are kept, kept under their own fingerprint, served to whoever may see them.

What a file is says its content, never its name. Photos are drawn anew, so that neither a place nor a script travels in
them. A row keeps the `name` that `keep` returns; its page reads the row through `visible_to` and answers with `served`.
"""

import hashlib
import io
import os
import re
import tarfile
import tempfile
import zipfile
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from contextvars import copy_context
from dataclasses import dataclass
from pathlib import Path, PurePath

from django.conf import settings
from django.core.files.uploadhandler import FileUploadHandler
from django.http import FileResponse, Http404
from django.utils.cache import get_conditional_response
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _lazy
from PIL import Image, ImageOps, UnidentifiedImageError

from .errors import DomainError

MB = 1024 * 1024
LARGEST_PHOTO = 20 * MB  # a phone's best camera writes some 15 MB
LARGEST_DOCUMENT = 30 * MB
LARGEST_UPLOAD = max(LARGEST_PHOTO, LARGEST_DOCUMENT) + 1  # so much of a file reaches the disk before it is refused
MOST_PIXELS = 60_000_000  # a small file may unfold to a picture that fills the memory
MOST_UNFOLDED = 20_000_000  # pixels of a picture that has to be unfolded whole, and copied to be made small: 160 MB
LONGEST_SIDE = 2048  # pixels of a photo as it is kept: a price list on a wall can still be read
SMALL_SIDE = 320  # of its picture in a list
NAME = re.compile(r"[0-9a-f]{2}/[0-9a-f]{64}\.[a-z]{3,4}")

# One picture at a time in each process, and always in the same thread: each thread keeps the memory it once used.
UNFOLDING = ThreadPoolExecutor(1, "unfolding")
PHOTO_FORMATS = ("JPEG", "PNG", "WEBP")
OPEN_XML = "application/vnd.openxmlformats-officedocument."
# The folder inside an Office file says which program it is for.
OFFICE = {
    "word/": ("docx", OPEN_XML + "wordprocessingml.document"),
    "xl/": ("xlsx", OPEN_XML + "spreadsheetml.sheet"),
    "ppt/": ("pptx", OPEN_XML + "presentationml.presentation"),
}
OPEN_DOCUMENT = {
    "application/vnd.oasis.opendocument.text": "odt",
    "application/vnd.oasis.opendocument.spreadsheet": "ods",
    "application/vnd.oasis.opendocument.presentation": "odp",
}
TYPES = {"jpg": "image/jpeg", "pdf": "application/pdf"} | dict(OFFICE.values())
TYPES |= {suffix: kind for kind, suffix in OPEN_DOCUMENT.items()}
SHOWN_IN_THE_PAGE = {"image/jpeg", "application/pdf"}  # everything else is saved, never opened by the browser

# What people send that is refused: how it begins, and what to do instead.
PROGRAM = _lazy("“%(name)s” is a program. Programs are not accepted.")
OLD_OFFICE = _lazy("“%(name)s” is in the format of Office before 2007. Save it as .docx, .xlsx or .pptx and send that.")
REFUSED = ((b"MZ", PROGRAM), (b"\x7fELF", PROGRAM), (b"\xd0\xcf\x11\xe0", OLD_OFFICE))


@dataclass(frozen=True, slots=True)
class Accepted:
    """A file that may be kept: `body`, what it is, and the name it came with, for people to read."""

    body: bytes
    suffix: str
    title: str

    @property
    def content_type(self):
        return TYPES[self.suffix]


def photo(upload):
    """The uploaded picture as a JPEG of at most LONGEST_SIDE, turned upright, without anything but its pixels.

    Raises DomainError, naming the file, for what is too large or no picture.
    """
    body = _body(upload, LARGEST_PHOTO)
    return Accepted(_redrawn(body, LONGEST_SIDE, upload.name), "jpg", _title(upload.name, "jpg"))


def small(picture):
    """The same photo for a list."""
    return Accepted(_redrawn(picture.body, SMALL_SIDE, picture.title), "jpg", picture.title)


def document(upload):
    """The uploaded PDF, Office or OpenDocument file, or picture, told by its content.

    Raises DomainError, naming the file, for what is too large, holds macros or is anything else.
    """
    body = _body(upload, LARGEST_DOCUMENT)
    if body.startswith((b"\xff\xd8\xff", b"\x89PNG\r\n", b"RIFF")):
        return photo(upload)
    suffix = "pdf" if body[:1024].lstrip().startswith(b"%PDF-") else _office(body, upload.name)
    return Accepted(body, suffix, _title(upload.name, suffix))


def keep(accepted):
    """Write the bytes below MEDIA_ROOT and return their name. The same bytes have one name: sent again, nothing is added.

    Written before the row that names them; should that be rolled back, an unnamed file is left and does no harm.
    """
    fingerprint = hashlib.sha256(accepted.body).hexdigest()
    name = f"{fingerprint[:2]}/{fingerprint}.{accepted.suffix}"
    _write(name, accepted.body)
    return name


def served(request, name, *, title, download=False):
    """The file `name` as an answer, for a view that has read its row through `visible_to`; 404 when its bytes are gone.

    The browser may keep it but asks each time, and so each time the person's right to see it is looked up.
    """
    if not NAME.fullmatch(name):
        raise Http404
    headers = {"Cache-Control": "private, no-cache", "X-Content-Type-Options": "nosniff", "ETag": f'"{name[3:]}"'}
    kind = TYPES[name.rpartition(".")[2]]
    try:
        body = _path(name).open("rb")
    except OSError:
        raise Http404 from None
    as_attachment = download or kind not in SHOWN_IN_THE_PAGE
    response = FileResponse(body, content_type=kind, filename=title, as_attachment=as_attachment, headers=headers)
    return get_conditional_response(request, etag=headers["ETag"], response=response)


def write_archive(path):
    """Write every kept file into the tar file `path`; returns how many. Files are only ever added, never changed: taken
    after the database was dumped, the archive holds all that the dump names."""
    with tarfile.open(path, "w") as archive:
        names = sorted(str(each.relative_to(settings.MEDIA_ROOT)) for each in settings.MEDIA_ROOT.glob("??/*.*"))
        names = [name for name in names if NAME.fullmatch(name)]
        for name in names:
            archive.add(_path(name), arcname=name, recursive=False)
    return len(names)


def read_archive(path):
    """Put the files of an archive where they belong, beside those that are there; returns how many.

    Raises DomainError when it is damaged: a file whose content is not that of its name is not put back.
    """
    count = 0
    try:
        with tarfile.open(path) as archive:
            for member in archive:
                body = archive.extractfile(member).read() if member.isfile() and NAME.fullmatch(member.name) else b""
                if hashlib.sha256(body).hexdigest() != member.name[3:67]:
                    raise DomainError(_("%(path)s is damaged at %(name)s.") % {"path": path, "name": member.name})
                _write(member.name, body)
                count += 1
    except (OSError, tarfile.TarError) as error:
        raise DomainError(_("%(path)s cannot be read: %(reason)s.") % {"path": path, "reason": error}) from None
    return count


class BoundedUpload(FileUploadHandler):
    """Lets through the first bytes of a file and drops the rest: it is refused for its size, and the disk never filled."""

    def receive_data_chunk(self, raw_data, start):
        return raw_data if start <= LARGEST_UPLOAD else None

    def file_complete(self, file_size):
        return None


def _body(upload, largest):
    title = {"name": upload.name}
    if upload.size > largest:
        raise DomainError(_("“%(name)s” is larger than %(most)s MB.") % {**title, "most": largest // MB})
    upload.seek(0)
    body = upload.read()
    if not body:
        raise DomainError(_("“%(name)s” is empty.") % title)
    for beginning, why in REFUSED:
        if body.startswith(beginning):
            raise DomainError(why % title)
    return body


def _redrawn(body, side, name):
    """A JPEG of the picture in `body`, no side longer than `side`, made of its pixels alone."""
    try:
        plain = UNFOLDING.submit(copy_context().run, _unfolded, body, side, name).result()
    except DomainError:
        raise
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        raise _too_many(name, MOST_PIXELS) from None
    except UnidentifiedImageError:
        raise DomainError(
            _("“%(name)s” is not a photo that can be read here. Send a JPEG, PNG or WebP.") % {"name": name}
        ) from None
    except Exception:  # Pillow's readers raise whatever a broken file leads them to
        raise DomainError(_("“%(name)s” is damaged and cannot be opened.") % {"name": name}) from None
    written = io.BytesIO()
    plain.save(written, "JPEG", quality=82, optimize=True)
    return written.getvalue()


def _unfolded(body, side, name):
    """The picture made small, upright, of one colour space. What it was unfolded to is let go when this returns."""
    with Image.open(io.BytesIO(body), formats=PHOTO_FORMATS) as picture:
        _check_pixels(picture, name)
        picture.draft("RGB", (side, side))  # a JPEG is read at a fraction of its size, at a fraction of the memory
        picture.load()
        if "transparency" in picture.info or picture.mode in ("LA", "PA"):
            picture = picture.convert("RGBA")  # noqa: PLW2901
        picture.thumbnail((side, side))  # before anything that copies it
        upright = ImageOps.exif_transpose(picture)
        plain = Image.new("RGB", upright.size, "white")  # nothing of the old file but what is drawn here
        plain.paste(upright, mask=upright.getchannel("A") if upright.mode == "RGBA" else None)
        return plain


def _check_pixels(picture, name):
    """Only a plain JPEG can be read at a fraction of its size."""
    pixels = picture.width * picture.height
    if pixels > MOST_PIXELS:
        raise _too_many(name, MOST_PIXELS)
    if pixels > MOST_UNFOLDED and (picture.format != "JPEG" or "progressive" in picture.info):
        raise _too_many(name, MOST_UNFOLDED, _("Send it smaller, or as a plain JPEG."))


def _too_many(name, most, *advice):
    said = _("“%(name)s” has more than %(most)s million pixels.") % {"name": name, "most": most // 10**6}
    return DomainError(" ".join([said, *advice]))


def _office(body, name):
    """The suffix of an Office or OpenDocument file. Only its list of contents is read, nothing is unpacked."""
    refusal = DomainError(_("“%(name)s” is neither a PDF, nor a picture, nor an Office or OpenDocument file.") % {"name": name})
    try:
        with zipfile.ZipFile(io.BytesIO(body)) as archive:
            inside = archive.namelist()
            if any(each.lower().endswith("vbaproject.bin") for each in inside):
                raise DomainError(_("“%(name)s” contains macros. Save it without them and send that.") % {"name": name})
            if "[Content_Types].xml" in inside:
                found = next((kind for folder, kind in OFFICE.items() if any(each.startswith(folder) for each in inside)), None)
                if found:
                    return found[0]
            if inside[:1] == ["mimetype"] and archive.getinfo("mimetype").file_size < 100:
                kind = archive.read("mimetype").decode("ascii", "replace").strip()
                if kind in OPEN_DOCUMENT:
                    return OPEN_DOCUMENT[kind]
    except DomainError:
        raise
    except Exception:  # as with pictures: a broken archive leads its reader to anything
        raise refusal from None
    raise refusal


def _title(name, suffix):
    """The name as people know it, with the suffix of what it really is."""
    stem = re.sub(r"[\x00-\x1f\x7f/\\]", "", PurePath(name).stem).strip(". ")[:100]
    return f"{stem or _('file')}.{suffix}"


def _path(name):
    return Path(settings.MEDIA_ROOT, name)


def _write(name, body):
    """Complete or not at all: a full disk must not leave half a file under a whole one's name."""
    path = _path(name)
    if path.is_file():
        return
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        handle, unfinished = tempfile.mkstemp(dir=path.parent)  # readable by its owner alone
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(body)
                file.flush()
                os.fsync(file.fileno())
            os.replace(unfinished, path)
        finally:
            with suppress(FileNotFoundError):
                os.unlink(unfinished)
    except OSError:
        raise DomainError(_("The server has no room for files at the moment. Tell your administrator.")) from None
