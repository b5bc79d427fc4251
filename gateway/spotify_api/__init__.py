"""The drop-in for the recommendations API that Spotify took away: its routes under /v1, in its own shapes.

Read in this order: shapes (what is answered), parameters (what is asked), seeds (ids to catalog tracks), routes.
"""
