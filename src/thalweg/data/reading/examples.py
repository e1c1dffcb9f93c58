"""Real tables that scikit-learn and statsmodels ship; nothing is downloaded."""

import difflib
import importlib
from collections.abc import Callable
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

import numpy as np
import pandas as pd
from sklearn import datasets
from sklearn.utils import Bunch

from thalweg.base.errors import MissingExtraError, SettingError


@dataclass(frozen=True, slots=True)
class Example:
    """A real table for trying things out.

    Parameters
    ----------
    name
        Its name after ``example:``.
    target
        The column to predict unless another is asked for.
    text
        What it is, in one sentence.
    source
        Where it comes from.
    load
        Returns the table.
    """

    name: str
    target: str
    text: str
    source: str
    load: Callable[[], pd.DataFrame]


def load_example(name: str) -> tuple[Example, pd.DataFrame]:
    """Return an example and its table.

    Raises
    ------
    SettingError
        If there is no such example; the message suggests the nearest name.
    MissingExtraError
        If the table comes with statsmodels and that is not installed.

    Examples
    --------
    >>> example, frame = load_example("wine")
    >>> example.target, frame.shape
    ('cultivar', (178, 14))
    """
    if name not in EXAMPLES:
        near = difflib.get_close_matches(name, EXAMPLES, n=2)
        hint = f"Did you mean {' or '.join(map(repr, near))}?" if near else f"There are {', '.join(sorted(EXAMPLES))}."
        raise SettingError(f"There is no example {name!r}.", hint)
    example = EXAMPLES[name]
    return example, example.load()


def _bundled(loader: Callable[..., Bunch], target: str, *, labels: bool = False) -> pd.DataFrame:
    """Return a table of scikit-learn with a named target, its classes by name if asked."""
    bunch = loader(as_frame=True)
    outcome = np.asarray(bunch.target_names)[bunch.target] if labels else bunch.target
    return bunch.data.assign(**{target: outcome})


def _statsmodels(name: str) -> pd.DataFrame:
    try:
        module = importlib.import_module(f"statsmodels.datasets.{name}")
    except ImportError:
        raise MissingExtraError(
            f"Example data {name!r} comes with statsmodels, which is not installed.",
            "Install it with: pip install 'thalweg[examples]'",
        ) from None
    frame: pd.DataFrame = module.load_pandas().data
    return frame


_OCCUPATIONS: Final = {
    1: "student",
    2: "farming or unskilled",
    3: "white collar",
    4: "skilled",
    5: "business",
    6: "professional",
}
_MODES: Final = {1: "air", 2: "train", 3: "bus", 4: "car"}


def _fair() -> pd.DataFrame:
    frame = _statsmodels("fair")
    jobs = {name: pd.Categorical(frame[name].map(_OCCUPATIONS)) for name in ("occupation", "occupation_husb")}
    return frame.assign(**jobs)


def _fair_any() -> pd.DataFrame:
    frame = _fair()
    return frame.drop(columns="affairs").assign(any_affair=frame["affairs"] > 0)


def _anes96() -> pd.DataFrame:
    frame = _statsmodels("anes96").drop(columns="popul")  # logpopul holds the same, in logarithms
    return frame.assign(vote=pd.Categorical(frame["vote"].map({0: "Clinton", 1: "Dole"})))


def _star98() -> pd.DataFrame:
    frame = _statsmodels("star98")
    share = frame["NABOVE"] / (frame["NABOVE"] + frame["NBELOW"])
    return frame.drop(columns=["NABOVE", "NBELOW"]).assign(share_above=share)


def _modechoice() -> pd.DataFrame:
    """Return one row per traveller: the attributes of all four modes side by side, and the mode chosen."""
    rows = _statsmodels("modechoice")
    rows = rows.assign(mode=rows["mode"].map(_MODES))
    wide = rows.pivot(index="individual", columns="mode", values=["ttme", "invc", "invt", "gc"])
    wide.columns = pd.Index([f"{attribute}_{mode}" for attribute, mode in wide.columns])
    chosen = rows[rows["choice"] == 1].set_index("individual")
    return wide.assign(hinc=chosen["hinc"], psize=chosen["psize"], mode=chosen["mode"]).reset_index(drop=True)


