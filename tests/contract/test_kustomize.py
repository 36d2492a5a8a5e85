"""What kustomize does without a word, and with exit status 0, is looked for in what it renders."""

import json
import re
from collections import Counter

import yaml

MADE_BY_HAND = {"kube-root-ca.crt", "local-issuer", "model-signing"}
"""ConfigMaps of the cluster, and those that a script or a component's comment tells to make."""


def test_what_a_place_chooses_is_chosen_and_its_settings_are_not_applied(manifests):
    """A target that matches nothing is passed over by kustomize without a word."""
    assert "of-the-place" not in json.dumps(manifests)
    assert not [one for one in manifests if one["metadata"]["name"] == "place"]


def test_whatever_names_another_object_names_one_that_is_there(manifests):
    """A generated name or a prefix does not reach every field that names an object: KEDA's, the gateway's."""
    there = {(one["kind"], one["metadata"]["name"]) for one in manifests}
    # The certificate makes it.
    there |= {("Secret", one["spec"]["secretName"]) for one in manifests if one["kind"] == "Certificate"}
    for one in manifests:
        for kind, name in named_by(one):
            assert (kind, name) in there, f"{one['kind']} {one['metadata']['name']} names {kind} {name}"


def secrets_of(manifests):
    """Names of the Secrets that pods read, and accounts pull with."""
    for one in manifests:
        yield from (each["name"] for each in one.get("imagePullSecrets", ()))
        if one["kind"] in {"Deployment", "StatefulSet"}:
            pod = one["spec"]["template"]["spec"]
            yield from (each["secret"]["secretName"] for each in pod["volumes"] if "secret" in each)
            for container in (*pod.get("initContainers", ()), *pod["containers"]):
                sources = container.get("envFrom", ())
                yield from (each["secretRef"]["name"] for each in sources if "secretRef" in each)


def test_every_secret_that_is_read_has_a_command_that_makes_it(root, manifests):
    told = "".join(file.read_text() for file in (root / "deploy").rglob("README.md"))
    told += "".join(file.read_text() for file in (root / "deploy/components").rglob("kustomization.yaml"))
    made = set(re.findall(r"create secret (?:generic|docker-registry) ([\w-]+)", told))
    assert set(secrets_of(manifests)) - made == set()


def named_by(one):
    """Kinds and names of the objects that an object needs, but for Secrets, which are made by hand."""
    return NAMED.get(one["kind"], lambda _: ())(one)


def named_by_workload(one):
    pod = one["spec"]["template"]["spec"]
    yield "ServiceAccount", pod["serviceAccountName"]
    if "serviceName" in one["spec"]:
        yield "Service", one["spec"]["serviceName"]
    for volume in pod["volumes"]:
        if "persistentVolumeClaim" in volume:
            yield "PersistentVolumeClaim", volume["persistentVolumeClaim"]["claimName"]
        if volume.get("configMap", {"name": None})["name"] not in {None, *MADE_BY_HAND}:
            yield "ConfigMap", volume["configMap"]["name"]
    for container in (*pod.get("initContainers", ()), *pod["containers"]):
        for source in container.get("envFrom", ()):
            if "configMapRef" in source:
                yield "ConfigMap", source["configMapRef"]["name"]


def named_by_scaler(one):
    target = one["spec"]["scaleTargetRef"]
    yield target.get("kind", "Deployment"), target["name"]


def named_by_binding(one):
    for named in (one["roleRef"], *one["subjects"]):
        if not named["name"].startswith("system:"):  # the cluster's own
            yield named["kind"], named["name"]


def named_by_route(one):
    for parent in one["spec"]["parentRefs"]:
        yield "Gateway", parent["name"]
    for rule in one["spec"]["rules"]:
        for backend in rule.get("backendRefs", ()):
            yield "Service", backend["name"]


def named_by_gateway(one):
    for listener in one["spec"]["listeners"]:
        for reference in listener.get("tls", {}).get("certificateRefs", ()):
            yield "Secret", reference["name"]


NAMED = {
    "Deployment": named_by_workload,
    "StatefulSet": named_by_workload,
    "ScaledObject": named_by_scaler,
    "RoleBinding": named_by_binding,
    "HTTPRoute": named_by_route,
    "GRPCRoute": named_by_route,
    "Gateway": named_by_gateway,
}


def test_routes_meet_a_listener_and_a_port_that_are_there(manifests):
    listeners = {
        (one["metadata"]["name"], listener["name"]): listener["hostname"]
        for one in manifests
        if one["kind"] == "Gateway"
        for listener in one["spec"]["listeners"]
    }
    ports = {
        (one["metadata"]["name"], port["port"]): port
        for one in manifests
        if one["kind"] == "Service"
        for port in one["spec"]["ports"]
    }
    kinds = {}
    for one in manifests:
        if one["kind"] in {"HTTPRoute", "GRPCRoute"}:
            for parent in one["spec"]["parentRefs"]:
                hostname = listeners[parent["name"], parent["sectionName"]]
                assert one["spec"]["hostnames"] == [hostname]
                kinds.setdefault((parent["sectionName"], hostname), set()).add(one["kind"])
            for rule in one["spec"]["rules"]:
                for backend in rule.get("backendRefs", ()):
                    spoken = ports[backend["name"], backend["port"]].get("appProtocol")
                    assert (spoken == "kubernetes.io/h2c") == (one["kind"] == "GRPCRoute"), "gRPC is HTTP/2"
    assert all(len(kind) == 1 for kind in kinds.values()), (
        "of two kinds of routes for one name, one is refused"
    )


