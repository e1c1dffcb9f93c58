"""The code of the guide runs, line after line."""

import re
from pathlib import Path

import pytest

GUIDE = Path(__file__).parents[2] / "docs" / "how-to" / "estimators.md"


@pytest.mark.filterwarnings("ignore:The operation .* has no native form:UserWarning")  # its loss of torch
def test_the_guide(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    code = "\n".join(re.findall(r"```python\n(.*?)```", GUIDE.read_text(encoding="utf-8"), re.DOTALL))
    names = {}
    exec(code.replace("seeds=5,", "epochs=5, seeds=5,").replace("seeds=1", "epochs=5, seeds=1"), names)  # noqa: S102 - our guide
    assert names["curve"].enough(2.0) >= 1
    assert len(names["search"].cv_results_["params"]) == 6
