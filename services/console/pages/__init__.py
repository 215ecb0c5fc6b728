"""The pages, one file a subject; `ROUTES` in `app` is the table of all of them."""
