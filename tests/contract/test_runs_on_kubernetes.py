"""Where runs are RayJobs, the training service may do what it calls and no more, and their pods nothing."""

import re
from urllib.parse import urlsplit

import pytest
import yaml
from langdesign_chassis.environment import load
from langdesign_training.launching.rayjob import rayjob
from langdesign_training.runs import Kind, Progress, Run, State
from langdesign_training.settings import TrainingSettings

OVERLAYS = ("staging", "production")


@pytest.fixture(params=OVERLAYS)
def manifests(request, root, render):
    """Objects of each overlay with the component, in turn."""
    return render(root / "deploy/overlays" / request.param)


@pytest.fixture
def settings(manifests, monkeypatch):
    """The training service's settings there."""
    name = next(
        one["metadata"]["name"]
        for one in manifests
        if one["kind"] == "ConfigMap" and one["metadata"]["name"].startswith("training-")
    )
    for variable, value in named(manifests, "ConfigMap", name)["data"].items():
        monkeypatch.setenv(variable, value)
    return load(TrainingSettings)


@pytest.fixture
def job(settings):
    run = Run(
        "f" * 32, "ann", Kind.DATASET, "mini", {}, State.PENDING, Progress(), "", False, (), 0, None, None
    )
    place = (settings.program, f"{settings.runs}/{run.id}/out", settings.options, settings.registry)
    return rayjob(run, settings.kubernetes, *place)


def named(manifests, kind, name):
    (found,) = [one for one in manifests if (one["kind"], one["metadata"]["name"]) == (kind, name)]
    return found


def test_the_component_is_of_these_overlays(root):
    for file in (root / "deploy/overlays").glob("*/kustomization.yaml"):
        components = yaml.safe_load(file.read_text()).get("components", ())
        assert ("../../components/kuberay" in components) == (file.parent.name in OVERLAYS), file.parent.name


def test_the_role_allows_what_the_code_calls_and_nothing_else(manifests, root):
    code = (root / "services/training/src/langdesign_training/launching/api.py").read_text()
    jobs = set(re.findall(r"self\._jobs\.([a-z]+)_namespaced_custom_object", code))
    jobs |= {"watch"} if "watch=True" in code else set()
    rules = {
        rule["resources"][0]: set(rule["verbs"]) for rule in named(manifests, "Role", "training")["rules"]
    }
    assert rules == {"rayjobs": jobs, "pods": {"list"}, "pods/log": {"get"}}
    assert re.findall(r"self\._core\.(\w+?)_without_preload_content|self\._core\.(\w+)\(", code) == [
        ("", "list_namespaced_pod"),
        ("read_namespaced_pod_log", ""),
    ]
    assert not [one for one in manifests if one["kind"].startswith("Cluster")]


def test_the_role_is_bound_to_the_training_service_alone(manifests):
    (binding,) = [one for one in manifests if one["kind"] == "RoleBinding"]
    assert binding["roleRef"]["name"] == "training"
    subjects = [(one["kind"], one["name"]) for one in binding["subjects"]]
    assert subjects == [("ServiceAccount", "training")]


def test_its_token_is_mounted_where_the_client_looks_and_ends_by_itself(manifests):
    pod = named(manifests, "StatefulSet", "training")["spec"]["template"]["spec"]
    (volume,) = [volume["projected"] for volume in pod["volumes"] if "projected" in volume]
    tokens = [
        source["serviceAccountToken"] for source in volume["sources"] if "serviceAccountToken" in source
    ]
    assert [token["expirationSeconds"] for token in tokens] == [3600]
    (mount,) = [one for one in pod["containers"][0]["volumeMounts"] if one["name"] == "cluster"]
    assert (mount["mountPath"], mount["readOnly"]) == ("/var/run/secrets/kubernetes.io/serviceaccount", True)


