"""Planning from Python: what work would take, before it is paid for."""

from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from thalweg.answers.plan import WorkPlan
from thalweg.base.checks import check_choice
from thalweg.jobs.planned.devices import Devices, devices_of
from thalweg.jobs.planned.estimator import is_estimator, plan_estimator
from thalweg.jobs.planned.machine import audit_runs, calibrate_machine
from thalweg.jobs.planned.module import plan_module
from thalweg.jobs.planned.table import plan_table
from thalweg.planning.slides import deck_lines
from thalweg.planning.work.convolution import RESIDUAL_DEPTHS, residual_network
from thalweg.planning.work.training_work import Work, picture_work, token_work

if TYPE_CHECKING:
    from torch import nn

IMAGENET: Final = 1_281_167
"""Pictures of the ImageNet challenge of 2012."""


class Planning:
    """Plans, each a :class:`~thalweg.answers.plan.WorkPlan`; called with a table, of what a comparison would take.

    A few of the very networks that would be trained are trained for some seconds; nothing is kept, and no number
    of a later fit changes. Large work is planned from formulas and a catalogue by the methods.

    Parameters
    ----------
    source, y, target
        The table and the outcome, as in :func:`thalweg.fit`; or an estimator of networks.
    data
        ``y``, or of an estimator ``X, y``.
    workers
        Cores to plan for; None for all of this machine.
    on, precision, region, today
        Other devices to plan the same networks for, see below; none without.
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
        *data: object,
        y: object = None,
        target: str | None = None,
        workers: int | None = None,
        on: str | Sequence[str] = (),
        precision: str = "fp32",
        region: str = "world",
        today: date | None = None,
        **asked: Any,
    ) -> WorkPlan:
        """Plan a comparison on a table, as the class says.

        Parameters
        ----------
        source, data, y, target, workers, on, precision, region, today, asked
            As the class says.

        Raises
        ------
        DataError, SettingError
            If table or settings make no sense, or no network is asked for.
        """
        where = devices_of(on, precision, None, region, today)
        if is_estimator(source):
            X, y = (*data, y)[:2] if data else (None, y)
            return WorkPlan("table", plan_estimator(source, X, y, workers, where))
        y = data[0] if data else y
        return WorkPlan("table", plan_table(source, y, target, workers, where, asked))

    def module(
        self,
        module: "nn.Module",
        *sample: object,
        steps: float,
        on: str | Sequence[str],
        state: str = "float32 adam",
        precision: str = "bf16",
        rate: float | None = None,
        region: str = "world",
        today: date | None = None,
    ) -> WorkPlan:
        """Plan the training of any torch module, by the operations of a step on a batch.

        Parameters
        ----------
        module
            It stays as it is: a copy without numbers is looked at.
        sample
            Its inputs for one batch: tensors or arrays.
        steps
            Of training, epochs times batches.
        on
            As the class says; or ``"this"``, where some of its steps are timed.
        state
            What is kept per parameter, a key of :data:`thalweg.planning.work.training_memory.STATES`.
        precision, rate, region, today
            As the class says.

        Raises
        ------
        SettingError
            If the module cannot be counted, or a device, a precision, a region or a number makes no sense.

        Examples
        --------
        >>> import torch, thalweg as tw
        >>> net = torch.nn.Sequential(torch.nn.Linear(20, 64), torch.nn.ReLU(), torch.nn.Linear(64, 1))
        >>> tw.plan.module(net, torch.zeros(128, 20), steps=10_000, on="rtx4090").rows[0].limit
        'launches'
        """
        return WorkPlan(
            "forecasts", plan_module(module, sample, steps, state, devices_of(on, precision, rate, region, today))
        )

    def calibrate(self) -> WorkPlan:
        """Measure in two seconds what training costs on this machine, and keep it for the forecasts of later fits.

        Raises
        ------
        RunFolderError
            If the user's cache cannot be written.
        """
        return WorkPlan("machine", calibrate_machine())

    def audit(self, *runs: str | Path) -> WorkPlan:
        """Compare what runs forecast with what they took; this machine's forecasts learn from its own runs.

        Parameters
        ----------
        runs
            Folders of comparisons.

        Raises
        ------
        SettingError
            If none of them recorded a forecast.
        RunFolderError
            If one is no finished run.
        """
        return WorkPlan("audit", (audit_runs(runs),))

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
        return _planned(work, devices_of(on, precision, rate, region, today))

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
        return _planned(
            picture_work(residual_network(depth), pictures, epochs), devices_of(on, precision, rate, region, today)
        )

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
        return _planned(Work("Work of any kind", "any", flops), devices_of(on, precision, rate, region, today))

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
        return "<thalweg planning: of a table if called; transformer, conv, module, flops, deck, calibrate, audit>"


plan: Final = Planning()
"""Plans of work before it is paid for: ``tw.plan.transformer(...)``, ``.conv``, ``.flops``, ``.deck``."""


def _planned(work: Work, devices: Devices) -> WorkPlan:
    return WorkPlan("forecasts", tuple(devices.forecasts(work)))
