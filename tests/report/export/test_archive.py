import io
import zipfile

from thalweg.report.export.archive import without_dates, zipped


def test_an_archive_is_the_same_whenever_it_was_written():
    later = io.BytesIO()
    with zipfile.ZipFile(later, "w") as archive:
        archive.writestr(zipfile.ZipInfo("a.txt", (2026, 1, 2, 3, 4, 6)), b"one")
    assert without_dates(later.getvalue()) == zipped([("a.txt", b"one")])
    with zipfile.ZipFile(io.BytesIO(zipped([("a.txt", b"one"), ("b/c.txt", b"two")]))) as archive:
        assert {name: archive.read(name) for name in archive.namelist()} == {"a.txt": b"one", "b/c.txt": b"two"}
