"""Energy models: Hopfield networks, Boltzmann machines, restricted ones and belief networks made of them.

They are computed with numpy and scipy; faces follow scikit-learn. Importing this package loads none of these: a public
name loads what it needs when it is first used. torch is loaded by :meth:`DBN.network` alone.
"""

from typing import TYPE_CHECKING

from thalweg.base.lazy import lazy_names as _lazy_names

if TYPE_CHECKING:
    from thalweg.energy.belief_network import DBN as DBN
    from thalweg.energy.boltzmann import BoltzmannFit as BoltzmannFit
    from thalweg.energy.boltzmann import BoltzmannMachine as BoltzmannMachine
    from thalweg.energy.capacity import CapacityCurve as CapacityCurve
    from thalweg.energy.capacity import capacity_curve as capacity_curve
    from thalweg.energy.capacity import critical_load as critical_load
    from thalweg.energy.capacity import hebbian_overlap as hebbian_overlap
    from thalweg.energy.dense_memory import DenseMemory as DenseMemory
    from thalweg.energy.dense_memory import DenseRecall as DenseRecall
    from thalweg.energy.dense_memory import StoredPatterns as StoredPatterns
    from thalweg.energy.hopfield import Hopfield as Hopfield
    from thalweg.energy.hopfield import HopfieldMemory as HopfieldMemory
    from thalweg.energy.patterns import bars_and_stripes as bars_and_stripes
    from thalweg.energy.rbm import RBM as RBM
    from thalweg.energy.recall import Recall as Recall
    from thalweg.energy.restricted.machines import RBMPopulation as RBMPopulation
    from thalweg.energy.restricted.machines import fit_rbm_population as fit_rbm_population
    from thalweg.energy.restricted.member import RBMMember as RBMMember
    from thalweg.energy.restricted.model import RBMParameters as RBMParameters
    from thalweg.energy.restricted.partition import LogPartition as LogPartition
    from thalweg.energy.restricted.partition import log_partition as log_partition

_HOMES = {
    "BoltzmannFit": "boltzmann",
    "BoltzmannMachine": "boltzmann",
    "CapacityCurve": "capacity",
    "DBN": "belief_network",
    "DenseMemory": "dense_memory",
    "DenseRecall": "dense_memory",
    "Hopfield": "hopfield",
    "HopfieldMemory": "hopfield",
    "LogPartition": "restricted.partition",
    "RBM": "rbm",
    "RBMMember": "restricted.member",
    "RBMParameters": "restricted.model",
    "RBMPopulation": "restricted.machines",
    "Recall": "recall",
    "StoredPatterns": "dense_memory",
    "bars_and_stripes": "patterns",
    "capacity_curve": "capacity",
    "critical_load": "capacity",
    "fit_rbm_population": "restricted.machines",
    "hebbian_overlap": "capacity",
    "log_partition": "restricted.partition",
}

__all__ = sorted(_HOMES)  # noqa: PLE0605 - a list of names all the same

__getattr__, __dir__ = _lazy_names(__name__, _HOMES)
