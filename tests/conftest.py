"""Airflow as the tests import it: its home in the state folder, its settings the committed ones."""

import os

from include.settings import PROJECT_ROOT

os.environ["AIRFLOW_HOME"] = str(PROJECT_ROOT / "var" / "test" / "airflow")
os.environ["AIRFLOW_CONFIG"] = str(PROJECT_ROOT / "airflow.cfg")
os.environ["AIRFLOW__CORE__UNIT_TEST_MODE"] = "False"
