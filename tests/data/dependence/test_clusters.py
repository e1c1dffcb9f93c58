import numpy as np
import pandas as pd

from thalweg.data.dependence.clusters import cluster_notes, effective_clusters

FIFTY = np.repeat(np.arange(50), 15)
NOISE = np.random.default_rng(0).normal(size=750)


def notes(codes, **columns):
    return [note.text for note in cluster_notes({"g": codes}, pd.DataFrame({"x": NOISE[: len(codes)]} | columns), 2)]


def test_fifty_equal_clusters_need_no_word():
    assert notes(FIFTY, half=(FIFTY % 2).astype(float)) == []


def test_few_clusters_are_told():
    [text] = notes(np.repeat(np.arange(8), 15))
    assert "Only 8 clusters of 'g'" in text


def test_unequal_clusters_are_told_by_what_they_are_worth():
    codes = np.repeat(np.arange(30), [250, *[5] * 29])
    assert effective_clusters(codes) < 3
    assert "worth" in notes(codes)[0]


def test_fewer_clusters_than_coefficients_are_told():
    assert "rank 1 at most" in notes(np.repeat([0, 1], 100))[0]


def test_a_column_that_few_clusters_decide_is_told():
    [text] = notes(FIFTY, treated=(FIFTY < 5).astype(float))
    assert "'treated' (5)" in text
    assert notes(FIFTY, within=(np.arange(750) % 2).astype(float)) == []
