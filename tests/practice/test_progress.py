"""What a learner has done is never lost: merging, broken files, read-only disks, other machines."""

import json
import stat
import subprocess
import sys
from datetime import date

import pytest

from ganlib import practice
from ganlib.practice import progress
from ganlib.practice.progress import NEW, PROGRESS, is_due, merge

EX = practice.chapter("02")
RIGHT = "p/(p + q)"


def stored(path):
    return json.loads(path.read_text(encoding="utf-8"))["exercises"]


def restart(monkeypatch):
    """As in a new kernel: nothing in memory."""
    monkeypatch.setattr(PROGRESS, "entries", {})
    monkeypatch.setattr(PROGRESS, "reader_", None)
    monkeypatch.setattr(PROGRESS, "kept_in", None)


def test_attempts_and_passes_are_stored(own_progress, monkeypatch, capsys):
    EX.d_star.check(...)
    assert not own_progress.exists()  # the untouched stub is no attempt
    EX.d_star.check("q/(p + q)")
    EX.d_star.check(RIGHT)
    entry = stored(own_progress)["02.d_star"]
    assert entry["attempts"] == 2 and entry["clean"] and entry["streak"] == 1 and entry["first_pass"]
    restart(monkeypatch)
    assert EX.passed("d_star") and not EX.passed("density_times")
    EX.d_star.check("q")  # a later slip takes nothing away
    assert EX.passed("d_star")
    assert "❌" in capsys.readouterr().out


def test_the_solution_is_locked_until_tried_and_a_pass_after_it_is_not_clean(own_progress, capsys):
    EX.d_star.show_solution()
    assert "Try it first" in capsys.readouterr().out
    EX.d_star.check("q/(p + q)")
    EX.d_star.show_solution()
    assert RIGHT in capsys.readouterr().out
    EX.d_star.check(RIGHT)
    entry = stored(own_progress)["02.d_star"]
    assert entry["first_pass"] and not entry["clean"] and entry["solution_seen"]
    EX.unequal_shares.show_solution(really=True)
    assert "s*p" in capsys.readouterr().out


def test_after_the_solution_of_a_number_there_are_new_numbers(capsys):
    before = EX.density_times.current
    EX.density_times.check(0)
    EX.density_times.show_solution()
    assert EX.density_times.current != before
    assert "Your numbers" in capsys.readouterr().out
    now = EX.density_times.current
    EX.density_times.new()
    assert EX.density_times.current != now
    EX.d_star.new()
    assert "stays as it is" in capsys.readouterr().out


def test_hints_come_one_by_one(capsys):
    for n in (1, 2, 2):
        EX.d_star.hint()
        out = capsys.readouterr().out
        assert f"Hint {n} of 2." in out and EX.d_star.hints[n - 1] in out
    assert "show_solution" in out


def test_merge_loses_nothing():
    phone = {**NEW, "attempts": 3, "first_pass": "2026-01-02T00:00:00+00:00", "clean": True, "round": 4}
    laptop = {**NEW, "attempts": 5, "hints": 2, "first_pass": "2026-01-01T00:00:00+00:00", "solution_seen": True,
              "streak": 2, "last_pass": "2026-01-05"}
    both = merge(phone, laptop)
    assert both == merge(laptop, phone)
    assert both == {**NEW, "attempts": 5, "hints": 2, "round": 4, "solution_seen": True, "clean": True, "streak": 2,
                    "first_pass": "2026-01-01T00:00:00+00:00", "last_pass": "2026-01-05"}
    assert merge(phone, NEW) == phone and merge(phone, phone) == phone
    assert merge(phone, {"attempts": "many", "unknown": 1}) == phone


def test_a_write_keeps_what_others_wrote_meanwhile(own_progress, monkeypatch):
    EX.d_star.check(RIGHT)
    theirs = json.loads(own_progress.read_text())
    theirs["exercises"]["09.elsewhere"] = {**NEW, "attempts": 7}
    own_progress.write_text(json.dumps(theirs))
    EX.unequal_shares.check("p")
    assert stored(own_progress)["09.elsewhere"]["attempts"] == 7
    assert set(stored(own_progress)) == {"02.d_star", "02.unequal_shares", "09.elsewhere"}


@pytest.mark.parametrize("text", ["", "{", "[]", "null", '{"exercises": []}', '{"exercises": {"02.d_star": 1}}', "\0"])
def test_a_broken_file_is_set_aside(own_progress, text, capsys, monkeypatch):
    own_progress.parent.mkdir(parents=True)
    for n in (1, 2):
        own_progress.write_text(text)
        EX.d_star.check("q")
        aside = own_progress.with_suffix(f".broken-{n}.json")
        assert aside.read_text() == text
    assert stored(own_progress)["02.d_star"]["attempts"] == 2
    assert "progress.broken-2.json" in capsys.readouterr().out


def test_a_file_that_is_not_text_is_set_aside(own_progress):
    own_progress.parent.mkdir(parents=True)
    own_progress.write_bytes(b"\xff\xfe\x00garbage")
    EX.d_star.check("q")
    assert own_progress.with_suffix(".broken-1.json").read_bytes() == b"\xff\xfe\x00garbage"


def test_on_a_read_only_disk_practice_works_and_says_so(own_progress, monkeypatch, capsys):
    def refuse(*_, **__):
        raise OSError(30, "Read-only file system")

    monkeypatch.setattr("pathlib.Path.mkdir", refuse)
    EX.d_star.check(RIGHT)
    out = capsys.readouterr().out
    assert "✅" in out and "not being kept (Read-only file system)" in out
    assert EX.passed("d_star") and not own_progress.exists()
    EX.gate()
    assert "not being kept" in capsys.readouterr().out


