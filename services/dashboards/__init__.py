"""Grafana's dashboards as code: `python -m services.dashboards k8s/observe/dashboards` draws them; a test compares.

What they ask stands in `charts.py`, how it is drawn in `drawing.py`. Made with what is for development alone, so
nothing that runs imports it.
"""
