"""Archives: refused unless they are the published ones, whatever a mirror sends, and nothing of them is left behind."""

import hashlib
import io
import os
import re
import tarfile
import zipfile
from pathlib import PurePosixPath

import numpy as np
import pytest
import torch
from PIL import Image

from ganlib.data import cifar10, colour, downloads, emoji_pairs, facades, horse2zebra

EMOJI = [f"emoji-datasource-{designer}-16.0.0.tgz" for designer in ("google", "twitter")]
FILE = {"cifar10": "cifar-10-binary.tar.gz", "facades": "facades.zip", "horse2zebra": "horse2zebra.zip"}
LOADERS = {"cifar10": cifar10, "facades": facades, "horse2zebra": horse2zebra}


def picture(grey, kind="JPEG", size=(16, 16)):
    file = io.BytesIO()
    Image.new("RGB", size, (grey, grey, grey)).save(file, kind)
    return file.getvalue()


def zipped(files):
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return file.getvalue()


def tarred(files, link=None):
    file = io.BytesIO()
    with tarfile.open(fileobj=file, mode="w:gz") as archive:
        for name, data in files.items():
            entry = tarfile.TarInfo(name)
            entry.size = len(data)
            archive.addfile(entry, io.BytesIO(data))
        if link:
            entry = tarfile.TarInfo("link")
            entry.type, entry.linkname = link, "elsewhere"
            archive.addfile(entry)
    return file.getvalue()


def domains(name, a, b):
    """An archive in CycleGAN's format: a and b images to train with, one each to test, in no order."""
    files = {f"{name}/trainA/{i}_A.jpg": picture(20 * i) for i in reversed(range(1, a + 1))}
    files |= {f"{name}/trainB/{i}_B.jpg": picture(20 * i + 5) for i in range(1, b + 1)}
    files |= {f"{name}/testA/1_A.jpg": picture(200), f"{name}/testB/1_B.jpg": picture(205)}
    return zipped({f"{name}/": b"", **files, f"{name}/read.me": b"text"})


def emoji(grey):
    names = [f"{i:04x}" for i in range(1, 21)] + ["1f44d-1f3fb"]
    return tarred({"package/README.md": b"text"} | {
        f"package/img/x/64/{name}.png": picture(grey + i, "PNG") for i, name in enumerate(names)})


@pytest.fixture
def tiny(monkeypatch, tmp_path):
    """Small archives in the place of the real ones, an empty cache, no mirror. Gives the archives by file name."""
    rng = np.random.default_rng(0)
    bins = {file: rng.integers(256, size=(4, 3073), dtype=np.uint8) for file in colour.CIFAR_CHECKSUMS}
    for rows in bins.values():
        rows[:, 0] %= 10
    inside = {file: rows.tobytes() for file, rows in bins.items()}
    archives = {"cifar-10-binary.tar.gz": tarred({f"cifar-10-batches-bin/{file}": raw for file, raw in inside.items()}),
                "facades.zip": domains("facades", 10, 10), "horse2zebra.zip": domains("horse2zebra", 3, 5),
                EMOJI[0]: emoji(10), EMOJI[1]: emoji(110)}
    monkeypatch.setattr(colour, "CIFAR_CHECKSUMS", {file: downloads.sha256(raw) for file, raw in inside.items()})
    monkeypatch.setattr(colour, "ARCHIVES", {file: (len(raw), downloads.sha256(raw)) for file, raw in archives.items()})
    monkeypatch.setattr(colour, "MIRRORS", {name: [] for name in colour.MIRRORS})
    monkeypatch.setenv("GANLIB_CACHE", str(tmp_path / "cache"))
    monkeypatch.delenv("GANLIB_DATA", raising=False)
    return archives


@pytest.fixture
def mirrors(tiny, server, monkeypatch):
    """Two mirrors; the second has all archives."""
    monkeypatch.setattr(colour, "MIRRORS", {"emoji_pairs": []} | {
        name: [f"{server.address}/{which}/{file}" for which in ("first", "second")] for name, file in FILE.items()})
    server.answers |= {f"/second/{file}": tiny[file] for file in FILE.values()}
    return server


