"""Sums over devices: how long an all-reduce takes."""


def all_reduce_seconds(size: float, devices: int, link: float, latency: float = 5e-6) -> float:
    r"""Return the time of a ring that sums arrays over devices, :math:`2 (n-1) \alpha + 2 \frac{n-1}{n} \frac{S}{b}`.

    Parameters
    ----------
    size
        :math:`S`, bytes of one array.
    devices
        :math:`n`.
    link
        :math:`b`, bytes per second to a neighbour.
    latency
        :math:`\alpha`, seconds until a message begins to arrive.

    References
    ----------
    Thakur, Rabenseifner, Gropp (2005): Optimization of collective communication operations in MPICH, section 4.5.

    Examples
    --------
    >>> all_reduce_seconds(102e6, 1, 300e9)
    0.0
    >>> 0.5e-3 < all_reduce_seconds(102e6, 8, 300e9) < 1e-3
    True
    """
    return 2 * (devices - 1) * latency + 2 * (devices - 1) / devices * size / link
