"""All studies of a table, small: what a first lecture on deep learning shows, on the reader's own rows."""

from dataclasses import dataclass, replace
from typing import Any

from thalweg.study.attribution.findings import GuideStudy
from thalweg.study.attribution.guide import guide_study
from thalweg.study.boundaries.boundary import BoundaryStudy, boundary_study
from thalweg.study.boundaries.network_steps import BackpropStudy, backprop_study
from thalweg.study.capacity.bias_variance import CapacityStudy, capacity_study
from thalweg.study.deck.paths import DescentPaths, descent_paths
from thalweg.study.race.optimizer_race import OptimizerRace, race_optimizers
from thalweg.study.sample import StudySample
from thalweg.study.signals.signal import SignalStudy, signal_study
from thalweg.study.surfaces.landscape import LandscapeStudy, landscape_study
from thalweg.study.watching import Told


@dataclass(frozen=True, slots=True, eq=False)
class DeckStudy:
    """The studies, and the paths of descents.

    Parameters
    ----------
    table, target
        On what.
    rows
        How many.
    columns
        Encoded columns.
    paths
        Descents on two columns; None where there are not two.
    race, backprop, boundary, signal, landscape, capacity, guide
        One of each study, small; the boundary needs two columns.
    """

    table: str
    target: str
    rows: int
    columns: int
    paths: DescentPaths | None
    race: OptimizerRace
    backprop: BackpropStudy
    boundary: BoundaryStudy | None
    signal: SignalStudy
    landscape: LandscapeStudy
    capacity: CapacityStudy
    guide: GuideStudy

    @property
    def sentence(self) -> str:
        """What the page is."""
        first = self.race.ranked[0].optimizer
        return (
            f"A first lecture on {self.rows:,} rows: {first} has the lowest training loss, {self.capacity.best.width} "
            f"hidden units predict other rows best, and {self.guide.attributions[0].column} is what networks use most."
        )


def deck_study(sample: StudySample, *, seed: int = 0, workers: int | None = 1, watch: Told = None) -> DeckStudy:
    """Carry out every study on a table, small enough for a lecture.

    Parameters
    ----------
    sample
        The rows, at least 40.
    seed
        Names all randomness.
    workers, watch
        Processes, and who is told.

    Returns
    -------
    DeckStudy
        One of each.
    """
    how: dict[str, Any] = {"seed": seed, "workers": workers, "watch": watch}
    several = sample.x.shape[1] > 1
    return DeckStudy(
        sample.name,
        sample.target,
        sample.rows,
        sample.x.shape[1],
        descent_paths(sample) if several else None,
        race_optimizers(sample, hidden=(8,), rates=(0.003, 0.03, 0.3), epochs=10, seeds=6, **how),
        backprop_study(sample),
        boundary_study(sample, epochs=40, seeds=8, **how) if several else None,
        signal_study(sample, hidden=(16,) * 10, epochs=5, seeds=2, **how),
        coarser(landscape_study(sample, hidden=(16,) * 10, epochs=10, seeds=2, **how)),
        capacity_study(sample, epochs=30, seeds=2, **how),
        guide_study(sample, hidden=(16,), epochs=40, seeds=2, permutations=19, resamples=6, **how),
    )


def coarser(study: LandscapeStudy) -> LandscapeStudy:
    """Return a landscape with every second line of the plane that is drawn, so that a page stays small.

    Examples
    --------
    >>> from thalweg.data.problem import pose
    >>> from thalweg.study.sample import sample_of
    >>> small = landscape_study(sample_of(pose("example:iris")), hidden=(3,), epochs=1, seeds=1)
    >>> coarser(small).surfaces[0].planes.shape
    (1, 16, 16)
    """
    few = [replace(one, planes=one.planes[:1, ::2, ::2], ticks=one.ticks[::2]) for one in study.surfaces]
    return replace(study, surfaces=tuple(few))