def test_a_folder_that_cannot_be_made(own_progress, monkeypatch, capsys, tmp_path):
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("GANLIB_PROGRESS", str(tmp_path / "file" / "progress.json"))
    EX.d_star.check(RIGHT)
    out = capsys.readouterr().out
    assert "✅" in out and "not being kept" in out


def test_the_file_appears_whole_or_not_at_all(own_progress, monkeypatch):
    EX.d_star.check(RIGHT)
    before = own_progress.read_text()

    def crash(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.replace", crash)
    EX.unequal_shares.check("p")
    assert own_progress.read_text() == before
    assert {p.name for p in own_progress.parent.iterdir()} <= {"progress.json", ".progress.json.lock"}
    assert stat.S_ISREG(own_progress.stat().st_mode)


def test_export_and_import(own_progress, monkeypatch, tmp_path, capsys):
    EX.d_star.check(RIGHT)
    text = practice.export()
    assert len(text) < 600 and "\n" not in text
    monkeypatch.setenv("GANLIB_PROGRESS", str(tmp_path / "other" / "progress.json"))
    restart(monkeypatch)
    EX.unequal_shares.check("p")
    practice.import_(f"  {text}\n")
    assert EX.passed("d_star") and PROGRESS.entry("02.unequal_shares")["attempts"] == 1
    before = dict(PROGRESS.entries)
    for damaged in (text[:-5], "x", "", None, text.replace("e", "f"), "AAAA"):
        with pytest.raises(ValueError, match="text must be what export"):
            practice.import_(damaged)
    assert PROGRESS.entries == before


def test_due_again_after_1_3_7_and_21_days():
    entry = {**NEW, "last_pass": "2026-03-01"}
    for streak, first in ((1, date(2026, 3, 2)), (2, date(2026, 3, 4)), (3, date(2026, 3, 8)), (4, date(2026, 3, 22))):
        entry["streak"] = streak
        assert is_due(entry, first) and not is_due(entry, first.replace(day=first.day - 1))
    assert not is_due(NEW, date(2030, 1, 1)) and not is_due({**NEW, "last_pass": "soon"})


def test_the_streak_grows_only_when_it_was_due(own_progress, monkeypatch):
    EX.d_star.check(RIGHT)
    EX.d_star.check(RIGHT)
    assert PROGRESS.entry("02.d_star")["streak"] == 1
    assert practice.due() == []
    PROGRESS.entries["02.d_star"]["last_pass"] = "2020-01-01"
    own_progress.unlink()
    assert [e.key for e in practice.due()] == ["02.d_star"]
    EX.d_star.check(RIGHT)
    assert PROGRESS.entry("02.d_star")["streak"] == 2 and practice.due() == []


def test_review_and_report(capsys):
    practice.review()
    assert "Nothing is due" in capsys.readouterr().out
    EX.d_star.check(RIGHT)
    PROGRESS.entries["02.d_star"]["last_pass"] = "2020-01-01"
    progress.location().unlink()
    practice.review()
    practice.report()
    out = capsys.readouterr().out
    assert "`d_star`" in out and f"| 1 of {len(EX)} | 1 | closed | 1 |" in out


def test_where_the_file_is(monkeypatch, tmp_path):
    monkeypatch.delenv("GANLIB_PROGRESS")
    monkeypatch.setenv("HOME", str(tmp_path))
    assert progress.location() == tmp_path / ".ganlib" / "progress.json"
    assert progress.where() == "`~/.ganlib/progress.json`"
    monkeypatch.setattr(progress, "DRIVE", tmp_path)
    assert progress.location() == tmp_path / "ganlib" / "progress.json"
    assert "MyDrive" in progress.where()
    with pytest.raises(RuntimeError, match="not Colab"):
        practice.use_drive()


def test_many_processes_at_once_lose_nothing(own_progress):
    code = "from ganlib import practice; ex = practice.chapter('02')\nfor _ in range(10): ex.d_star.check('q')"
    running = [subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.DEVNULL) for _ in range(3)]
    assert [process.wait() for process in running] == [0, 0, 0]
    assert stored(own_progress)["02.d_star"]["attempts"] == 30


def test_what_was_edited_by_hand_does_no_harm(own_progress):
    EX.density_times.check(0)
    text = own_progress.read_text().replace('"round": 0', '"round": 50000000').replace(
        '"last_pass": ""', '"last_pass": "yesterday"')
    own_progress.write_text(text)
    assert PROGRESS.entry("02.density_times")["round"] == 0 and PROGRESS.entry("02.density_times")["last_pass"] == ""


def test_numbers_that_were_shown_stay(own_progress, monkeypatch):
    monkeypatch.delenv("GANLIB_READER")
    given = EX.density_times.given
    restart(monkeypatch)
    assert EX.density_times.given == given


def test_after_the_solution_the_formula_is_not_enough(capsys):
    EX.density_times.check("c/(1 + c)")
    EX.density_times.show_solution()
    EX.density_times.check("c/(1 + c)")
    out = capsys.readouterr().out
    assert out.startswith("✅") and "Now compute the number" in out
    c = float(EX.density_times.current["c"])
    EX.density_times.check(c / (1 + c))
    assert "✅" in capsys.readouterr().out


def test_each_reader_has_a_number_that_stays(own_progress, monkeypatch):
    monkeypatch.delenv("GANLIB_READER")
    EX.d_star.check("q")
    mine = PROGRESS.reader
    restart(monkeypatch)
    PROGRESS.entry("02.d_star")
    assert PROGRESS.reader == mine
