"""Any finished run, opened as what its job returned."""

from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Final

from thalweg.base.errors import RunFolderError
from thalweg.base.files import path_of
from thalweg.base.run_folder import CONFIG_FILE, RunFolder, refuse_version

if TYPE_CHECKING:
    from thalweg.answers.comparison import Run
    from thalweg.answers.effects import EffectsRun
    from thalweg.answers.linear import LinearRun
    from thalweg.answers.observed import ObservedRun
    from thalweg.answers.study import StudyRun

_READERS: Final = {
    "comparison": ("comparison", "read_run"),
    "estimator": ("comparison", "read_run"),
    "linear": ("linear", "read_linear"),
    "effects": ("effects", "read_effects"),
    "observed": ("observed", "read_observed"),
    "study": ("study", "read_study"),
}  # module and function by job: a linear run needs no engine


def load(folder: str | Path) -> "Run | LinearRun | EffectsRun | ObservedRun | StudyRun":
    """Read a finished run from its folder.

    Parameters
    ----------
    folder
        What ``out`` was.

    Returns
    -------
    Run, LinearRun, EffectsRun, ObservedRun or StudyRun
        As :func:`thalweg.fit`, :func:`thalweg.fit_linear`, :func:`thalweg.fit_effects`, :func:`thalweg.fit_observed` or
        :func:`thalweg.run_study` returned it.

    Raises
    ------
    RunFolderError
        If the folder holds no finished run.
    SettingError
        If what was given is no path.

    Examples
    --------
    >>> import tempfile, thalweg as tw
    >>> out = tempfile.mkdtemp() + "/run"
    >>> tw.fit_linear("example:diabetes", out=out).text() == tw.load(out).text()
    True
    >>> tw.load("no/such/folder")
    Traceback (most recent call last):
    thalweg.base.errors.RunFolderError: no/such/folder holds no finished run: config.json is missing. ...
    """
    run = RunFolder(path_of("folder", folder, "folder"))
    job = run.config().get("job")
    if job not in _READERS:
        raise RunFolderError(
            f"{folder} holds a run of an unknown job, {job!r}.", f"The jobs are {', '.join(_READERS)}."
        )
    refuse_version(run.path / CONFIG_FILE, run.config())
    module, name = _READERS[job]
    found: Run | LinearRun | EffectsRun | ObservedRun | StudyRun = getattr(
        import_module(f"thalweg.answers.{module}"), name
    )(run)
    return found
