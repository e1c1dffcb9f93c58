"""Notebooks become pages: every cell is run by a kernel while the site is built, and shown with what it gave."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import nbformat
from nbclient import NotebookClient

SECONDS = 240  # of one cell, on a busy machine
AT_A_TIME = 2


def pages_of(folder):
    """Run the notebooks of a folder and return their pages in Markdown, by name."""
    places = sorted(Path(folder).glob("*.ipynb"))
    with ThreadPoolExecutor(AT_A_TIME) as pool:
        return dict(zip((place.stem for place in places), pool.map(page_of, places), strict=True))


def page_of(place):
    """Run one notebook; a cell that fails, or that says something on standard error, fails the build."""
    notebook = nbformat.read(place, as_version=4)
    quiet = ["--IPKernelApp.log_level=ERROR"]  # a kernel warns that it listens on this machine
    NotebookClient(notebook, timeout=SECONDS, kernel_name="python3", extra_arguments=quiet).execute()
    cells = [_written(cell, place.name) for cell in notebook.cells]
    note = f"[This page as a notebook]({place.name}), to be run with your own table."
    return "\n\n".join([cells[0], note, *cells[1:]]) + "\n"


def _written(cell, name):
    if cell.cell_type == "markdown":
        return cell.source
    return "\n\n".join([f"```python\n{cell.source}\n```", *(_shown(one, name) for one in cell.outputs)])


def _shown(output, name):
    if output.output_type == "stream":
        if output.name == "stderr":
            raise RuntimeError(f"{name} says on standard error: {output.text}")
        return f"```text\n{output.text.rstrip()}\n```"
    data = output.data
    if "text/html" in data:
        return f'<div class="output">\n{data["text/html"]}\n</div>'
    return f"```text\n{data['text/plain']}\n```" if data["text/plain"] else ""
