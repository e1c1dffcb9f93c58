"""The slides of a first lecture, told and drawn on the reader's own table."""

from typing import Final

from thalweg.report.drawing.document import Prose, Section
from thalweg.report.drawing.fields import Segments
from thalweg.report.drawing.figure import Axis, Figure
from thalweg.report.drawing.layers import Layer, Line, Points
from thalweg.report.drawing.table import Cell, Column, Table
from thalweg.report.study.backprop_part import backprop_part
from thalweg.report.study.boundary_part import boundary_part
from thalweg.report.study.capacity_part import capacity_part
from thalweg.report.study.glossary import GLOSSARY
from thalweg.report.study.guide_part import guide_part
from thalweg.report.study.landscape_part import landscape_part
from thalweg.report.study.parts import StudyPart
from thalweg.report.study.race_part import race_part
from thalweg.report.study.signal_part import signal_part
from thalweg.study.deck.deck import DeckStudy
from thalweg.study.deck.paths import DescentPaths

_STYLES: Final = ("first", "second", "third")


def deck_part(deck: DeckStudy) -> StudyPart:
    """Return the slides, told and drawn.

    Parameters
    ----------
    deck
        From :func:`thalweg.study.deck.deck.deck_study`.
    """
    race, back, signal = race_part(deck.race), backprop_part(deck.backprop), signal_part(deck.signal)
    land, size, guide = landscape_part(deck.landscape), capacity_part(deck.capacity), guide_part(deck.guide)
    sections = [
        Section("h-slides", "Slide by slide", (slides_table(deck),)),
        Section(
            "h-descent",
            "Slides 4 to 10: descent, momentum, vectors that cancel",
            () if deck.paths is None else (contour_figure(deck.paths), turns_figure(deck.paths)),
        ),
        Section("h-race", "Slides 9 to 13: momentum, SGD, AdaGrad, Adam", (Prose(race.sentence), *race.figures[:3])),
    ]
    if deck.boundary is not None:
        bound = boundary_part(deck.boundary)
        sections.append(Section("h-depth", "Slides 21 to 23: depth", (Prose(bound.sentence), *bound.figures)))
    sections += [
        Section("h-steps", "Slides 24 to 26: activations, backpropagation", (Prose(back.sentence), *back.figures)),
        Section("h-land", "Slide 27: the loss surface", (Prose(land.sentence), *land.figures[1::2])),
        Section("h-signal", "Slides 28 and 29: starts, normalisation", (Prose(signal.sentence), *signal.figures[1:])),
        Section("h-size", "Slides 30 to 32: overfitting, regularisation", (Prose(size.sentence), *size.figures)),
        Section(
            "h-guide", "Slide 20: what networks use", (Prose(guide.sentence), guide.figures[-2], guide.figures[-1])
        ),
        Section("h-words", "Words", (glossary_table(),)),
    ]
    return StudyPart(
        "A first lecture on your own table",
        f"{deck.table} · {deck.target} · {deck.rows:,} rows · {deck.columns} columns",
        deck.sentence,
        slides_table(deck),
        tuple(sections[1:]),
        (
            "Every study here is small, so that the page is made in a lecture; `thalweg study NAME` does each in full.",
            "Numbers are those of this table and these seeds; another table may say the opposite.",
        ),
    )


def slides_table(deck: DeckStudy) -> Table:
    """Return one row per slide: what it is about, what this table says, and where it is shown."""
    race = {track.optimizer: track for track in deck.race.tracks}
    full, stochastic = race["gradient descent"], race["SGD"]
    plain = {found.start: found for found in deck.signal.plain}
    kinds = {point.label: point.parts.risk for point in deck.capacity.regular}
    wide = deck.capacity.widths[-1]
    descents = (
        "two columns are needed"
        if deck.paths is None
        else (f"on {' and '.join(deck.paths.columns)} the curvatures differ {deck.paths.condition:.3g}-fold")
    )
    depth = "two columns are needed" if deck.boundary is None else deck.boundary.sentence
    modes = deck.race.modes
    rates = (
        "for a numeric outcome"
        if modes is None
        else (
            f"condition number {modes.condition:.3g}: a step leaves {modes.slowest[0]:.4f} of the error, with momentum "
            f"{modes.slowest[1]:.4f}"
        )
    )
    linear = f"thalweg linear TABLE --target {deck.target}"
    rows: tuple[tuple[Cell, ...], ...] = (
        ("3", "model, loss, optimizer", f"{deck.race.network}; {deck.race.loss_name}", "thalweg fit"),
        ("4", "gradient descent", descents, "figure of contours"),
        ("5", "least squares; two kinds of error", "estimate and optimum, each with its error", f"{linear} --descents"),
        ("6", "logistic regression", "the gradient is X'(p − y) / n", f"{linear} --model logistic"),
        (
            "7",
            "rate 1/k of convex functions",
            "measured beside the bound, which needs the step t",
            f"{linear} --descents",
        ),
        ("8", "linear rate of strong convexity", rates, f"{linear} --descents"),
        ("9", "momentum", _momentum(deck.paths), "figure of contours, race"),
        ("10", "vectors cancel or add up", _turns(deck.paths), "figure of turns"),
        ("11", "SGD", _noise(full.step_seconds, stochastic.step_seconds), "race, by second"),
        ("12", "AdaGrad", f"median loss {race['AdaGrad'].median[-1]:.3g} at rate {race['AdaGrad'].rate:g}", "race"),
        ("13", "Adam", f"median loss {race['Adam'].median[-1]:.3g} at rate {race['Adam'].rate:g}", "race"),
        ("15", "neuron", "one column of weights, a bias and an activation", "step, operation by operation"),
        (
            "16",
            "compute",
            f"{deck.backprop.training_flops:.3g} flop for {deck.backprop.epochs} passes",
            "study backprop",
        ),
        ("19", "Hopfield, Boltzmann machines", "memories and machines of 0 and 1", "tw.Hopfield, tw.RBM"),
        ("20", "guided intuition, DeDL", deck.guide.sentence, "study guide; thalweg effects"),
        ("21", "depth", depth, "figures of votes"),
        ("22", "softmax", "one output per class; two classes need one", "thalweg linear --model softmax"),
        (
            "23",
            "features of features",
            "products and squares bend a linear model",
            'thalweg linear --formula "y ~ a:b"',
        ),
        ("24", "activations", "a sigmoid passes a quarter of a gradient at most", "figure of derivatives"),
        ("25", "training loop", f"{deck.race.epochs} passes in batches of {deck.race.batch}", "thalweg fit"),
        ("26", "backpropagation", deck.backprop.sentence, "figure of the step"),
        ("27", "loss surface", deck.landscape.sentence, "study landscape"),
        ("28", "starts and normalisation", deck.signal.sentence, "study signal"),
        ("29", "too small, too large", _starts(plain["small"].verdict, plain["large"].verdict), "study signal"),
        ("30", "bias and variance; selection", deck.capacity.sentence, f"study capacity; {linear} --search forward"),
        (
            "31",
            "ridge and lasso",
            f"ridge: {kinds['with ridge']:.3g} beside {wide.parts.risk:.3g}",
            f"{linear} --path lasso",
        ),
        ("32", "dropout", f"{kinds['with dropout']:.3g} beside {wide.parts.risk:.3g} without", "study capacity"),
    )
    columns = (Column("slide"), Column("about"), Column("this table"), Column("shown by", None, 1))
    return Table("slides", "Slides of a first lecture, and what this table says.", columns, rows)


