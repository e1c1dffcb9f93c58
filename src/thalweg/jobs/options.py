"""Every option of every job, told once: its name, what it takes, what it says, and which jobs have it.

The name is the parameter in Python, the key in a configuration file, and with ``--`` and hyphens the flag of the
command. Loading this table loads nothing heavy.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from thalweg.base.errors import SettingError, setting
from thalweg.base.wording import closest
from thalweg.effects.links.named_links import NAMED_LINKS
from thalweg.jobs.option import Option
from thalweg.linear.models import MODELS, PATHS, SEARCHES

JOBS: Final = ("fit", "linear", "effects", "observed", "study")


_ALL: Final = dict.fromkeys(JOBS, "")
_ROWS: Final = {"fit": "", "linear": "", "effects": "", "observed": ""}
_TIMED: Final = {"fit": "", "linear": "", "effects": ""}
_EFFECTS: Final = {"effects": ""}
_WEIGHTS_KINDS: Final = ("frequency", "analytic", "probability")
_COVARIANCES: Final = ("classical", "HC0", "HC1", "HC2", "HC3", "cluster", "CR2", "CR3")
_ADJUSTMENTS: Final = ("max-t", "step-down", "bonferroni", "holm")
_TASKS: Final = ("regression", "binary", "multiclass")
_COLUMN: Final = "COLUMN"

OPTIONS: Final[Mapping[str, Option]] = {
    option.name: option
    for option in (
        Option("query", "text", "SQL over files, or over the source as table 'data'", _ALL, metavar="SQL"),
        Option("target", "text", "column to predict or to explain", _ALL, metavar=_COLUMN),
        Option(
            "formula",
            "text",
            'instead of --target and --features: "y ~ x1 + log(x2) + C(region)"; of effects "y ~ t1 + t2 | x1 + x2"',
            {"fit": "", "linear": "", "effects": "", "study": ""},
        ),
        Option(
            "treatments",
            "text",
            "columns of 0 and 1; where units chose, one of any levels",
            {"effects": "", "observed": ""},
            metavar=_COLUMN,
            several=("effects", "observed"),
        ),
        Option(
            "features",
            "text",
            "columns to predict from; for effects from before the treatment",
            dict.fromkeys(JOBS, "all others"),
            metavar=_COLUMN,
            several=JOBS,
        ),
        Option("ignore", "text", "columns to leave out", _ALL, metavar=_COLUMN, several=JOBS),
        Option("weights", "text", "column of row weights", _ROWS, metavar=_COLUMN),
        Option("weights_kind", "text", "what weights mean", dict.fromkeys(_ROWS, "analytic"), choices=_WEIGHTS_KINDS),
        Option(
            "class_weight",
            "text",
            "let every class count alike, in training and in scores",
            {"fit": "rows count alike"},
            choices=("balanced",),
        ),
        Option(
            "groups",
            "text",
            "column of groups that no fold may cut",
            {name: "" if name == "study" else "the clusters" for name in JOBS},
            metavar=_COLUMN,
        ),
        Option(
            "clusters",
            "text",
            "columns of clusters for the standard errors: one, or several that cross",
            {"fit": "the groups; one column", "linear": "", "effects": "", "observed": ""},
            metavar=_COLUMN,
            several=("linear", "effects", "observed"),
        ),
        Option("streamed", "switch", "read rows in batches, never all at once", {"linear": "where they do not fit"}),
        Option("time", "text", "column of numbers or dates that folds are in order of", _TIMED, metavar=_COLUMN),
        Option("task", "text", "what the target is", {"fit": "inferred", "study": "inferred"}, choices=_TASKS),
        Option(
            "combinations",
            "text",
            "combinations wanted, such as 101 111",
            {"effects": "all"},
            metavar="COMBINATION",
            several=("effects",),
        ),
        Option(
            "baseline",
            "text",
            "combination or level to measure against",
            {"effects": "no treatment", "observed": "no treatment"},
            metavar="NAME",
        ),
        Option(
            "assignment",
            "text",
            "planned shares, such as 00=0.5 10=0.25 01=0.25; or empirical, or model",
            {"effects": "empirical"},
            metavar="SHARE",
            several=("effects",),
        ),
        Option("allow_mismatch", "switch", "go on although counts differ from planned shares", _EFFECTS),
        Option("model", "text", "kind of linear model", {"linear": "by the target"}, "model", choices=tuple(MODELS)),
        Option(
            "covariance",
            "text",
            "standard errors",
            {"linear": "classical; cluster with --clusters; HC1 with probability weights"},
            "model",
            choices=_COVARIANCES,
        ),
        Option(
            "path", "text", "shrink along penalties, by cross-validation", {"linear": ""}, "model", choices=tuple(PATHS)
        ),
        Option(
            "search", "text", "search the best columns of each number", {"linear": ""}, "model", choices=tuple(SEARCHES)
        ),
        Option("descents", "switch", "run gradient methods beside their bounds", {"linear": ""}, "model"),
        Option(
            "axes",
            "text",
            "draw ridge and lasso for two columns",
            {"linear": ""},
            "model",
            metavar=_COLUMN,
            pair=True,
        ),
        Option(
            "margins",
            "text",
            "marginal effects, over the rows or at one typical row",
            {"linear": ""},
            "model",
            choices=("average", "means"),
        ),
        Option(
            "at",
            "text",
            "values that variables are held at for --margins, such as educ=12",
            {"linear": ""},
            "model",
            metavar="NAME=VALUE",
            several=("linear",),
        ),
        Option(
            "test",
            "text",
            'restrictions tested together, such as "educ = exper, tenure = 0"',
            {"linear": ""},
            "model",
            metavar="TEST",
            several=("linear",),
        ),
        Option(
            "link",
            "text",
            f"{', '.join(NAMED_LINKS)}; of several the best is used",
            {"effects": "sigmoid2"},
            "model",
            several=("effects",),
        ),
        Option("low", "number", "constant of link sigmoid", {"effects": "0"}, "model"),
        Option("height", "number", "constant of link sigmoid", {"effects": "1"}, "model"),
        Option(
            "scale",
            "text",
            "whether units share the scale of the link",
            {"effects": "auto"},
            "model",
            choices=("auto", "global", "local"),
        ),
        Option(
            "loss",
            "text",
            "logistic is for a target of 0 and 1",
            {"effects": "squared"},
            "model",
            choices=("squared", "logistic"),
        ),
        Option(
            "folds",
            "count",
            "parts of the table, each held out once",
            {"fit": "5", "linear": "5", "effects": "5", "observed": "5"},
            "design",
        ),
        Option(
            "gap",
            "count",
            "with --time, times between rows learned from and held out",
            dict.fromkeys(_TIMED, "0"),
            "design",
        ),
        Option("repeats", "count", "splits into folds", {"effects": "10", "observed": "10"}, "design"),
        Option(
            "seeds",
            "count",
            "networks per fold that differ by chance alone",
            {"fit": "5", "effects": "1", "study": "by the study"},
            "design",
        ),
        Option("seed", "count", "names all randomness", dict.fromkeys(JOBS, "0"), "design"),
        Option(
            "level",
            "number",
            "nominal coverage of intervals",
            dict.fromkeys(JOBS, "0.95"),
            "design",
        ),
        Option("keep", "count", "columns to retrain on", {"study": "3"}, "design"),
        Option("permutations", "count", "networks that learn a permuted outcome", {"study": "39"}, "design"),
        Option("resamples", "count", "resampled sets of rows", {"study": "16"}, "design"),
        Option(
            "adjust",
            "text",
            "how p-values allow for looking at all effects",
            {"effects": "step-down"},
            "design",
            choices=_ADJUSTMENTS,
        ),
        Option("allow_unidentified", "switch", "show weak and unidentified effects too", _EFFECTS, "design"),
        Option("leave_out", "switch", "predict every cell from the others too", _EFFECTS, "design"),
        Option(
            "hidden",
            "widths",
            "hidden layers: 32 or 64-64; for fit 0 is no network, for study none",
            {"fit": "64 64-64", "effects": "32", "study": "by the study"},
            "networks",
            metavar="WIDTHS",
            several=("fit",),
        ),
        Option(
            "activation",
            "text",
            "relu, tanh, sigmoid, leaky_relu, elu, gelu, silu",
            {"fit": "relu", "effects": "silu", "study": "by the study"},
            "networks",
            metavar="NAME",
            several=("fit",),
        ),
        Option(
            "learning_rate",
            "number",
            "step size of the optimizer",
            {"fit": "0.0005 0.002", "effects": "0.05"},
            "networks",
            metavar="RATE",
            several=("fit",),
        ),
        Option(
            "dropout",
            "number",
            "share of hidden units left out",
            {"fit": "0 0.3"},
            "networks",
            metavar="RATE",
            several=("fit",),
        ),
        Option(
            "ridge",
            "number",
            "penalty on the weights; of several the best is used",
            {"fit": "0", "effects": "5e-6 1e-3"},
            "networks",
            metavar="PENALTY",
            several=("fit", "effects"),
        ),
        Option(
            "optimizer",
            "text",
            "adam, sgd, momentum, adagrad, rmsprop",
            {"fit": "adam"},
            "networks",
            several=("fit",),
        ),
        Option(
            "metric",
            "text",
            "which score decides: rmse, mae or r2; of classes log_loss, accuracy, auc or brier",
            {"fit": "rmse; log_loss"},
            "design",
        ),
        Option("trees", "count", "most trees of gradient boosting; 0 leaves it out", {"fit": "500"}, "design"),
        Option("ramps", "count", "ramps networks see beside each number; 0 is none", {"fit": "8"}, "networks"),
        Option(
            "epochs",
            "count",
            "most passes over the training rows",
            {"fit": "300", "effects": "80", "observed": "60", "study": "by the study"},
            "training",
        ),
        Option(
            "patience", "count", "epochs without a better validation loss before stopping", {"fit": "20"}, "training"
        ),
        Option("validation", "number", "share of training rows that stopping watches", {"fit": "0.15"}, "training"),
        Option(
            "batch",
            "count",
            "rows of a mini-batch",
            {"fit": "64", "effects": "128", "study": "by the study"},
            "training",
        ),
        Option(
            "time_limit",
            "duration",
            "answer in time with what is complete by then, and let the same command go on: 90s, 10m, 2h",
            {"fit": "", "effects": "", "observed": "", "study": ""},
            "training",
            metavar="TIME",
        ),
        Option(
            "workers",
            "count",
            "most networks at work at once, a core each",
            {name: "one" if name == "linear" else "one per core" for name in JOBS},
            "training",
        ),
        Option(
            "cluster",
            "text",
            "where networks are trained, or files in batches summed: local:4 for four processes here, or a "
            "Dask scheduler's tcp://host:8786",
            dict.fromkeys(JOBS, "this machine"),
            "training",
            metavar="WHERE",
        ),
        Option(
            "out",
            "text",
            "folder to keep the run in; the same command continues it. But for fit, effects: also FILE.html, a report",
            _ALL,
            "output",
            metavar="FOLDER",
        ),
    )
}


def options_of(job: str) -> tuple[Option, ...]:
    """Return the options of a job.

    Examples
    --------
    >>> [option.name for option in options_of("linear")][:3]
    ['query', 'target', 'formula']
    """
    return tuple(option for option in OPTIONS.values() if job in option.jobs)


def _and(names: Sequence[str]) -> str:
    """Return names as a list in a sentence."""
    return " and ".join(filter(None, (", ".join(names[:-1]), names[-1])))


def refuse_unknown(job: str, names: Iterable[str], known: Iterable[str]) -> None:
    """Refuse settings that a job does not have, and say which job has them or which was meant.

    Parameters
    ----------
    job
        One of :data:`JOBS`.
    names
        What was given.
    known
        What the job has.

    Raises
    ------
    SettingError
        If one is not among the known.

    Examples
    --------
    >>> refuse_unknown("fit", ["treatments"], ["folds"])
    Traceback (most recent call last):
    thalweg.base.errors.SettingError: fit takes no treatments, which effects and observed take. Leave it out.
    >>> refuse_unknown("fit", ["fold"], ["folds"])
    Traceback (most recent call last):
    thalweg.base.errors.SettingError: There is no setting 'fold'. Did you mean 'folds'?
    """
    there = list(known)
    for name in names:
        if name in there:
            continue
        if name in OPTIONS:
            others = list(OPTIONS[name].jobs)
            takes = f"{_and(others)} {'takes' if len(others) == 1 else 'take'}"
            raise SettingError(f"{job} takes no {setting(name)}, which {takes}.", "Leave it out.")
        every = dict.fromkeys([*(option.name for option in options_of(job)), *there])
        raise SettingError(f"There is no setting {name!r}.", closest(name, every, "settings"))