def cached(tmp_path):
    """Every file that is in the cache, hidden ones too."""
    cache = tmp_path / "cache"
    return sorted(str(path.relative_to(cache)) for path in cache.rglob("*") if path.is_file())


def greys(images):
    return ((images[:, 0, 0, 0] + 1) * 127.5).round().int().tolist()


# ---- what is in the archives
@pytest.mark.parametrize(("split", "files"), colour.CIFAR_FILES.items())
def test_cifar10_is_what_the_bytes_say(split, files, tiny, tmp_path):
    (tmp_path / FILE["cifar10"]).write_bytes(tiny[FILE["cifar10"]])
    data = cifar10(split, root=tmp_path)
    with tarfile.open(tmp_path / FILE["cifar10"]) as archive:
        raw = b"".join(archive.extractfile(f"cifar-10-batches-bin/{file}").read() for file in files)
    assert data.images.shape == (4 * len(files), 3, 32, 32) and data.classes[0] == "airplane"
    for i, (image, label) in enumerate(zip(data.images, data.labels, strict=True)):
        row = raw[3073 * i:3073 * i + 3073]
        assert row[0] == label and row[1:] == ((image + 1) * 127.5).round().byte().numpy().tobytes()


@pytest.mark.parametrize("where", [".", "cifar10", "cifar-10-batches-bin", "cifar10/cifar-10-batches-bin"])
def test_cifar10_may_be_unpacked(where, tiny, tmp_path, no_network):
    folder = tmp_path / where
    folder.mkdir(parents=True, exist_ok=True)
    for name, raw in downloads.members(written(tmp_path / "archive", tiny[FILE["cifar10"]]), lambda name: True):
        (folder / name.name).write_bytes(raw)
    assert len(cifar10(root=tmp_path)) == 20 and len(cifar10("test", root=tmp_path)) == 4
    (folder / "data_batch_3.bin").unlink()
    with pytest.raises(ValueError, match=r"data_batch_1.bin is not the published file: it lacks data_batch_3.bin"):
        cifar10(root=tmp_path)


def written(path, data):
    path.write_bytes(data)
    return path


def test_facades_pair_a_label_map_with_its_photograph(tiny, tmp_path):
    (tmp_path / "facades.zip").write_bytes(tiny["facades.zip"])
    data = facades(size=8, root=tmp_path)
    assert data.inputs.shape == data.targets.shape == (10, 3, 8, 8)
    assert sorted(greys(data.targets)) == list(range(20, 220, 20))  # domain A, the photographs
    assert greys(data.inputs) == [grey + 5 for grey in greys(data.targets)]
    assert greys(facades("test", root=tmp_path).targets) == [200]


def test_facades_without_partners_are_refused(tiny, tmp_path, monkeypatch):
    odd = domains("facades", 3, 2)
    monkeypatch.setitem(colour.ARCHIVES, "facades.zip", (len(odd), downloads.sha256(odd)))
    (tmp_path / "facades.zip").write_bytes(odd)
    with pytest.raises(ValueError, match="facades: expected a label map for each photograph, got 2 for 3"):
        facades(root=tmp_path)


def test_horses_and_zebras_may_be_of_different_number(tiny, tmp_path):
    (tmp_path / "horse2zebra.zip").write_bytes(tiny["horse2zebra.zip"])
    data = horse2zebra(size=16, root=tmp_path)
    assert greys(data.a) == [20, 40, 60] and greys(data.b) == [25, 45, 65, 85, 105]


def test_emoji_pair_by_name_and_leave_skin_tones_out(tiny, tmp_path):
    for file in EMOJI:
        (tmp_path / file).write_bytes(tiny[file])
    train, test = emoji_pairs(root=tmp_path), emoji_pairs("test", size=8, root=tmp_path)
    assert train.inputs.shape == (18, 3, 32, 32) and test.inputs.shape == (2, 3, 8, 8)
    assert sorted(greys(train.inputs) + greys(test.inputs)) == list(range(10, 30))
    assert greys(train.targets) == [grey + 100 for grey in greys(train.inputs)]


