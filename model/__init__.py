"""The recommender: everything that is logged with the model artefact.

Read in this order: `schemas` (the tables), `contract` (a request row in, an answer row out), `profiles`, `retrieval`,
`colisten`, `features`, `ranker`, `selection`, `recommender`; then `pyfunc_model` and the entry points.
"""

import os

# Read when OpenMP loads, so set before any module of ours imports it. Spinning threads slow each other down many times
# over as soon as another process wants their core, and a machine that serves while it trains always has one.
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
