from effects.experiments import NAMES, quick, table
from thalweg.effects.summary import summarise
from thalweg.report.drawing.text import to_text
from thalweg.report.effects.blocks import check_blocks, effects_blocks
from thalweg.report.effects.tables import best_sentence


def test_check_explains_every_effect_it_would_withhold():
    frame = table()[0].query("t1 + t2 < 2")
    blocks = check_blocks(quick().check(frame, **NAMES))
    text = to_text(blocks)
    assert blocks.sentences == ("2 of 3 effects can be answered.",)
    assert "11 not identified: the observed cells do not determine it under this link." in text
    assert "needs 4 parameters, the cells determine 3" in text


def test_the_answer_comes_first_and_facts_last():
    answer = quick(link="linear").fit(table()[0], **NAMES)
    summary = summarise(answer, table="t")
    blocks = effects_blocks(summary)
    assert blocks.sentences[0] == best_sentence(summary)
    sizes = [row[2] for row in blocks.tables[0].rows]
    assert sizes == sorted((effect.estimate for effect in summary.effects), reverse=True)
    assert any(note.startswith("link: linear") for note in blocks.notes)
    assert len(blocks.tables) == 1  # no cell was left out


def test_rows_are_rows_although_weights_make_several_units_of_one():
    frame = table()[0].assign(count=2)
    frame.loc[frame.index[:3], "count"] = 0
    answer = quick(link="linear").fit(frame, **NAMES, weights="count", weights_kind="frequency")
    assert (
        f"{len(frame):,} rows read, {len(frame) - 3:,} used." in effects_blocks(summarise(answer, table="t")).sentences
    )