def test_pictures_are_laid_on_white_and_cut_to_their_middle():
    image = Image.new("RGBA", (12, 4), (255, 0, 0, 255))
    image.paste((0, 0, 0, 0), (4, 0, 8, 2))  # transparent black in the upper half of the middle
    file = io.BytesIO()
    image.save(file, "PNG")
    middle = colour.decoded(file.getvalue(), 4)
    assert middle.shape == (3, 4, 4) and middle.dtype == np.uint8
    assert (middle[:, :2] == 255).all() and (middle[0, 2:] == 255).all() and (middle[1:, 2:] == 0).all()


# ---- from the mirrors
@pytest.mark.parametrize("name", LOADERS)
def test_download_is_checked_cached_and_then_used_offline(name, tiny, mirrors, tmp_path, request):
    mirrors.answers[f"/first/{FILE[name]}"] = tiny[FILE[name]]
    first = LOADERS[name]()
    assert mirrors.asked == [f"/first/{FILE[name]}"] and cached(tmp_path) == [f"{name}/{FILE[name]}"]
    request.getfixturevalue("no_network")
    torch.manual_seed(0)
    one = first.sample(4)
    torch.manual_seed(0)
    other = LOADERS[name]().sample(4)
    assert all(map(torch.equal, one, other))


def altered(data):
    middle = len(data) // 2
    return data[:middle] + bytes([data[middle] ^ 1]) + data[middle + 1:]


BAD = {  # what comes instead of the archive, and what the error says of it
    "truncated": (lambda data: data[:-40], "it is not whole|broken archive of"),
    "too long": (lambda data: data + b"more", "got SHA-256|broken archive|it lacks"),
    "altered": (altered, "got SHA-256|broken archive of"),
    "web page": (lambda data: b"\n<!doctype html><title>Sorry</title>", "a web page came instead of data"),
    "nothing": (lambda data: b"", "of 0 bytes|no archive, 0 bytes"),
    "another archive": (lambda data: tarred({"a/b.bin": b"c"}), "got SHA-256|it lacks data_batch_1.bin"),
    "no such file": (lambda data: None, "404"),
}
# Of CIFAR-10 the content is checked, and bytes after the end of a gzip archive change nothing of that.
CASES = [pytest.param(name, *case, id=f"{name} {kind}") for name in LOADERS for kind, case in BAD.items()
         if (name, kind) != ("cifar10", "too long")]


@pytest.mark.parametrize(("name", "bad", "says"), CASES)
def test_a_bad_answer_is_refused_and_the_next_mirror_tried(name, bad, says, tiny, mirrors, tmp_path):
    if (body := bad(tiny[FILE[name]])) is not None:
        mirrors.answers[f"/first/{FILE[name]}"] = body
    LOADERS[name]()
    assert mirrors.asked == [f"/first/{FILE[name]}", f"/second/{FILE[name]}"]
    assert (tmp_path / "cache" / name / FILE[name]).read_bytes() == tiny[FILE[name]]
    assert len(cached(tmp_path)) == 1


@pytest.mark.parametrize(("name", "bad", "says"), CASES)
def test_nothing_is_left_when_every_mirror_fails(name, bad, says, tiny, mirrors, tmp_path):
    mirrors.answers.clear()
    if (body := bad(tiny[FILE[name]])) is not None:
        mirrors.answers |= {f"/{which}/{FILE[name]}": body for which in ("first", "second")}
    with pytest.raises(OSError) as caught:
        LOADERS[name]()
    text = str(caught.value)
    assert text.startswith(f"{name}: no mirror gave {FILE[name]}:\n")
    assert f"get {FILE[name]} elsewhere and give its folder as root" in text.splitlines()[-1]
    for url in colour.MIRRORS[name]:
        (line,) = (line for line in text.splitlines() if f"{url}: " in line)
        assert re.search(says, line)
    assert cached(tmp_path) == []


