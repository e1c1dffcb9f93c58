from answers import make_answer
from thalweg.report.comparison.blocks import comparison_blocks
from thalweg.report.comparison.score_figures import spread_finding
from thalweg.report.drawing.text import to_text


def test_terminal_text_is_plain_and_complete():
    answer = make_answer()
    text = to_text(comparison_blocks(answer))
    assert "\x1b" not in text
    assert all(row.model in text for row in answer.leaderboard.rows)
    assert spread_finding(answer) in " ".join(text.split())
    assert " ".join(text.split()).startswith(answer.verdict)


def test_the_sentence_is_the_verdict_and_the_table_the_leaderboard():
    answer = make_answer()
    blocks = comparison_blocks(answer)
    assert blocks.sentences == (answer.verdict,)
    assert [row[0] for row in blocks.tables[0].rows] == [row.model for row in answer.leaderboard.rows]
    assert blocks.notes[-1] == spread_finding(answer)


def test_other_metrics_go_first_where_there_is_no_room():
    text = to_text(comparison_blocks(make_answer()), 80)
    assert max(map(len, text.splitlines())) <= 80
    assert "interval" in text
    assert "No room for" in text
