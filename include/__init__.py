"""The product in plain typed Python: nothing in here imports Airflow."""
