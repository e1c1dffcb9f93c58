"""DeDL: the effect of every combination of experiments from those that were run, with intervals that cover."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, fields, replace
from functools import partial
from typing import Any, Final

from thalweg.base.checks import check_choice, check_count, check_function, plain_value
from thalweg.base.errors import SettingError, setting
from thalweg.base.wording import closest
from thalweg.effects.answer import EffectsAnswer
from thalweg.effects.answering import answer_of_fits
from thalweg.effects.effect import LeftOut
from thalweg.effects.experiment.reading import Reading, read_experiment
from thalweg.effects.identification.check import Check, check_rank, pilot_supports, read_targets
from thalweg.effects.identification.rank import completing_cells, structure
from thalweg.effects.inference.cross_fitted import Model
from thalweg.effects.links.link import COMMON, KNOWN, LINKS, OWN, Link, find_link
from thalweg.effects.training import STAGE, Train, Training, Watch

SCALES: Final = {"auto": (COMMON, OWN), "global": (COMMON,), "local": (OWN,)}


@dataclass(frozen=True, slots=True, init=False)
class DeDL:
    """Debiased deep learning for combinations of randomised treatments.

    A network maps covariates to the parameters θ(x) of a link G(θ(x), t), here t ∈ {0, 1}^m; every effect
    E[G(θ(X), t) − G(θ(X), t₀)] is then corrected by weighted residuals of units the network never saw, so that its
    errors cancel to first order (Ye, Zhang, Zhang, Zhang & Zhang 2025, Management Science,
    doi:10.1287/mnsc.2024.04625). Added here: a score for a scale that all units share, identification before
    estimation, tests of the link, and joint inference; docs/explanation/dedl.md derives them.

    Parameters
    ----------
    link
        ``linear``, ``full``, ``multiplicative``, ``sigmoid``, ``sigmoid1``, ``sigmoid2`` (generalised sigmoids I and
        II), a :class:`~thalweg.effects.links.link.Link`, or several of these: the one with the least out-of-fold
        loss is used.
    low, height
        Known constants of the link ``sigmoid``, height · σ(u) + low.
    scale
        Of sigmoid1 and sigmoid2: ``global`` (one for all units), ``local`` (each unit's own), or ``auto`` (both are
        trained, the data choose).
    loss
        ``squared``, or ``logistic`` for an outcome of 0 and 1 with link ``sigmoid``.
    assignment
        ``empirical``, ``model``, or planned shares by combination, as for
        :func:`~thalweg.effects.experiment.reading.read_experiment`.
    baseline
        Combination to measure against, such as ``"000"``; None for no treatment.
    seed
        Decides everything random.
    training
        How networks are trained; None for the defaults.
    settings
        Fields of :class:`~thalweg.effects.training.Training` by name, ``epochs=40`` for example, in place of those of
        ``training``.

    Raises
    ------
    SettingError
        If there is no such setting, or it makes no sense.

    Examples
    --------
    >>> from thalweg.effects.experiment.simulate import simulate
    >>> experiment, truth = simulate(3, rows=1200, treatments=2)
    >>> t = experiment.cells[experiment.received]
    >>> columns = {"y": experiment.y, "a": t[:, 0], "b": t[:, 1]} | {f"x{k}": c for k, c in enumerate(experiment.x.T)}
    >>> quick = DeDL(link="linear", epochs=10, folds=2, repeats=1, workers=1)
    >>> answer = quick.fit(columns, target="y", treatments=["a", "b"])
    >>> [effect.combination for effect in answer.effects()]
    ['01', '10', '11']
    """

    link: str | Link | Sequence[str | Link]
    low: float
    height: float
    scale: str
    loss: str
    assignment: str | Mapping[str, float]
    baseline: str | None
    seed: int
    training: Training

    def __init__(
        self,
        link: str | Link | Sequence[str | Link] = "sigmoid2",
        *,
        low: float = 0.0,
        height: float = 1.0,
        scale: str = "auto",
        loss: str = "squared",
        assignment: str | Mapping[str, float] = "empirical",
        baseline: str | None = None,
        seed: int = 0,
        training: Training | None = None,
        **settings: Any,
    ) -> None:
        for name in settings:
            if name not in TRAINING:
                raise SettingError(f"There is no setting {name!r}.", closest(name, SETTINGS, "settings"))
        own = (link, low, height, scale, loss, assignment, baseline, seed)
        given = (*map(plain_value, own), replace(training or Training(), **settings))
        for field, value in zip(fields(self), given, strict=True):
            object.__setattr__(self, field.name, value)  # the class is frozen
        check_count("seed", seed, low=0)
        check_choice("scale", scale, list(SCALES))
        check_choice("loss", loss, ["squared", "logistic"])
        links = self._links()
        fitting = [name for name, one in LINKS.items() if one.gives_probability]
        for one in links if loss == "logistic" else ():
            if not one.gives_probability:
                names = " or ".join(f'"{name}"' for name in fitting)
                raise SettingError(
                    f'{setting("loss")}="logistic" works with {setting("link")}={names} without {setting("low")} and '
                    f"{setting('height')}, got {one.name!r}.",
                    f'Choose {setting("link")}={names}, or {setting("loss")}="squared".',
                )

    @property
    def settings(self) -> dict[str, Any]:
        """All settings by name, those of the training among them."""
        return {name: getattr(self, name) for name in OWN_SETTINGS} | asdict(self.training)

    def check(
        self,
        source: object = None,
        *,
        target: str,
        treatments: Sequence[str],
        features: Sequence[str] | None = None,
        clusters: str | Sequence[str] | None = None,
        groups: str | None = None,
        time: str | None = None,
        weights: str | None = None,
        query: str | None = None,
        combinations: str | Sequence[str] | None = None,
        allow_mismatch: bool = False,
        weights_kind: str | None = None,
    ) -> Check:
        """Say what the design can answer, without training anything.

        Parameters
        ----------
        source, query, target, treatments, features, clusters, groups, time, weights, weights_kind
            As for :meth:`fit`.
        combinations, allow_mismatch
            As for :meth:`fit`.

        Returns
        -------
        Check
            Parameters needed and determined, the status of every combination, and cells that would help.

        Raises
        ------
        DataError, SettingError
            If table and settings do not fit.

        Examples
        --------
        >>> columns = {"y": [0, 1, 2, 0, 2, 2] * 20, "a": [0, 1, 0] * 40, "b": [0, 0, 1] * 40, "x": range(120)}
        >>> DeDL(link="full").check(columns, target="y", treatments=["a", "b"]).remedies
        ('11',)
        """
        roles = {"target": target, "treatments": treatments, "features": features, "clusters": clusters}
        roles |= {"groups": groups, "time": time, "weights": weights, "weights_kind": weights_kind}
        reading = self._read(source, query=query, allow_mismatch=allow_mismatch, **roles)
        link = self._links()[0]
        wanted = read_targets(reading, combinations)
        common = link.scaled and self.scale != "local"
        found = structure(link, reading.experiment.cells, wanted, reading.baseline, common_scale=common)
        missing = found.rank < found.needed
        remedies = completing_cells(link, reading.experiment.cells, common_scale=common) if missing else []
        status = pilot_supports(reading, link, wanted, found, common, self.loss == "logistic")
        return Check(reading, wanted, found, tuple(status), tuple(remedies))

    def fit(
        self,
        source: object = None,
        *,
        target: str,
        treatments: Sequence[str],
        features: Sequence[str] | None = None,
        clusters: str | Sequence[str] | None = None,
        groups: str | None = None,
        time: str | None = None,
        weights: str | None = None,
        query: str | None = None,
        combinations: str | Sequence[str] | None = None,
        allow_mismatch: bool = False,
        weights_kind: str | None = None,
        watch: Watch | None = None,
        train: Train | None = None,
    ) -> EffectsAnswer:
        """Train all networks and compute the scores of all effects.

        Parameters
        ----------
        source, query
            The table, as for :func:`thalweg.data.reading.table.read_table`.
        target
            Column of the outcome.
        treatments
            Columns of 0 and 1.
        features
            Columns from before the treatment; None for all others.
        clusters, groups, weights
            Columns of clusters (one, or two that cross), of groups that no fold may cut, and of row weights.
        time
            Column of numbers or dates: folds are blocks of it, with ``gap`` times left out on either side.
        combinations
            Combinations wanted, such as ``["101", "111"]``; None for all. Observed ones are always added.
        allow_mismatch
            Go on although the counts contradict the planned shares.
        weights_kind
            ``frequency``, ``analytic`` or ``probability``, as for :func:`thalweg.fit_effects`.
        watch
            Called a few times a second with the stage and how far it has come.
        train
            Trains a population instead of :func:`thalweg.fit_population`, for example one that keeps what is done;
            ``watch`` is then its own matter.

        Returns
        -------
        EffectsAnswer
            Effects, contrasts, groups, policies, the best combination, tests and notes.

        Raises
        ------
        DataError, SettingError
            If table and settings do not fit, or the observed cells do not determine the link.
        TrainingError
            If networks diverge however small the steps.
        """
        check_function("watch", watch, "stage and progress")
        check_function("train", train, "a table and members")
        roles = {"target": target, "treatments": treatments, "features": features, "clusters": clusters}
        roles |= {"groups": groups, "time": time, "weights": weights, "weights_kind": weights_kind}
        reading = self._read(source, query=query, allow_mismatch=allow_mismatch, **roles)
        from thalweg.effects.crossfit import cross_fit  # noqa: PLC0415 - a design is checked without torch

        wanted, models = read_targets(reading, combinations), self._models(reading)
        [fits] = cross_fit(
            [reading.experiment], models, self.training, seed=self.seed, train=train or self._train(watch)
        )
        return answer_of_fits(reading, wanted, fits, self.training, seed=self.seed)

    def leave_one_cell_out(
        self, answer: EffectsAnswer, *, watch: Watch | None = None, train: Train | None = None
    ) -> tuple[LeftOut, ...]:
        """Predict every observed cell from the others, where they determine it, and compare with AIPW.

        All networks of all cells train as one population, one split each.

        Parameters
        ----------
        answer
            What :meth:`fit` returned.
        watch, train
            As for :meth:`fit`.

        Returns
        -------
        tuple of LeftOut
            One per cell that the others determine.

        Examples
        --------
        >>> columns = {"y": [0, 1, 2, 3, 0, 2, 2, 3] * 10, "a": [0, 1, 0, 1] * 20, "b": [0, 0, 1, 1] * 20}
        >>> quick = DeDL(link="linear", epochs=5, folds=2, repeats=1, workers=1)
        >>> answer = quick.fit(columns | {"x": range(80)}, target="y", treatments=["a", "b"])
        >>> [found.combination for found in quick.leave_one_cell_out(answer)]
        ['01', '10', '11']
        """
        check_function("watch", watch, "stage and progress")
        check_function("train", train, "a table and members")
        from thalweg.effects.left_out import leave_cells_out  # noqa: PLC0415 - a design is checked without torch

        return leave_cells_out(answer, self.training, seed=self.seed, train=train or self._train(watch))

    def _train(self, watch: Watch | None) -> Train:
        from thalweg.train.fit import fit_population  # noqa: PLC0415 - a design is checked without torch

        told = None if watch is None else partial(watch, STAGE)
        return partial(fit_population, workers=self.training.workers, on_progress=told)

    def _links(self) -> list[Link]:
        given = list(self.link) if isinstance(self.link, Sequence) and not isinstance(self.link, str) else [self.link]
        if not given:
            raise SettingError(
                f"{setting('link')} must name at least one link, got none.", f'Choose {setting("link")}="sigmoid2".'
            )
        return [find_link(link, low=self.low, height=self.height) for link in given]

    def _read(self, source: object, **columns: Any) -> Reading:
        """Read the experiment with this object's assignment, baseline and loss."""
        if self.training.gap and columns["time"] is None:
            raise SettingError(f"{setting('gap')} is between times, but no {setting('time')} is named.", "Name it.")
        return read_experiment(
            source,
            assignment=self.assignment,
            baseline=self.baseline,
            binary=self.loss == "logistic",
            **columns,
        )

    def _models(self, reading: Reading) -> list[Model]:
        """Return the models to train; links that the cells cannot determine are refused."""
        binary = self.loss == "logistic"
        models = []
        for link in self._links():
            link.check_outcome(reading.experiment.y)
            kinds = SCALES[self.scale] if link.scaled else (KNOWN,)
            for kind in kinds:
                check_rank(link, reading, kind == COMMON)
                models.append(Model(link, kind, binary))
        return models


OWN_SETTINGS: Final = tuple(field.name for field in fields(DeDL) if field.name != "training")
TRAINING: Final = tuple(field.name for field in fields(Training))
SETTINGS: Final = (*OWN_SETTINGS, *TRAINING)
