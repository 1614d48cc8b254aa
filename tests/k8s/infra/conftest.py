"""The tests of the Bicep files need pycep, which `make policy-tools` installs."""

import pytest

from tests.k8s.infra.bicep import PYTHON


@pytest.fixture(autouse=True)
def _pycep() -> None:
    if not PYTHON.exists():
        pytest.skip("pycep, which reads Bicep, is not installed (make policy-tools)")
