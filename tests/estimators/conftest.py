"""Worker processes of joblib end with the module that started them.

joblib takes a worker that loads torch after its first task for one that leaks memory, replaces it and warns. Where
warnings are errors, as in these tests, that ends the thread that manages the workers; the next task waits for ever.
"""

import pytest
from joblib.externals.loky import get_reusable_executor


@pytest.fixture(scope="module", autouse=True)
def _no_workers_left():
    yield
    get_reusable_executor().shutdown(wait=True)
