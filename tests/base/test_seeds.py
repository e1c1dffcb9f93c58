"""Seeds derived for the places of a design."""

from thalweg.base.seeds import derived_seed


def test_derived_seeds_are_pinned():
    assert derived_seed(0, "split", 3, 4) == 132849265652026983
    assert derived_seed(7, "init", 1) == 3493196088583253372
    assert derived_seed(0, "split", 1, bits=32) == 643478272


def test_different_places_of_a_design_get_different_seeds():
    seeds = {derived_seed(0, "split", fold, member) for fold in range(20) for member in range(20)}
    assert len(seeds) == 400
    assert max(seeds) < 2**62
