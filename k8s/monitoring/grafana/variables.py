"""What is chosen at the top of a dashboard."""

from grafana_foundation_sdk.builders.dashboard import DatasourceVariable, QueryVariable, TextBoxVariable
from grafana_foundation_sdk.cog.builder import Builder
from grafana_foundation_sdk.models.dashboard import (
    DataSourceRef,
    VariableModel,
    VariableOption,
    VariableRefresh,
    VariableSort,
)

SOURCE = DataSourceRef(type_val="prometheus", uid="${datasource}")

# name -> (label, where its values come from, which of them); the probes' methods are nobody's requests.
_CHOICES = {
    "method": ("Method", 'label_values(scoring_items_total{namespace="$namespace"}, method)', r"/^(faq|images)\./"),
    "model": ("Model", 'label_values(scoring_batch_size_count{namespace="$namespace"}, model)', ""),
    "pod": ("Gateway", 'label_values(scoring_build_info{namespace="$namespace"}, pod)', ""),
}


def variables(names: tuple[str, ...]) -> list[Builder[VariableModel]]:
    """Return the data source, the namespace, the named ones, of which several may be chosen, and the repository."""
    return [_source(), _namespace(), *(_choice(name, *_CHOICES[name]) for name in names), _repository()]


def _source() -> Builder[VariableModel]:
    return DatasourceVariable("datasource").label("Prometheus").type("prometheus")


def _namespace() -> Builder[VariableModel]:
    return (
        QueryVariable("namespace")
        .label("Namespace")
        .datasource(SOURCE)
        .query("label_values(scoring_build_info, namespace)")
        .current(VariableOption(text="scoring", value="scoring"))
        .refresh(VariableRefresh.ON_TIME_RANGE_CHANGED)
        .sort(VariableSort.ALPHABETICAL_ASC)
    )


def _choice(name: str, label: str, query: str, pattern: str) -> Builder[VariableModel]:
    return (
        QueryVariable(name)
        .label(label)
        .datasource(SOURCE)
        .query(query)
        .regex(pattern)
        .multi(multi=True)
        .include_all(include_all=True)
        .current(VariableOption(text="All", value="$__all"))
        .refresh(VariableRefresh.ON_TIME_RANGE_CHANGED)
        .sort(VariableSort.ALPHABETICAL_ASC)
    )


def _repository() -> Builder[VariableModel]:
    """Return where links to runbooks begin: this project does not know where its files are shown to you."""
    asked = TextBoxVariable("repository").label("Runbooks below")
    return asked.description("Address that the repository's files are shown under, such as .../blob/main")
