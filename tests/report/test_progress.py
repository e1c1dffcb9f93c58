import io
import subprocess
import sys
import threading
import types
from contextlib import contextmanager

import pytest

from thalweg.report import progress
from thalweg.report.progress import default_watch, watcher, watching
from thalweg.train.progress import Progress

HALF = Progress(5, 10, 50, 100, 2.0)
BEFORE = (Progress(0, 10, 0, 100, 0.1), Progress(1, 10, 10, 100, 0.4))


class Terminal(io.StringIO):
    def isatty(self):
        return True


class Display:
    """What a notebook shows."""

    def __init__(self):
        self.shown = []

    def display(self, data, *, raw, display_id):
        assert raw
        assert display_id
        self.shown.append(data["text/plain"])
        return self

    def update(self, data, *, raw):
        assert raw
        self.shown[-1] = data["text/plain"]


@pytest.fixture
def notebook(monkeypatch):
    display = Display()
    shell = types.SimpleNamespace(kernel=object())
    monkeypatch.setitem(sys.modules, "IPython", types.SimpleNamespace(get_ipython=lambda: shell))
    monkeypatch.setitem(sys.modules, "IPython.display", display)
    return display


def open_terminal(monkeypatch):
    """Make standard error a terminal; in the test itself, since capturing sets it anew after fixtures."""
    stream = Terminal()
    monkeypatch.setattr(sys, "stderr", stream)
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.delenv("NO_COLOR", raising=False)
    return stream


def test_a_terminal_shows_a_bar_that_is_gone_at_the_end(monkeypatch):
    terminal = open_terminal(monkeypatch)
    with default_watch() as watch:
        watch("search", HALF)
        watch("a stage of one's own", HALF)
    text = terminal.getvalue()
    assert "Searching the grid" in text
    assert "5 of 10" in text
    assert text.rstrip("\n").endswith("\x1b[2K")  # the last thing written erases the line


def test_a_terminal_without_colours_gets_lines(monkeypatch):
    terminal = open_terminal(monkeypatch)
    monkeypatch.setenv("NO_COLOR", "1")
    monkeypatch.setattr(progress, "LINE_EVERY", 0.0)
    with default_watch() as watch:
        for seen in (*BEFORE, HALF):
            watch("search", seen)
    assert terminal.getvalue().splitlines()[-1] == "Searching the grid: 5 of 10, about 2 s left"


@pytest.mark.parametrize("begin", [0.0, 30.0])
@pytest.mark.parametrize("done", [0, 4])
def test_the_time_left_does_not_count_what_it_took_to_begin_or_was_done_before(begin, done):
    line = progress._Lines()
    steps = 100 - 10 * done
    seen = [Progress(done, 10, 0, steps, begin), Progress(done, 10, 10 * done + 5, steps, begin + 2.0)]
    assert [line("search", one) for one in seen] == [f"Searching the grid: {done} of 10"] * 2
    half = Progress(done, 10, 10 * done + 15, steps, begin + 6.0)
    left = (1 - half.share) / (half.share - seen[1].share) * 4.0
    assert line("search", half) == f"Searching the grid: {done} of 10, about {left:.0f} s left"


def test_a_notebook_shows_one_line_that_is_renewed_and_goes(notebook):
    with default_watch() as watch:
        for seen in (*BEFORE, HALF):
            watch("search", seen)
        assert notebook.shown == ["Searching the grid: 5 of 10, about 2 s left"]
        for seen in (*BEFORE, HALF):
            watch("chosen", seen)
        assert notebook.shown == ["Training the chosen networks: 5 of 10, about 2 s left"]
    assert notebook.shown == [""]


def test_a_line_goes_too_if_training_fails(notebook):
    def interrupted():
        with default_watch() as watch:
            watch("search", HALF)
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        interrupted()
    assert notebook.shown == [""]


def test_ipython_on_a_terminal_is_no_notebook(monkeypatch):
    terminal = open_terminal(monkeypatch)
    monkeypatch.setitem(sys.modules, "IPython", types.SimpleNamespace(get_ipython=types.SimpleNamespace))
    with default_watch() as watch:
        watch("search", HALF)
    assert "5 of 10" in terminal.getvalue()


@pytest.mark.parametrize("stream", [io.StringIO(), None])
def test_nobody_is_told_where_nobody_looks(monkeypatch, stream):
    monkeypatch.setattr(sys, "stderr", stream)
    with default_watch() as watch:
        assert watch is None


def test_threads_beside_the_main_one_stay_quiet(monkeypatch):
    open_terminal(monkeypatch)
    found = []

    def look():
        with default_watch() as watch:
            found.append(watch)

    thread = threading.Thread(target=look)
    thread.start()
    thread.join()
    assert found == [None]


def test_worker_processes_stay_quiet(monkeypatch):
    open_terminal(monkeypatch)
    monkeypatch.setattr(progress.multiprocessing, "parent_process", object)
    with default_watch() as watch:
        assert watch is None


def test_false_switches_it_off_and_a_function_is_called_itself(monkeypatch):
    open_terminal(monkeypatch)
    with watching(False) as watch:
        assert watch is None
    with watching(print) as watch:
        assert watch is print
    with watching() as watch:
        assert watch is not None


def test_a_command_writes_lines_into_a_log(monkeypatch, capsys):
    monkeypatch.setattr(progress, "LINE_EVERY", 0.0)
    with watcher() as watch:
        watch("effects", HALF)
    assert capsys.readouterr().err == "Training in several rounds: 5 of 10\n"
    with watcher(quiet=True) as watch:
        assert watch is None


def test_rich_is_loaded_by_those_who_see_it():
    code = (
        "import sys; from thalweg.report.progress import default_watch\n"
        "with default_watch(): assert 'rich' not in sys.modules"
    )
    assert subprocess.run([sys.executable, "-c", code], stderr=subprocess.PIPE, check=False).returncode == 0


class Marimo:
    """What a cell of marimo shows, and whether this thread runs one."""

    def __init__(self):
        self.shown, self.gone, self.running, self.status = [], False, True, self

    def running_in_notebook(self):
        return self.running

    @contextmanager
    def spinner(self, *, title, remove_on_exit):
        assert title
        assert remove_on_exit
        yield types.SimpleNamespace(update=lambda *, subtitle: self.shown.append(subtitle))
        self.gone = True


def test_a_cell_of_marimo_shows_a_line_although_its_kernel_is_a_process_of_its_own(monkeypatch):
    marimo = Marimo()
    monkeypatch.setitem(sys.modules, "marimo", marimo)
    monkeypatch.setattr(progress, "_in_charge", lambda: False)
    with watching() as watch:
        watch("search", HALF)
    assert marimo.shown == ["Searching the grid: 5 of 10"]
    assert marimo.gone
    marimo.running = False  # a worker, or a script that only imports it
    with watching() as watch:
        assert watch is None


def test_until_a_hundredth_is_done_a_forecast_says_what_is_left():
    line = progress._Lines()
    few, more = Progress(0, 1000, 5, 1000, 10.0, expected=90.0), Progress(20, 1000, 20, 1000, 20.0, expected=90.0)
    assert line("search", few).endswith("about 80 s left")
    assert line("search", more).endswith("about 70 s left"), "no pace was seen yet"
    later = Progress(40, 1000, 40, 1000, 30.0, expected=90.0)
    assert line("search", later).endswith("about 480 s left")  # 2 % in 10 seconds
    assert progress._Lines()("search", Progress(0, 1000, 5, 1000, 100.0, expected=90.0)).endswith("about 0 s left")
