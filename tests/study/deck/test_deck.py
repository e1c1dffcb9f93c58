import thalweg as tw
from thalweg.report.drawing.document import Page, page_html
from thalweg.report.study.deck_part import deck_part
from thalweg.report.study.glossary import GLOSSARY
from thalweg.study.deck import deck as module
from thalweg.study.sample import sample_of

SLIDES = {*range(3, 14), 15, 16, *range(19, 33)}


def test_every_slide_is_told_and_every_word_explained(monkeypatch):
    quick = {
        "race_optimizers": {"epochs": 1, "rates": (0.03,), "seeds": 2},
        "boundary_study": {"epochs": 1, "seeds": 1},
        "signal_study": {"epochs": 1, "hidden": (3, 3)},
        "landscape_study": {"epochs": 1, "hidden": (3, 3, 3)},
        "capacity_study": {"epochs": 1},
        "guide_study": {"epochs": 1, "permutations": 1, "resamples": 2, "hidden": (3,)},
    }
    for name, settings in quick.items():
        real = getattr(module, name)
        monkeypatch.setattr(
            module, name, lambda sample, real=real, settings=settings, **given: real(sample, **given | settings)
        )
    deck = module.deck_study(sample_of(tw.pose("example:diabetes"), most=60))
    part = deck_part(deck)
    assert {int(row[0]) for row in part.table.rows} == SLIDES
    assert all(str(row[2]) and "nan" not in str(row[2]) for row in part.table.rows)
    page = page_html(Page("t", "t", "", "v", part.sentence, sections=part.sections))
    assert len(page) < 2_000_000
    assert all(word in page for word in ("Newton decrement", "worst coefficient", "saliency"))
    names = [figure.name for figure in part.figures]
    assert len(names) == len(set(names))
    assert all(text.endswith(".") for text in GLOSSARY.values())
