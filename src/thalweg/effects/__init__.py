"""Effects of treatments and their combinations, with intervals that cover: links, scores, identification, designs.

Importing this package loads nothing: a public name loads what it needs when it is first used. torch comes when
networks are trained; reading an experiment, simulating one, and asking what its design can answer need none.
"""

from typing import TYPE_CHECKING

from thalweg.base.lazy import lazy_names as _lazy_names

if TYPE_CHECKING:
    from thalweg.effects.answer import EffectsAnswer as EffectsAnswer
    from thalweg.effects.dedl import DeDL as DeDL
    from thalweg.effects.differing import GroupContrasts as GroupContrasts
    from thalweg.effects.differing import combination_heterogeneity as combination_heterogeneity
    from thalweg.effects.differing import group_contrasts as group_contrasts
    from thalweg.effects.effect import Best as Best
    from thalweg.effects.effect import Effect as Effect
    from thalweg.effects.effect import LeftOut as LeftOut
    from thalweg.effects.experiment.experiment import Experiment as Experiment
    from thalweg.effects.experiment.power import ArmPower as ArmPower
    from thalweg.effects.experiment.power import Clusters as Clusters
    from thalweg.effects.experiment.power import experiment_power as experiment_power
    from thalweg.effects.experiment.reading import Reading as Reading
    from thalweg.effects.experiment.reading import read_experiment as read_experiment
    from thalweg.effects.experiment.rebalance import rebalancing_weights as rebalancing_weights
    from thalweg.effects.experiment.simulate import Truth as Truth
    from thalweg.effects.experiment.simulate import simulate as simulate
    from thalweg.effects.identification.check import Check as Check
    from thalweg.effects.identification.next_cells import NextCell as NextCell
    from thalweg.effects.inference.estimate import Estimate as Estimate
    from thalweg.effects.inference.sorted_units import Heterogeneity as Heterogeneity
    from thalweg.effects.linear_combinations import Interaction as Interaction
    from thalweg.effects.linear_combinations import contrasts as contrasts
    from thalweg.effects.linear_combinations import interactions as interactions
    from thalweg.effects.links.curve import Curve as Curve
    from thalweg.effects.links.curve import own_curve as own_curve
    from thalweg.effects.links.link import Link as Link
    from thalweg.effects.links.link import find_link as find_link
    from thalweg.effects.one_treatment.average import AverageEffects as AverageEffects
    from thalweg.effects.one_treatment.average import TreatmentEffect as TreatmentEffect
    from thalweg.effects.one_treatment.average import average_effects as average_effects
    from thalweg.effects.one_treatment.heterogeneity import heterogeneity as heterogeneity
    from thalweg.effects.one_treatment.partially_linear import Slope as Slope
    from thalweg.effects.one_treatment.partially_linear import partially_linear as partially_linear
    from thalweg.effects.training import Training as Training

_HOMES = {
    "ArmPower": "experiment.power",
    "AverageEffects": "one_treatment.average",
    "Best": "effect",
    "Check": "identification.check",
    "Clusters": "experiment.power",
    "Curve": "links.curve",
    "DeDL": "dedl",
    "Effect": "effect",
    "EffectsAnswer": "answer",
    "Estimate": "inference.estimate",
    "Experiment": "experiment.experiment",
    "GroupContrasts": "differing",
    "Heterogeneity": "inference.sorted_units",
    "Interaction": "linear_combinations",
    "LeftOut": "effect",
    "Link": "links.link",
    "NextCell": "identification.next_cells",
    "Reading": "experiment.reading",
    "Training": "training",
    "Slope": "one_treatment.partially_linear",
    "TreatmentEffect": "one_treatment.average",
    "Truth": "experiment.simulate",
    "average_effects": "one_treatment.average",
    "combination_heterogeneity": "differing",
    "contrasts": "linear_combinations",
    "experiment_power": "experiment.power",
    "find_link": "links.link",
    "group_contrasts": "differing",
    "heterogeneity": "one_treatment.heterogeneity",
    "interactions": "linear_combinations",
    "own_curve": "links.curve",
    "partially_linear": "one_treatment.partially_linear",
    "read_experiment": "experiment.reading",
    "rebalancing_weights": "experiment.rebalance",
    "simulate": "experiment.simulate",
}

__all__ = sorted(_HOMES)  # noqa: PLE0605 - a list of names all the same

__getattr__, __dir__ = _lazy_names(__name__, _HOMES)