def test_what_a_rayjob_names_is_there(manifests, job, settings):
    pod = job["spec"]["rayClusterSpec"]["headGroupSpec"]["template"]["spec"]
    assert (
        named(manifests, "ServiceAccount", pod["serviceAccountName"])["automountServiceAccountToken"] is False
    )
    (claim,) = [
        v["persistentVolumeClaim"]["claimName"] for v in pod["volumes"] if "persistentVolumeClaim" in v
    ]
    assert named(manifests, "PersistentVolumeClaim", claim)["spec"]["accessModes"] == ["ReadWriteMany"]
    (mount,) = [one["mountPath"] for one in pod["containers"][0]["volumeMounts"] if one["name"] == "runs"]
    mounted = {one["mountPath"] for one in pod["containers"][0]["volumeMounts"]}
    assert str(settings.runs).startswith(f"{mount}/"), "a run that is started again finds nothing"
    assert settings.keys in mounted or settings.keys.startswith(f"{mount}/"), "keys end with their pod"
    assert job["metadata"]["namespace"] == next(
        one["metadata"]["name"] for one in manifests if one["kind"] == "Namespace"
    )
    assert urlsplit(settings.registry).hostname, "a file in another pod is out of the pods' reach"


def test_the_policy_of_runs_selects_their_pods(manifests, job):
    selector = named(manifests, "NetworkPolicy", "runs")["spec"]["podSelector"]["matchLabels"]
    spec = job["spec"]
    for template in (spec["submitterPodTemplate"], spec["rayClusterSpec"]["headGroupSpec"]["template"]):
        assert selector.items() <= template["metadata"]["labels"].items()
    services = named(manifests, "NetworkPolicy", "services")["spec"]["podSelector"]["matchLabels"]
    assert not services.items() <= job["metadata"]["labels"].items()


def test_the_training_service_and_its_runs_reach_the_registry(manifests, job, settings):
    address = urlsplit(settings.registry)
    port = address.port or {"https": 443, "http": 80}[address.scheme]
    service = named(manifests, "StatefulSet", "training")["spec"]["template"]["metadata"]["labels"]
    runs = job["spec"]["rayClusterSpec"]["headGroupSpec"]["template"]["metadata"]["labels"]
    for labels in (service, runs):
        assert port in ports_out(manifests, labels)


def test_where_runs_are_kept_in_postgres_it_is_reached_and_the_secret_that_names_it_must_be_there(
    root, render
):
    manifests = render(root / "deploy/overlays/production")
    template = named(manifests, "StatefulSet", "training")["spec"]["template"]
    assert 5432 in ports_out(manifests, template["metadata"]["labels"])
    (secret,) = [
        one["secretRef"] for one in template["spec"]["containers"][0]["envFrom"] if "secretRef" in one
    ]
    assert secret == {"name": "training", "optional": False}


def ports_out(manifests, labels):
    """Ports that pods with these labels may call outside the namespace."""
    return {
        port["port"]
        for one in manifests
        if one["kind"] == "NetworkPolicy"
        and one["spec"]["podSelector"].get("matchLabels", {}).items() <= labels.items()
        for rule in one["spec"].get("egress", ())
        if any({"ipBlock", "namespaceSelector"} & peer.keys() for peer in rule["to"])
        for port in rule.get("ports", ())
    }


def test_rays_version_in_the_manifest_is_that_of_the_image(root, settings):
    (locked,) = re.findall(r"^ray==(.+)$", (root / "requirements/cluster.txt").read_text(), re.MULTILINE)
    assert settings.kubernetes.ray == locked


def test_the_program_reads_what_its_pods_say(root, job):
    (container,) = job["spec"]["rayClusterSpec"]["headGroupSpec"]["template"]["spec"]["containers"]
    interface = (root / "training/specialise/src/langdesign_specialise/options.py").read_text()
    said = {one["name"] for one in container["env"]} - {"OMP_NUM_THREADS"}
    assert said | {"RAY_ADDRESS"} <= set(re.findall(r'envvar="(\w+)"', interface))
