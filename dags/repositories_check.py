"""Shows what is wrong in `config/repositories.yaml` as an import error in the Airflow UI.

It makes no DAG: the DAGs of the valid entries are made by `train_cnn.py` and go on working.
"""

from include.repositories import load_repositories
from include.settings import Settings


class BrokenConfiguration(Exception):
    """Entries of the configuration that are disabled until they are mended."""


if problems := load_repositories(Settings.from_environment().repositories_file).problems:
    raise BrokenConfiguration("\n".join(problems))
