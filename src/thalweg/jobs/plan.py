"""Planning from Python: what work would take, before it is paid for."""

from collections.abc import Sequence
from datetime import date
from typing import Any, Final

from thalweg.answers.plan import WorkPlan
from thalweg.base.checks import check_choice, check_count
from thalweg.base.errors import SettingError
from thalweg.data.problem import pose
from thalweg.jobs.columns import rows_of
from thalweg.jobs.networks import with_networks
from thalweg.jobs.sources import with_outcome
from thalweg.planning.catalogue.electricity import electricity_of
from thalweg.planning.fleet import read_fleet
from thalweg.planning.forecast import forecast
from thalweg.planning.slides import deck_lines
from thalweg.planning.table_forecast import forecast_table
from thalweg.planning.work.convolution import RESIDUAL_DEPTHS, residual_network
from thalweg.planning.work.training_work import Work, picture_work, token_work
from thalweg.select.crossval import cross_validation
from thalweg.select.settings import make_settings

IMAGENET: Final = 1_281_167
"""Pictures of the ImageNet challenge of 2012."""


_ROLES: Final = (
    "query",
    "formula",
    "features",
    "ignore",
    "weights",
    "weights_kind",
    "groups",
    "clusters",
    "time",
    "task",
)


class Planning:
    """Plans, each a :class:`~thalweg.answers.plan.WorkPlan`; called with a table, of what a comparison would take.

    Steps of the very networks that would be trained are timed for some seconds; nothing is kept, and no number
    of a later fit changes. Large work is planned from formulas and a catalogue by the methods.

    Parameters
    ----------
    source, y, target
        The table and the outcome, as in :func:`thalweg.fit`.
    workers
        Cores to plan for; None for all of this machine.
    asked
        Everything else that :func:`thalweg.fit` takes: roles of columns and settings of the comparison.

    Notes
    -----
    Every method takes ``on``, devices as ``h100-sxm`` or ``8xh100-sxm@aws:spot`` (count, vendor and kind of price may
    be left out), ``precision`` of the products ("fp32", "tf32", "bf16" or "fp8"), ``rate`` (operations per second that
    each device reaches; without it published utilisations are taken, with their range), ``region`` of the electricity
    and ``today``, against which prices are dated.

    Examples
    --------
    >>> import thalweg as tw
    >>> tw.plan("example:wine", folds=3, seeds=2, networks=[{"hidden": [8]}]).rows[0].networks
    6
    >>> plan = tw.plan.flops(3.15e23, on=["1024xa100-40@aws", "1024xh100-sxm:3 years"], precision="tf32")
    >>> plan.frame()["devices"].tolist()
    ['1,024 x A100-SXM4-40', '1,024 x H100-SXM5-80']
    """

    __name__ = "plan"

    def __call__(
        self,
        source: object = None,
        y: object = None,
        *,
        target: str | None = None,
        workers: int | None = None,
        **asked: Any,
    ) -> WorkPlan:
        """Plan a comparison on a table, as the class says.

        Raises
        ------
        DataError, SettingError
            If table or settings make no sense, or no network is asked for.
        """
        roles = {name: asked.pop(name) for name in _ROLES if name in asked}
        settings = make_settings(with_networks(asked))
        workers = None if workers is None else check_count("workers", workers)
        source, target = with_outcome(source, y, target)
        problem = pose(source, target=target, **roles)
        with rows_of(problem):
            plan = cross_validation(problem, settings)
            members = plan.search_members()
        if not members:
            raise SettingError("There is no network to plan for.", "Give widths, such as hidden=(64,).")
        return WorkPlan("table", (forecast_table(plan.table, members, workers),))

    def transformer(
        self,
        parameters: float,
        tokens: float,
        *,
        on: str | Sequence[str],
        recomputed: bool = False,
        state: str = "float32 adam",
        precision: str = "bf16",
        rate: float | None = None,
        region: str = "world",
        today: date | None = None,
    ) -> WorkPlan:
        """Plan the training of a transformer, by 6ND.

        Parameters
        ----------
        parameters, tokens
            N, and D over all epochs.
        on, precision, rate, region, today
            As the class says.
        recomputed
            Whether activations are computed twice to save memory: 8ND.
        state
            What is kept per parameter, a key of :data:`thalweg.planning.work.training_memory.STATES`.

        Raises
        ------
        SettingError
            If a device, a precision, a region or a number makes no sense.

        Examples
        --------
        >>> import thalweg as tw
        >>> tw.plan.transformer(7e9, 2e12, on="64xh100-sxm").rows[0].fits
        'sharded'
        """
        work = token_work(parameters, tokens, recomputed=recomputed, state=state)
        return _planned(work, on, precision, rate, region, today)

    def conv(
        self,
        depth: int,
        *,
        on: str | Sequence[str],
        pictures: float = IMAGENET,
        epochs: float = 90,
        precision: str = "bf16",
        rate: float | None = None,
        region: str = "world",
        today: date | None = None,
    ) -> WorkPlan:
        """Plan the training of a residual network on pictures, layer by layer: 6ND would be wrong by a factor of 158.

        Parameters
        ----------
        depth
            18, 34, 50, 101 or 152.
        pictures, epochs
            Of an epoch, and how often each is seen.
        on, precision, rate, region, today
            As the class says.

        Raises
        ------
        SettingError
            If the depth, a device, a precision, a region or a number makes no sense.

        Examples
        --------
        >>> import thalweg as tw
        >>> round(tw.plan.conv(50, on="8xa100", precision="tf32").rows[0].seconds.middle / 3600, 1)
        4.2
        """
        check_choice("depth", depth, RESIDUAL_DEPTHS)
        return _planned(picture_work(residual_network(depth), pictures, epochs), on, precision, rate, region, today)

    def flops(
        self,
        flops: float,
        *,
        on: str | Sequence[str],
        precision: str = "bf16",
        rate: float | None = None,
        region: str = "world",
        today: date | None = None,
    ) -> WorkPlan:
        """Plan work of which only the number of operations is known.

        Parameters
        ----------
        flops
            Operations in all; a multiplication and an addition are two.
        on, precision, rate, region, today
            As the class says.

        Raises
        ------
        SettingError
            If a device, a precision, a region or a number makes no sense.

        Examples
        --------
        >>> import thalweg as tw
        >>> row = tw.plan.flops(3.15e23, on="1024xa100-40", precision="tf32", rate=80e12).rows[0]
        >>> round(row.seconds.middle / 86400, 4)
        44.5048
        """
        return _planned(Work("Work of any kind", "any", flops), on, precision, rate, region, today)

    def deck(self) -> WorkPlan:
        """Recompute three slides on costs, each claim beside what comes out and why.

        Examples
        --------
        >>> import thalweg as tw
        >>> tw.plan.deck().frame()["recomputed"].iloc[-1]
        '44.5 days'
        """
        return WorkPlan("deck", deck_lines())

    def __repr__(self) -> str:
        return "<thalweg planning: of a table if called; transformer, conv, flops, deck>"


plan: Final = Planning()
"""Plans of work before it is paid for: ``tw.plan.transformer(...)``, ``.conv``, ``.flops``, ``.deck``."""


def _planned(
    work: Work, on: str | Sequence[str], precision: str, rate: float | None, region: str, today: date | None
) -> WorkPlan:
    fleets = [read_fleet(text) for text in ([on] if isinstance(on, str) else on)]
    electricity = electricity_of(region)
    rows = (forecast(work, fleet, electricity, precision=precision, rate=rate, today=today) for fleet in fleets)
    return WorkPlan("forecasts", tuple(rows))
