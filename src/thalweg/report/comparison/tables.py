"""The answer's tables: leaderboard, differences, spread, confusions, profile, endings of training."""

from collections.abc import Sequence

from thalweg.base.interval import Interval
from thalweg.report.drawing.table import Cell, Column, Table, decimals_for
from thalweg.select.comparison_answer import Answer
from thalweg.select.scoring.diagnostics import Confusion
from thalweg.select.scoring.difference import Difference
from thalweg.select.scoring.leaderboard import Leaderboard, Row
from thalweg.select.scoring.metrics import METRICS, Metric, metrics_of_task

_MOST_PROFILE_ROWS = 60


def metrics_of(board: Leaderboard) -> list[Metric]:
    """Return the metrics of a leaderboard, the primary one first.

    Examples
    --------
    >>> board = Leaderboard("regression", "rmse", (), "ridge regression", "", "", (), 5, 100)
    >>> [metric.name for metric in metrics_of(board)]
    ['rmse', 'mae', 'r2']
    """
    return list(metrics_of_task(board.task, board.metric).values())


def _heading(metric: Metric) -> str:
    return f"{metric.label}\N{NO-BREAK SPACE}{'↑' if metric.higher_is_better else '↓'}"


def interval_of(difference: Difference | None) -> Interval | None:
    """Return a difference's ends as a table cell.

    Examples
    --------
    >>> interval_of(None) is None
    True
    """
    return None if difference is None else Interval(difference.estimate, difference.low, difference.high)


def _half_widths(differences: Sequence[Difference]) -> list[float]:
    return [(d.high - d.low) / 2 for d in differences]


def leaderboard_table(answer: Answer) -> Table:
    """Return the leaderboard: primary metric, difference from the linear model, its interval, other metrics.

    Parameters
    ----------
    answer
        The answer.

    Returns
    -------
    Table
        One row per model, best first, the recommended one in bold.

    Examples
    --------
    >>> from thalweg.select.comparison_answer import About
    >>> board = Leaderboard("regression", "rmse", (), "ridge regression", "", "", (), 5, 100)
    >>> leaderboard_table(Answer(About("t.csv", "y"), "", "", board)).columns[2].label
    'minus ridge regression'
    """
    board = answer.leaderboard
    metrics = metrics_of(board)
    values = {m.name: [row.scores[m.name].value for row in board.rows] for m in metrics}
    to_reference = [d for d in board.differences if d.reference == board.reference]
    digits = max(decimals_for(_half_widths(to_reference), 2), decimals_for(values[board.metric], 3))
    primary, *others = metrics
    level = f"{100 * to_reference[0].level:g} % interval" if to_reference else "interval"
    columns = (
        Column("Model"),
        Column(_heading(primary), decimals_for(values[primary.name])),
        Column(f"minus {board.reference}", digits),
        Column(level, digits),
        *(Column(_heading(m), decimals_for(values[m.name]), spare=n + 1) for n, m in enumerate(others)),
    )
    rows = tuple(_leaderboard_row(board, row, metrics) for row in board.rows)
    strong = frozenset(i for i, row in enumerate(board.rows) if row.model == answer.recommended)
    caption = (
        f"Scores on held-out rows: mean over {folds_of(board)} and all seeds, best first. "
        "↓ lower is better, ↑ higher is better; the recommended model is bold."
    )
    return Table("leaderboard", caption, columns, rows, _leaderboard_notes(board), strong)


def folds_of(board: Leaderboard) -> str:
    """Return how many folds there are, and of which kind.

    Examples
    --------
    >>> folds_of(Leaderboard("regression", "rmse", (), "ridge regression", "", "", (), 5, 100))
    '5 folds'
    """
    return f"{board.folds} folds in time order" if board.in_time else f"{board.folds} folds"


def _leaderboard_row(board: Leaderboard, row: Row, metrics: Sequence[Metric]) -> tuple[Cell, ...]:
    difference = board.difference(row.model, board.reference)
    scores: list[Cell] = [row.scores[metric.name].value for metric in metrics]
    estimate = None if difference is None else difference.estimate
    return (row.model, scores[0], estimate, interval_of(difference), *scores[1:])


