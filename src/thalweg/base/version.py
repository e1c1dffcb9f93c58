"""The version of the package and of what its numbers depend on, where everyone may read them."""

__version__ = "0.1.0"


def library_versions(*packages: str) -> dict[str, str]:
    """Return the versions of this package, of Python and of installed packages, by name.

    Parameters
    ----------
    packages
        Names as installed.

    Examples
    --------
    >>> sorted(library_versions("numpy"))
    ['numpy', 'python', 'thalweg']
    """
    import platform  # noqa: PLC0415 - the command line reads the version alone
    from importlib.metadata import version  # noqa: PLC0415 - the same

    own = {"thalweg": __version__, "python": platform.python_version()}
    return own | {name: version(name) for name in packages}
