"""Airflow DAGs that run MLproject's entry points; they import airflow and `dags.mlflow_project`, and nothing else."""