def _leaderboard_notes(board: Leaderboard) -> tuple[str, ...]:
    primary, *others, last = (metric.label for metric in metrics_of(board))
    notes = [
        (
            f"n = {board.observations:,} rows. The interval is that of the difference in {primary}; "
            f"{', '.join(others)} and {last} are means without an interval. Each interval is for one comparison alone: "
            "the more models, the likelier one excludes 0 by chance."
        )
    ]
    for row in board.rows:
        if row.left_out:
            fits = row.seeds * board.folds
            notes.append(f"{row.model}: {row.left_out} of {fits} fits gave no finite predictions and are left out.")
        short = [m.label for m in metrics_of(board) if row.scores[m.name].folds < board.folds]
        if short and row.left_out < row.seeds * board.folds:
            notes.append(f"{row.model}: {', '.join(short)} not defined in every fold; the mean is over the others.")
        if row.note:
            notes.append(f"{row.model}: {row.note}.")
    return tuple(notes)


def spread_table(answer: Answer, metrics: Sequence[Metric] = ()) -> Table:
    """Return standard deviations by source for every model, of the given metrics or of all.

    Examples
    --------
    >>> from thalweg.select.comparison_answer import About
    >>> board = Leaderboard("regression", "rmse", (), "ridge regression", "", "", (), 5, 100)
    >>> len(spread_table(Answer(About("t.csv", "y"), "", "", board)).columns)
    6
    """
    board = answer.leaderboard
    words = {"split": "split", "seed": "seed", "unknown": None}
    shown = metrics or metrics_of(board)
    spreads = [(row, metric, row.scores[metric.name].spread) for metric in shown for row in board.rows]
    rows: tuple[tuple[Cell, ...], ...] = tuple(
        (row.model, metric.label, spread.split_sd, spread.seed_sd, spread.total_sd, words[spread.dominant])
        for row, metric, spread in spreads
    )
    digits = decimals_for([spread.total_sd for _, _, spread in spreads], 3) if len(shown) == 1 else None
    columns = (
        Column("Model"),
        Column("Metric"),
        *(Column(label, digits) for label in ("SD between splits", "SD between seeds", "SD of one fit")),
        Column("Larger"),
    )
    note = "One-way random-effects analysis of variance, seeds within folds; – with one seed or none."
    return Table("spread", "Spread of a single fit's score by source.", columns, rows, (note,))


def _headings(labels: Sequence[str]) -> tuple[Column, ...]:
    return tuple(Column(label) for label in labels)


def difference_table(answer: Answer) -> Table:
    """Return all differences, from the linear model and from the baseline.

    Examples
    --------
    >>> from thalweg.select.comparison_answer import About
    >>> board = Leaderboard("regression", "rmse", (), "ridge regression", "", "", (), 5, 100)
    >>> difference_table(Answer(About("t.csv", "y"), "", "", board)).rows
    ()
    """
    board = answer.leaderboard
    digits = decimals_for(_half_widths(board.differences), 3)
    rows = tuple((d.model, d.reference, d.estimate, interval_of(d)) for d in board.differences)
    label = METRICS[board.task][board.metric].label
    columns = (
        Column("Model"),
        Column("minus"),
        Column(f"Difference in {label}", digits),
        Column("Interval", digits),
    )
    return Table("differences", f"Differences in {label}.", columns, rows)


def confusion_table(confusion: Confusion) -> Table:
    """Return a confusion matrix, actual classes down and predicted classes across.

    Examples
    --------
    >>> confusion_table(Confusion("network", ("no", "yes"), ((5.0, 1.0), (2.0, 4.0)))).rows[0]
    ('no', 5.0, 1.0, 0.8333...)
    """
    whole = all(float(count).is_integer() for line in confusion.count for count in line)
    columns = (
        Column("Actual"),
        *(Column(f"predicted {name}", 0 if whole else 1) for name in confusion.classes),
        Column("share right", 3),
    )
    rows: tuple[tuple[Cell, ...], ...] = tuple(
        (name, *line, share)
        for name, line, share in zip(confusion.classes, confusion.count, confusion.recall, strict=True)
    )
    caption = f"Held-out rows by actual and predicted class, {confusion.model}."
    notes: tuple[str, ...] = () if whole else ("Counts are averages over seeds.",)
    return Table(f"confusion-{confusion.model}", caption, columns, rows, notes)


