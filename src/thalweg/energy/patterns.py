"""Small sets of patterns whose best likelihood is known, to judge a learner by."""

from typing import Final

import numpy as np

from thalweg.base.arrays import FloatArray
from thalweg.base.checks import check_count
from thalweg.base.machine.free_memory import refuse_oversized
from thalweg.energy.configurations import configurations

_MOST: Final = 60  # their exponent of 2 that is worked out; no machine holds as many


def bars_and_stripes(side: int) -> FloatArray:
    """Return the images of side × side pixels whose rows, or whose columns, are all 0 or all 1.

    The empty and the full image appear twice, once as bars and once as stripes, as is customary: of 2·2^side rows,
    2·2^side − 2 are distinct. A model that gives every row its share has mean log-likelihood
    log(1/R) + (4/R) log 2, R = 2·2^side: −2.5993 nats for side 3.

    Parameters
    ----------
    side
        Pixels along one edge.

    Returns
    -------
    FloatArray
        Images [2·2^side side²] of 0 and 1.

    Raises
    ------
    SettingError
        If ``side`` is no whole number above zero, or so many images do not fit into memory.

    Notes
    -----
    MacKay (2003), *Information Theory, Inference, and Learning Algorithms*, section 43.

    Examples
    --------
    >>> images = bars_and_stripes(3)
    >>> images.shape, len(np.unique(images, axis=0))
    ((16, 9), 14)
    """
    check_count("side", side)
    images = 1 << min(side + 1, _MOST)
    refuse_oversized({f"{images:,} images": 24 * images * side**2}, "Ask for a shorter side.")
    (lines,) = configurations(side, block=1 << side)
    bars = np.repeat(lines, side, axis=1)
    stripes = np.tile(lines, (1, side))
    return np.concatenate([bars, stripes])