_SKLEARN = "shipped with scikit-learn"
_STATSMODELS = "shipped with statsmodels"
_ALL: Final = (
    Example(
        "breast_cancer",
        "diagnosis",
        "569 breast tumours, malignant or benign, from 30 measurements of cell nuclei.",
        f"Wolberg, Street & Mangasarian 1995, UCI repository; {_SKLEARN}",
        lambda: _bundled(datasets.load_breast_cancer, "diagnosis", labels=True),
    ),
    Example(
        "diabetes",
        "progression",
        "Disease progression of 442 diabetes patients after one year, from 10 baseline variables.",
        f"Efron, Hastie, Johnstone & Tibshirani 2004, Annals of Statistics 32; {_SKLEARN}",
        lambda: _bundled(datasets.load_diabetes, "progression"),
    ),
    Example(
        "digits",
        "digit",
        "1,797 handwritten digits as images of 8 by 8 pixels.",
        f"Alpaydin & Kaynak 1998, UCI repository; {_SKLEARN}",
        lambda: _bundled(datasets.load_digits, "digit"),
    ),
    Example(
        "wine",
        "cultivar",
        "178 Italian wines of three cultivars, from 13 chemical measurements.",
        f"Aeberhard & Forina 1991, UCI repository; {_SKLEARN}",
        lambda: _bundled(datasets.load_wine, "cultivar", labels=True),
    ),
    Example(
        "iris",
        "species",
        "150 iris flowers of three species, from 4 lengths and widths.",
        f"Fisher 1936, Annals of Eugenics 7; {_SKLEARN}",
        lambda: _bundled(datasets.load_iris, "species", labels=True),
    ),
    Example(
        "fair",
        "affairs",
        "Time spent in extramarital affairs by 6,366 women, from 8 facts about them.",
        f"Fair 1978, Journal of Political Economy 86 (Redbook survey); {_STATSMODELS}",
        _fair,
    ),
    Example(
        "fair_any",
        "any_affair",
        "Whether 6,366 women had an extramarital affair, from 8 facts about them.",
        f"Fair 1978, Journal of Political Economy 86 (Redbook survey); {_STATSMODELS}",
        _fair_any,
    ),
    Example(
        "anes96",
        "vote",
        "Vote (Clinton or Dole) and party identification (PID, 0 to 6) of 944 voters in 1996.",
        f"American National Election Study 1996; {_STATSMODELS}",
        _anes96,
    ),
    Example(
        "randhie",
        "mdvis",
        "Visits to a doctor in 20,190 person-years of the RAND health insurance experiment.",
        f"Deb & Trivedi 2002, Journal of Health Economics 21; {_STATSMODELS}",
        lambda: _statsmodels("randhie"),
    ),
    Example(
        "star98",
        "share_above",
        "Share of pupils above the national median in mathematics in 303 Californian districts.",
        f"Gill 2000, Generalized Linear Models; {_STATSMODELS}",
        _star98,
    ),
    Example(
        "longley",
        "TOTEMP",
        "Employment in the United States in 16 years, from 6 nearly collinear series.",
        f"Longley 1967, Journal of the American Statistical Association 62; {_STATSMODELS}",
        lambda: _statsmodels("longley"),
    ),
    Example(
        "modechoice",
        "mode",
        "Travel mode (air, train, bus or car) chosen by 210 travellers.",
        f"Greene, Econometric Analysis; {_STATSMODELS}",
        _modechoice,
    ),
    Example(
        "engel",
        "foodexp",
        "Food expenditure and income of 235 Belgian households.",
        f"Engel 1857, in Koenker & Bassett 1982, Econometrica 50; {_STATSMODELS}",
        lambda: _statsmodels("engel"),
    ),
)
EXAMPLES: Final = MappingProxyType({example.name: example for example in _ALL})