def profile_table(answer: Answer) -> Table | None:
    """Return the data profile, at most 60 columns of it, None if there is none.

    Examples
    --------
    >>> from thalweg.select.comparison_answer import About
    >>> board = Leaderboard("regression", "rmse", (), "ridge regression", "", "", (), 5, 100)
    >>> about = About("t.csv", "y", profile=({"column": "age", "missing": 3},))
    >>> profile_table(Answer(about, "", "", board)).rows
    (('age', 3),)
    """
    profile = answer.about.profile
    if not profile:
        return None
    keys = [key for key in profile[0] if any(line.get(key) not in {None, ""} for line in profile)]
    rows: tuple[tuple[Cell, ...], ...] = tuple(
        tuple(_profile_cell(line.get(key)) for key in keys) for line in profile[:_MOST_PROFILE_ROWS]
    )
    more = len(profile) - len(rows)
    notes = (f"The first {len(rows)} of {len(profile)} columns.",) if more else ()
    return Table("profile", f"Columns of {answer.about.table}.", _headings(keys), rows, notes)


def _profile_cell(value: str | int | float | bool | None) -> Cell:
    return ("yes" if value else "no") if isinstance(value, bool) else value


def exactness_table(answer: Answer) -> Table | None:
    """Return how exactly each linear model was fitted, None if that was not recorded.

    Examples
    --------
    >>> from thalweg.select.comparison_answer import About
    >>> board = Leaderboard("regression", "rmse", (), "ridge regression", "", "", (), 5, 100)
    >>> from thalweg.select.certificate_records import LinearCertificate
    >>> told = LinearCertificate("least squares", "Exact.", "exact", 6, 1e-15, 1e-15, "age", 4, 4, 2.0, "none", 0.0)
    >>> exactness_table(Answer(About("t.csv", "y"), "", "", board, certificates=(told,))).rows[0][:3]
    ('least squares', 'exact', '1e−15')
    """
    if not answer.certificates:
        return None
    rows: tuple[tuple[Cell, ...], ...] = tuple(
        (
            one.model,
            one.verdict,
            f"{one.decrement:.2g}".replace("-", "−"),
            f"{one.worst:.2g}".replace("-", "−") + f" ({one.worst_name})",
            f"{one.rank} of {one.columns}",
            f"{one.condition:.3g}",
            one.separation,
        )
        for one in answer.certificates
    )
    heads = ["Model", "Verdict", "Newton decrement", "worst coefficient", "rank", "condition", "separation"]
    note = (
        "Newton decrement and worst coefficient in standard errors, of the worst fit in any fold or to all rows; rank, "
        "condition and separation of the fit to all rows."
    )
    notes = (note, *(one.sentence for one in answer.certificates))
    return Table(
        "exactness", "Linear models: how far the optimiser stopped from its optimum.", _headings(heads), rows, notes
    )


def status_table(answer: Answer) -> Table | None:
    """Return how many members of each model ended how, None if that was not recorded.

    Examples
    --------
    >>> from thalweg.select.comparison_answer import About
    >>> board = Leaderboard("regression", "rmse", (), "ridge regression", "", "", (), 5, 100)
    >>> about = About("t.csv", "y", status={"network": {"stopped early": 48, "diverged": 2}})
    >>> status_table(Answer(about, "", "", board)).rows
    (('network', 48, 2),)
    """
    status = answer.about.status
    if not status:
        return None
    endings = list(dict.fromkeys(ending for counts in status.values() for ending in counts))
    rows: tuple[tuple[Cell, ...], ...] = tuple(
        (model, *(counts.get(ending, 0) for ending in endings)) for model, counts in status.items()
    )
    return Table("status", "How training ended, number of fits.", _headings(["Model", *endings]), rows)
