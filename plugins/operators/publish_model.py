"""The operator that publishes the best model and announces it as an asset."""

from collections.abc import Sequence
from typing import Any

from airflow.sdk import Asset, BaseOperator, Context, ObjectStoragePath

from include.experiments.installation import Installation
from include.experiments.publishing import publish_best


class PublishModelOperator(BaseOperator):
    """Copies the best trial's model to the models' store; its outlet tells downstream DAGs.

    Args:
        experiment: Id of the experiment, templated.
    """

    template_fields: Sequence[str] = ("experiment",)
    ui_color = "#e6f7e6"

    def __init__(self, *, experiment: str, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.experiment = experiment

    def execute(self, context: Context) -> dict[str, Any]:
        """Publish, attach the manifest to the asset's event and return it."""
        installation = Installation.from_environment()
        root = ObjectStoragePath(installation.settings.models_url)
        published = publish_best(installation, self.experiment, root)
        self.log.info(
            "Model, hyper-parameters and patch of %s are in %s", self.experiment, published.location
        )
        for outlet in self.outlets:
            if isinstance(outlet, Asset):
                context["outlet_events"][outlet].extra.update(published.manifest)
        return {"location": published.location, **published.manifest}