def test_the_certificate_is_for_every_name_of_the_gateway(manifests):
    names = {
        listener["hostname"]
        for one in manifests
        if one["kind"] == "Gateway"
        for listener in one["spec"]["listeners"]
        if "tls" in listener
    }
    certified = {
        name for one in manifests if one["kind"] == "Certificate" for name in one["spec"]["dnsNames"]
    }
    assert certified == names


def test_no_variable_has_two_values(manifests):
    """A patch that gives a `value` where there was a `valueFrom` leaves both, which no API server takes."""
    for one in manifests:
        if one["kind"] in {"Deployment", "StatefulSet"}:
            for container in one["spec"]["template"]["spec"]["containers"]:
                variables = container.get("env", ())
                assert all(("value" in each) != ("valueFrom" in each) for each in variables), one["metadata"]
                counted = Counter(each["name"] for each in variables)
                assert not counted or max(counted.values()) == 1, one["metadata"]


def test_policies_and_monitors_select_by_labels_that_pods_have(manifests, workloads):
    """`includeSelectors` would add a label to a policy's peers, and not to a monitor's selector."""
    pods = [one["spec"]["template"]["metadata"]["labels"] for one in workloads.values()]
    runs = {"app.kubernetes.io/component": "run"}
    verify = {"app.kubernetes.io/component": "verification"}
    for one in manifests:
        if one["kind"] == "NetworkPolicy":
            selectors = [one["spec"]["podSelector"]]
            selectors += [
                peer["podSelector"]
                for rule in (*one["spec"].get("ingress", ()), *one["spec"].get("egress", ()))
                for peer in (*rule.get("from", ()), *rule.get("to", ()))
                if "podSelector" in peer and "namespaceSelector" not in peer
            ]
        elif one["kind"] == "PodMonitor":
            selectors = [one["spec"]["selector"]]
        else:
            continue
        for selector in selectors:
            wanted = selector.get("matchLabels", {}).items()
            assert any(wanted <= pod.items() for pod in (*pods, runs, verify)), (
                one["metadata"]["name"],
                selector,
            )


def test_claims_of_stateful_sets_are_the_same_everywhere(manifests):
    """Kubernetes takes no changed volumeClaimTemplate: what a place adds to all must not get there."""
    for one in manifests:
        for claim in one.get("spec", {}).get("volumeClaimTemplates", ()):
            assert claim["metadata"]["labels"] == {"app.kubernetes.io/part-of": "langdesign"}, one["metadata"]


def test_one_line_names_every_image(manifests):
    """`images` reach containers, init containers and image volumes, wherever the image is named."""
    named = set()
    for one in manifests:
        if one["kind"] in {"Deployment", "StatefulSet"}:
            pod = one["spec"]["template"]["spec"]
            named |= {each["image"] for each in (*pod.get("initContainers", ()), *pod["containers"])}
            named |= {volume["image"]["reference"] for volume in pod["volumes"] if "image" in volume}
    bases = [re.split(r"[:@]", image)[0] for image in named]
    assert max(Counter(bases).values()) == 1, f"one image has two versions: {sorted(named)}"


def kustomizations(root):
    """Every kustomization of `deploy`, by its folder there."""
    return {
        str(file.parent.relative_to(root / "deploy")): yaml.safe_load(file.read_text())
        for file in (root / "deploy").rglob("kustomization.yaml")
    }


def test_every_target_of_a_patch_is_there(root, combine):
    """Each alternative of `editing|segmentation`, too: what matches nothing is passed over."""
    found = {
        (one["kind"], one["metadata"]["name"])
        for place in (("production", "profiles/openshift"), ("staging",), ("local",))
        for one in combine(f"overlays/{place[0]}", *place[1:])
    }
    for folder, made in kustomizations(root).items():
        targets = [patch["target"] for patch in made.get("patches", ())]
        targets += [one["select"] for each in made.get("replacements", ()) for one in each["targets"]]
        for target in targets:
            for name in target.get("name", ".*").split("|"):
                kinds = [kind for kind, known in found if re.fullmatch(name, known)]
                assert any(re.fullmatch(target["kind"], kind) for kind in kinds), f"{folder}: {target}"


def test_no_custom_resource_is_patched(root):
    """A strategic patch knows no merge keys of theirs, and would replace a whole list of containers."""
    patched = {
        kind
        for made in kustomizations(root).values()
        for patch in made.get("patches", ())
        for kind in patch["target"]["kind"].split("|")
    }
    assert patched <= {"Deployment", "StatefulSet", "ServiceAccount"}


def test_every_image_that_is_given_a_version_is_used(root, combine):
    used = set()
    for place in ("overlays/production", "overlays/staging"):
        for one in combine(place):
            if one["kind"] in {"Deployment", "StatefulSet"}:
                pod = one["spec"]["template"]["spec"]
                used |= {each["image"].partition(":")[0] for each in pod["containers"]}
                used |= {
                    each["image"]["reference"].partition(":")[0] for each in pod["volumes"] if "image" in each
                }
    for folder, made in kustomizations(root).items():
        for image in made.get("images", ()):
            assert image["name"] in used, f"{folder}: nothing is called {image['name']}"


def test_every_setting_of_a_place_is_taken_by_a_component(root):
    """And an overlay sets none that nobody takes."""
    taken = {
        one["source"]["fieldPath"].removeprefix("data.")
        for made in kustomizations(root).values()
        for one in made.get("replacements", ())
    }

    def names(file):
        lines = file.read_text().splitlines()
        return {line.partition("=")[0] for line in lines if line and not line.startswith("#")}

    assert names(root / "deploy/base/place.env") == taken
    for file in (root / "deploy/overlays").glob("*/place.env"):
        assert names(file) <= taken, file.parent.name