@pytest.mark.parametrize("name", LOADERS)
def test_a_connection_that_breaks_off_is_refused(name, tiny, mirrors, tmp_path):
    mirrors.answers[f"/first/{FILE[name]}"] = tiny[FILE[name]][:300]
    mirrors.answers[f"/second/{FILE[name]}"] = tiny[FILE[name]]  # all of it, but less than was announced
    mirrors.cut |= {f"/{which}/{FILE[name]}" for which in ("first", "second")}
    with pytest.raises(OSError, match="(?s)no mirror gave.*first.*second"):
        LOADERS[name]()
    assert cached(tmp_path) == []


@pytest.mark.parametrize("moment", ["while it is checked", "before it gets its name"])
def test_an_interrupted_download_leaves_nothing(moment, tiny, mirrors, tmp_path, monkeypatch):
    def interrupted(*_args):
        assert any(name.endswith(".part") for name in cached(tmp_path))
        raise KeyboardInterrupt

    if moment == "while it is checked":
        monkeypatch.setattr(downloads, "check", interrupted)
    else:
        monkeypatch.setattr(os, "replace", interrupted)
    mirrors.answers["/first/facades.zip"] = tiny["facades.zip"]
    with pytest.raises(KeyboardInterrupt):
        facades()
    assert cached(tmp_path) == [] and len(mirrors.asked) == 1


def test_a_download_has_its_name_only_after_the_check(tiny, mirrors, tmp_path, monkeypatch):
    check = downloads.check

    def watched(path, *expected):
        assert path.name.startswith(".facades.zip.") and path.parent == tmp_path / "cache" / "facades"
        assert not (path.parent / "facades.zip").exists()
        check(path, *expected)

    monkeypatch.setattr(downloads, "check", watched)
    assert len(facades()) == 10


def test_a_damaged_file_in_the_cache_is_fetched_again(tiny, mirrors, tmp_path):
    path = tmp_path / "cache" / "facades" / "facades.zip"
    path.parent.mkdir(parents=True)
    path.write_bytes(altered(tiny["facades.zip"]))
    assert len(facades()) == 10 and path.read_bytes() == tiny["facades.zip"]


# ---- from folders
@pytest.mark.parametrize("folder", [".", "horse2zebra"])
@pytest.mark.parametrize("how", ["root", "GANLIB_DATA"])
def test_archives_on_disk_are_used_without_network(how, folder, tiny, tmp_path, monkeypatch, no_network):
    here = tmp_path / "files"
    (here / folder).mkdir(parents=True)
    (here / folder / "horse2zebra.zip").write_bytes(tiny["horse2zebra.zip"])
    if how == "GANLIB_DATA":
        monkeypatch.setenv("GANLIB_DATA", str(here))
    assert len(horse2zebra(root=here if how == "root" else None).b) == 5 and cached(tmp_path) == []


@pytest.mark.parametrize("name", LOADERS)
def test_a_damaged_archive_in_root_is_refused_by_its_path(name, tiny, mirrors, tmp_path):
    (tmp_path / FILE[name]).write_bytes(tiny[FILE[name]][:-40])
    with pytest.raises(ValueError, match=re.escape(f"{name}: {tmp_path / FILE[name]} is not the published file: ")):
        LOADERS[name](root=tmp_path)
    with pytest.raises(FileNotFoundError, match=f"root must hold {FILE[name]}.*directly or in {name}/, got"):
        LOADERS[name](root=tmp_path / "empty")
    assert mirrors.asked == []


def test_emoji_have_no_mirror_and_say_how_to_get_them(tiny, no_network, tmp_path):
    with pytest.raises(OSError, match="(?s)emoji_pairs: no mirror gave emoji-datasource-google-16.0.0.tgz: there is"
                                      ".*npm pack emoji-datasource-google@16.0.0 emoji-datasource-twitter@16.0.0"):
        emoji_pairs()
    with pytest.raises(FileNotFoundError, match="(?s)root must hold emoji-data.*npm pack emoji-data"):
        emoji_pairs(root=tmp_path)
    assert not (tmp_path / "cache").exists()


