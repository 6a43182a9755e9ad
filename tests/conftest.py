"""Airflow as the tests import it: its home in the state folder, its settings the committed ones."""

import os

import pytest
from hypothesis import HealthCheck, settings

from include.settings import PROJECT_ROOT

# The same examples in each run, and no verdict on how fast this machine is.
settings.register_profile(
    "steady", deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile("steady")

os.environ["AIRFLOW_HOME"] = str(PROJECT_ROOT / "var" / "test" / "airflow")
os.environ["AIRFLOW_CONFIG"] = str(PROJECT_ROOT / "airflow.cfg")
os.environ["AIRFLOW__CORE__UNIT_TEST_MODE"] = "False"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Run the end-to-end tests last: their stack stays up until the session ends, and takes the machine."""
    items.sort(key=lambda item: "tests/e2e" in item.path.as_posix())
