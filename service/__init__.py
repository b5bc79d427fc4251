"""The model service: `mlflow models serve` behind a stable address, following the champion without losing a request.

Read in this order: `rollout` (which version is in service, and how that changes), `model_server` (one version's
processes), `workers` (which of them gets a request, and when), `worker_socket` (what they run), `canary` (what a
version has to prove), `registry` (MLflow), `forward` (a request's way), `app` (the routes).
"""
