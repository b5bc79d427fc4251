"""The page: Streamlit in front of the gateway, and of nothing else.

Read `texts` (every word), `gateway_client` (everything that comes in), `taste` (what the listener picked and judged),
`tuning` (the sliders), then `app`, which puts the parts on the page.
"""
