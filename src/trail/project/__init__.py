"""A project: the folder with `trail.toml`, as one frozen value that rejects what it does not know."""

from trail.project.file import CONFIG, load_project, save_project
from trail.project.settings import BacktestSettings, ForecastSettings, Project, RunSettings
from trail.project.webhooks import Webhook

__all__ = [
    "CONFIG",
    "BacktestSettings",
    "ForecastSettings",
    "Project",
    "RunSettings",
    "Webhook",
    "load_project",
    "save_project",
]
