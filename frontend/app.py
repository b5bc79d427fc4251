"""The page's entry point: `streamlit run frontend/app.py`."""

import sys
from pathlib import Path

ROOT = str(Path(__file__).parents[1])
if ROOT not in sys.path:  # `streamlit run` puts the script's own folder on the path, and not the one it is started in
    sys.path.insert(0, ROOT)

from frontend.page import page  # noqa: E402

page()
