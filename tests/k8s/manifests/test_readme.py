"""k8s/README.md says what the manifests say."""

import re

from tests.k8s.manifests.rendering import K8S, container, find, flag, needs_kubectl, pod_spec, rendered, settings

pytestmark = needs_kubectl

README = (K8S / "README.md").read_text(encoding="utf-8")


def _timings() -> dict[str, int]:
    """Return the numbers of the table of timings, in seconds, by its first column."""
    objects = rendered("aks")
    values = settings(objects)
    gateway, triton = find(objects, "Deployment", "gateway"), find(objects, "Deployment", "triton-gpu")
    route = find(objects, "HTTPRoute", "http")["spec"]["rules"][0]
    return {
        "`SCORING_DRAIN_DELAY`": int(values["SCORING_DRAIN_DELAY"]),
        "`SCORING_GRACE`": int(values["SCORING_GRACE"]),
        "`SCORING_KEEP_ALIVE`": int(values["SCORING_KEEP_ALIVE"]),
        "gateway: `terminationGracePeriodSeconds`": pod_spec(gateway)["terminationGracePeriodSeconds"],
        "gateway: `minReadySeconds`": gateway["spec"]["minReadySeconds"],
        "HTTPRoute: `request`": int(route["timeouts"]["request"].removesuffix("s")),
        "Triton: `preStop`": container(triton, "triton")["lifecycle"]["preStop"]["sleep"]["seconds"],
        "Triton: `--exit-timeout-secs`": int(flag(triton, "exit-timeout-secs")),
        "Triton: `terminationGracePeriodSeconds`": pod_spec(triton)["terminationGracePeriodSeconds"],
        "Triton: `minReadySeconds`": triton["spec"]["minReadySeconds"],
        "Triton: `--grpc-max-connection-age-grace`": int(flag(triton, "grpc-max-connection-age-grace")) // 1000,
    }


def test_timings_are_those_of_the_manifests() -> None:
    """Every number of the table is the one that is rendered."""
    written = dict(re.findall(r"^\| ([^|]+) \| (\d+) s \|", README, re.MULTILINE))
    assert {name: int(value) for name, value in written.items()} == _timings()


def test_every_component_is_listed() -> None:
    """The table of components names all folders and no other."""
    listed = set(re.findall(r"^\| \[[a-z0-9/-]+\]\(components/([a-z0-9-]+)", README, re.MULTILINE))
    folders = {path.relative_to(K8S / "components").parts[0] for path in K8S.glob("components/**/kustomization.yaml")}
    assert listed == folders
