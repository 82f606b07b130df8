"""A backup brings back the day it was made; a damaged one changes nothing."""

import pytest
from django.core.management import CommandError, call_command

from salesorg.lib import files
from salesorg.people.models import User

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def file(tmp_path):
    return tmp_path / "salesorg.dump"


def test_what_was_deleted_after_the_backup_is_there_again_after_the_restore(rita, file):
    call_command("backup", file)
    User.objects.filter(pk=rita.pk).update(name="Somebody Else")
    call_command("restore", file, "--replace")
    assert User.objects.get(pk=rita.pk).name == rita.name


def test_photos_and_documents_come_back_with_it(rita, file, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path / "media"
    settings.MEDIA_ROOT.mkdir()
    name = files.keep(files.Accepted(b"%PDF-1.7 brochure", "pdf", "brochure.pdf"))
    call_command("backup", file)
    (settings.MEDIA_ROOT / name).unlink()
    call_command("restore", file, "--replace")
    assert (settings.MEDIA_ROOT / name).read_bytes() == b"%PDF-1.7 brochure"


def test_a_backup_can_be_made_of_a_restored_database_and_restored_in_turn(rita, file):
    call_command("backup", file)
    call_command("restore", file, "--replace")
    again = file.with_name("again.dump")
    call_command("backup", again)
    call_command("restore", again, "--replace")
    assert User.objects.filter(pk=rita.pk).exists()


def test_a_damaged_backup_changes_nothing(rita, file):
    call_command("backup", file)
    whole = file.read_bytes()
    file.write_bytes(whole[: len(whole) * 2 // 3])
    with pytest.raises(CommandError, match="Nothing was restored: the database is as it was"):
        call_command("restore", file, "--replace")
    assert User.objects.filter(pk=rita.pk).exists()


def test_a_database_in_use_is_not_replaced_by_accident(rita, file):
    call_command("backup", file)
    with pytest.raises(CommandError, match="Add --replace if that is meant"):
        call_command("restore", file)


def test_an_existing_file_is_not_overwritten(rita, file):
    file.write_text("last year's figures")
    with pytest.raises(CommandError, match="exists already"):
        call_command("backup", file)
    assert file.read_text() == "last year's figures"


def test_a_file_that_is_no_backup_is_refused_in_words(rita, file):
    with pytest.raises(CommandError, match="There is no file"):
        call_command("restore", file, "--replace")
    file.write_text("not a dump")
    with pytest.raises(CommandError, match=r"Nothing was restored: .* valid archive"):
        call_command("restore", file, "--replace")
