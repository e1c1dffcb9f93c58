"""What is made while the site is built: gallery, tutorials, reference, the help of every verb; links are checked."""

import argparse
import re
from pathlib import Path

from links import broken_links
from mkdocs.exceptions import PluginError
from mkdocs.structure.files import File
from notebooks import pages_of

import thalweg as tw
from thalweg.cli.main import build_parser

ROOT = Path(__file__).resolve().parents[2]
LINK = re.compile(r"(!?)\[([^\]]*)\]\(((?!https?:|mailto:|#)[^)\s]+)\)")


def on_files(files, config):
    """Add what is made, and leave out what is no page of the site."""
    for path, text in (
        ("gallery.md", _gallery(files, config)),
        ("reference.md", _reference()),
        ("command-line.md", _command_line()),
        *((f"tutorials/{name}.md", text) for name, text in pages_of(ROOT / "docs" / "tutorials").items()),
    ):
        files.append(File.generated(config, path, content=text))
    return files


def on_page_markdown(markdown, page, config, files):  # noqa: ARG001 - what MkDocs gives
    """Name files of the repository that are no pages, in place of a link that leads nowhere."""
    here = Path(page.file.src_uri).parent

    def told(found):
        goal = found[3].partition("#")[0]
        if goal.endswith(".ipynb") and here.name != "tutorials":
            return found[0].replace(".ipynb", ".md")  # the page that is made of it
        place = (ROOT / "docs" / here / goal).resolve()
        inside = place.is_relative_to(ROOT / "docs")
        if inside and (place.is_file() or files.get_file_from_path(place.relative_to(ROOT / "docs").as_posix())):
            return found[0]
        if not place.exists():
            return found[0]  # MkDocs says that it leads nowhere
        name = place.relative_to(ROOT).as_posix()
        return f"{found[2].strip('`')} (`{name}` in the repository)" if found[2].strip("`") != name else f"`{name}`"

    return LINK.sub(told, markdown)


def on_post_build(config):
    """Refuse a site with a link that leads nowhere, or that loads something from elsewhere."""
    wrong = broken_links(config.site_dir)
    if wrong:
        raise PluginError("\n".join(wrong))


def _gallery(files, config):
    """Draw the figures of small runs, each under the command that made it."""
    runs = (
        (
            'tw.fit("example:iris", folds=3, seeds=2, networks=[{"hidden": [8]}], epochs=30)',
            tw.fit("example:iris", folds=3, seeds=2, networks=[{"hidden": [8]}], epochs=30, watch=False),
        ),
        ('tw.fit_linear("example:diabetes", path="lasso", axes=("bmi", "s1"))', _linear()),
        ('tw.run_study("race", "example:iris", hidden=8, epochs=20, seeds=3)', _study("race", hidden=8, epochs=20)),
        ('tw.run_study("signal", "example:iris", hidden="16-16-16", seeds=3)', _study("signal", hidden="16-16-16")),
    )
    lines = ["# Gallery", "", "Every picture is drawn while this page is built, by the line above it.", ""]
    for call, run in runs:
        lines += [f"```python\nrun = {call}\n```", "", run.sentence, ""]
        for picture in run.figures:
            name = f"gallery/{picture.name}.svg"
            files.append(File.generated(config, name, content=picture.svg()))
            lines += [f'![{picture.sentence}]({name}){{ width="560" }}', "", f"*`run.figure({picture.name!r})`*", ""]
    return "\n".join(lines)


def _linear():
    return tw.fit_linear("example:diabetes", path="lasso", axes=("bmi", "s1"), watch=False)


def _study(name, **settings):
    return tw.run_study(name, "example:iris", seeds=3, watch=False, **settings)


def _reference():
    lines = ["# Python", "", "Every public name of `thalweg`.", ""]
    for name in sorted(tw.__all__):
        if not name.startswith("_") and name != "plan":
            lines += [f"::: thalweg.{name}", ""]
    return "\n".join(lines)


def _command_line():
    lines = ["# Command line", "", "What `--help` says of every verb.", ""]
    for name, parser in _verbs(build_parser(), "thalweg"):
        lines += [f"## `{name}`", "", "```text", parser.format_help().rstrip(), "```", ""]
    return "\n".join(lines)


def _verbs(parser, name):
    yield name, parser
    for action in parser._actions:  # noqa: SLF001 - argparse tells them nowhere else
        if isinstance(action, argparse._SubParsersAction):  # noqa: SLF001 - the same
            for word, below in action.choices.items():
                yield from _verbs(below, f"{name} {word}")
