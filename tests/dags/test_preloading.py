"""What tasks, and the readers of DAG files, import is loaded before they are forked."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from include.settings import PROJECT_ROOT

CONFIGURATION = "repositories:\n- {name: admin/mnist, parallel_trials: 2}\n"
AS_A_COMPONENT = """
import json, sys
sys.argv = ["airflow", sys.argv[1]]
import airflow_local_settings
import airflow.dag_processing.dagbag, airflow.settings
before = set(sys.modules)
for dag in sys.stdin.read().split():
    bag = airflow.dag_processing.dagbag.DagBag(dag_folder=dag)
    assert bag.dags and not bag.import_errors, bag.import_errors
print(json.dumps(sorted(set(sys.modules) - before)))
"""


@pytest.mark.parametrize("component", ["scheduler", "dag-processor"])
def test_who_reads_a_dag_in_a_forked_process_imports_nothing_of_ours(
    component: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "repositories.yaml").write_text(CONFIGURATION)
    monkeypatch.setenv("CNN_CONFIG_DIR", str(tmp_path))
    done = subprocess.run(
        [sys.executable, "-c", AS_A_COMPONENT, component],
        input=str(PROJECT_ROOT / "dags" / "train_cnn.py"),
        cwd=PROJECT_ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-2000:]
    imported = json.loads(done.stdout.splitlines()[-1])
    assert [name for name in imported if name.startswith(("include.", "plugins."))] == []