def _momentum(paths: DescentPaths | None) -> str:
    if paths is None:
        return "two columns are needed"
    told = "; ".join(f"{path.label}: cost {path.values[-1]:.4g} after {len(path.values) - 1}" for path in paths.paths)
    return f"{told} steps"


def _turns(paths: DescentPaths | None) -> str:
    if paths is None:
        return "two columns are needed"
    back = paths.paths[1]
    count = sum(1 for turn in back.turns if turn < 0)
    return f"{count} of {len(back.turns)} steps of {back.label} turn back on the one before"


def _noise(full: float, stochastic: float) -> str:
    return f"a step on all rows takes {full / stochastic:.1f} times as long as one on a mini-batch"


def _starts(small: str, large: str) -> str:
    return f"gradients: small starts {small}, large ones {large}"


def contour_figure(paths: DescentPaths) -> Figure:
    """Draw contours of least squares on two columns, and the ways down."""
    layers: list[Layer] = [
        Segments("equal cost" if k == 0 else "", pieces, "guide", thin=True) for k, pieces in enumerate(paths.contours)
    ]
    rows: list[tuple[Cell, ...]] = []
    for style, path in zip(_STYLES, paths.paths, strict=True):
        x, y = (tuple(map(float, column)) for column in path.places.T)
        layers += [Line(path.label, x, y, style), Points("", x, y, style, faint=True)]
        rows += [(path.label, k, *cells) for k, cells in enumerate(zip(x, y, map(float, path.values), strict=True))]
    best = tuple(map(float, paths.optimum))
    layers.append(Points("optimum", best[:1], best[1:], "plain"))
    heads = tuple(map(Column, ("method", "step", *paths.columns, "cost")))
    return Figure(
        "deck-contours",
        "Least squares on two columns. Near its largest step gradient descent swings from side to side; momentum "
        f"swings too, and carries on along the valley. The condition number is {paths.condition:.3g}.",
        Axis(f"coefficient of {paths.columns[0]}"),
        Axis(f"coefficient of {paths.columns[1]}"),
        tuple(layers),
        Table("deck-contours", "Paths.", heads, tuple(rows)),
    )


def turns_figure(paths: DescentPaths) -> Figure:
    """Draw the cosine between successive steps."""
    layers: list[Layer] = []
    rows: list[tuple[Cell, ...]] = []
    for style, path in zip(_STYLES, paths.paths, strict=True):
        x = tuple(float(k + 2) for k in range(len(path.turns)))
        y = tuple(map(float, path.turns))
        layers += [Line(path.label, x, y, style), Points("", x, y, style, faint=True)]
        rows += [(path.label, int(k), turn) for k, turn in zip(x, y, strict=True)]
    return Figure(
        "deck-turns",
        "Cosine between a step and the one before: at −1 they cancel, at 1 they add up. Averaging steps, as momentum "
        "does, removes what cancels and keeps what adds up.",
        Axis("step"),
        Axis("cosine", low=-1.1, high=1.1),
        tuple(layers),
        Table("deck-turns", "Cosines.", tuple(map(Column, ("method", "step", "cosine"))), tuple(rows)),
    )


def glossary_table() -> Table:
    """Return the words of the reports, each in a sentence."""
    rows: tuple[tuple[Cell, ...], ...] = tuple(sorted(GLOSSARY.items()))
    return Table("glossary", "Words of these reports.", (Column("word"), Column("means")), rows)
