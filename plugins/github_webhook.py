"""The Airflow plugin that receives GitHub's webhooks at `POST /better-cnn/github/webhook`."""

from airflow.plugins_manager import AirflowPlugin

from plugins.pages.lazily import LazyApp

PREFIX = "/better-cnn/github"


class GitHubWebhookPlugin(AirflowPlugin):
    """Mounts the application of `plugins/webhook/app.py` in the API server."""

    name = "github_webhook"
    fastapi_apps = [  # noqa: RUF012 - Airflow declares it as it is
        {"app": LazyApp("plugins.webhook.app"), "url_prefix": PREFIX, "name": "GitHub webhook"}
    ]