def test_without_network_the_message_names_urls_and_a_way_out(tiny, monkeypatch, tmp_path):
    monkeypatch.setattr(colour, "MIRRORS", {"facades": ["http://127.0.0.1:9/facades.zip"]})  # nobody listens there
    with pytest.raises(OSError, match="(?s)http://127.0.0.1:9/facades.zip: .*Without network: get facades.zip"):
        facades()
    assert cached(tmp_path) == []


@pytest.mark.parametrize(("call", "says"), [
    (lambda: cifar10("dev"), "cifar10: split must be 'train' or 'test', got 'dev'"),
    (lambda: facades("val"), "facades: split must be 'train' or 'test', got 'val'"),
    (lambda: horse2zebra(size=0), "horse2zebra: size must be a whole number of at least 1, got 0"),
    (lambda: emoji_pairs("dev"), "emoji_pairs: split must be"), (lambda: emoji_pairs(size=2.5), "got 2.5"),
])
def test_wrong_arguments_are_refused_before_anything_is_looked_for(call, says, no_network):
    with pytest.raises(ValueError, match=says):
        call()


# ---- members
OUTSIDE = ["../x", "a/../../x", "/x", "..\\x", "C:\\x", "c:x"]


@pytest.mark.parametrize("pack", [zipped, tarred])
@pytest.mark.parametrize("name", OUTSIDE)
def test_a_name_that_leads_out_of_the_archive_is_refused(name, pack, tmp_path):
    path = written(tmp_path / "archive", pack({"good": b"1", name: b"2"}))
    for wanted in (True, False):
        with pytest.raises(ValueError, match="the archive holds a name that leads out of it, "):
            list(downloads.members(path, lambda inside, wanted=wanted: wanted))
    assert [file.name for file in tmp_path.rglob("*")] == ["archive"] and not (tmp_path.parent / "x").exists()


@pytest.mark.parametrize("kind", [tarfile.SYMTYPE, tarfile.LNKTYPE])
def test_a_link_is_refused(kind, tmp_path):
    path = written(tmp_path / "archive", tarred({"good": b"1"}, kind))
    with pytest.raises(ValueError, match="the archive holds the link 'link'"):
        list(downloads.members(path, lambda inside: True))


@pytest.mark.parametrize("pack", [zipped, tarred])
def test_members_gives_what_is_wanted_in_order(pack, tmp_path):
    path = written(tmp_path / "archive", pack({"b/1": b"x", "a": b"y", "b/0": b"z"}))
    found = list(downloads.members(path, lambda inside: inside.parent.name == "b"))
    assert found == [(PurePosixPath("b/1"), b"x"), (PurePosixPath("b/0"), b"z")]


@pytest.mark.parametrize("pack", [zipped, tarred])
def test_every_truncation_of_an_archive_is_told(pack, tmp_path):
    rng = np.random.default_rng(0)
    files = {f"{i}.bin": rng.bytes(400) for i in range(3)}
    whole = pack(files)
    for length in range(0, len(whole) - 12, 7):
        path = written(tmp_path / "archive", whole[:length])
        try:
            found = dict(downloads.members(path, lambda inside: True))
        except ValueError:
            continue
        assert {str(name): data for name, data in found.items()} == files  # only padding was cut


# ---- the published numbers
def test_the_checksums_are_well_formed_and_differ():
    sums = [*colour.CIFAR_CHECKSUMS.values(), *(checksum for _, checksum in colour.ARCHIVES.values())]
    assert all(re.fullmatch("[0-9a-f]{64}", checksum) for checksum in sums) and len(set(sums)) == len(sums) == 10
    assert set(colour.CIFAR_CHECKSUMS) == {file for files in colour.CIFAR_FILES.values() for file in files}
    assert all(url.rsplit("/")[-1] == FILE[name] for name, urls in colour.MIRRORS.items() for url in urls)


def test_the_check_counts_bytes_too(tmp_path):
    path = written(tmp_path / "file", b"12345")
    right = hashlib.sha256(b"12345").hexdigest()
    assert downloads.check(path, 5, right) is None
    for size, checksum in ((6, right), (5, right[::-1])):
        with pytest.raises(ValueError, match=f"got SHA-256 {right} of 5 bytes, expected {checksum} of {size} bytes"):
            downloads.check(path, size, checksum)
