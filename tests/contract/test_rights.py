"""What each account may do in the cluster, computed from the rendered roles, and that nobody may do more."""

import pytest

RIGHTS = {
    "training": {
        ("ray.io", "rayjobs"): {"create", "get", "list", "watch", "patch", "delete"},
        ("", "pods"): {"list"},
        ("", "pods/log"): {"get"},
    }
}
"""By account, group and resource: where runs are RayJobs. All else, and everywhere else, is nothing."""
GRANTING = {"Role", "ClusterRole"}
BINDING = {"RoleBinding", "ClusterRoleBinding"}
FIXED_USER = "system:openshift:scc:nonroot-v2"
"""OpenShift's role by which pods may name the user that they run as; it reads and writes nothing."""


def rights(manifests):
    """What every account may do: group, resource and verbs, by the roles that are bound to it."""
    roles = {
        (one["kind"], one["metadata"]["name"]): one["rules"] for one in manifests if one["kind"] in GRANTING
    }
    found = {}
    for one in manifests:
        if one["kind"] in BINDING and one["roleRef"]["name"] != FIXED_USER:
            for subject in one["subjects"]:
                assert subject["kind"] == "ServiceAccount", (
                    f"{one['metadata']['name']} binds a {subject['kind']}"
                )
                assert subject.get("namespace", one["metadata"]["namespace"]) == one["metadata"]["namespace"]
                own = found.setdefault(subject["name"], {})
                for rule in roles[one["roleRef"]["kind"], one["roleRef"]["name"]]:
                    assert not rule.keys() - {"apiGroups", "resources", "verbs"}, "a right of another form"
                    for group in rule["apiGroups"]:
                        for resource in rule["resources"]:
                            own.setdefault((group, resource), set()).update(rule["verbs"])
    return found


def test_each_account_may_do_what_it_needs_and_no_more(manifests, workloads):
    on_kubernetes = any(one["metadata"]["name"] == "runs" for one in manifests)
    assert rights(manifests) == (RIGHTS if on_kubernetes else {})


def test_on_openshift_the_pods_of_the_namespace_and_no_others_may_be_of_our_user(
    place, manifests, namespace, pods
):
    bound = [one for one in manifests if one["kind"] in BINDING and one["roleRef"]["name"] == FIXED_USER]
    assert bool(bound) == place.endswith("openshift")
    for one in bound:
        assert (one["kind"], one["metadata"]["namespace"]) == ("RoleBinding", namespace)
        assert one["roleRef"]["kind"] == "ClusterRole"
        group = f"system:serviceaccounts:{namespace}"
        assert [(each["kind"], each["name"]) for each in one["subjects"]] == [("Group", group)]
        assert all(pod["securityContext"]["runAsNonRoot"] for pod in pods.values())


def test_every_account_pulls_with_the_secret_of_a_private_registry(combine):
    def pulled(*components):
        manifests = combine("overlays/staging", *components)
        return {
            one["metadata"]["name"]: one.get("imagePullSecrets")
            for one in manifests
            if one["kind"] == "ServiceAccount"
        }

    assert set(pulled()) == set(pulled("components/pull-secret"))
    assert all(secrets is None for secrets in pulled().values())
    assert all(
        secrets == [{"name": "image-registry"}] for secrets in pulled("components/pull-secret").values()
    )


def test_no_right_is_wide_or_of_the_whole_cluster(manifests):
    assert not [one["metadata"]["name"] for one in manifests if one["kind"].startswith("ClusterRole")]
    for account, own in rights(manifests).items():
        for (group, resource), verbs in own.items():
            assert "*" not in {group, resource, *verbs}, account
            assert not verbs & {"escalate", "bind", "impersonate"}, account
            assert resource not in {"secrets", "pods/exec", "serviceaccounts/token"}, account


def test_each_workload_has_an_account_of_its_own_and_none_has_the_namespaces(manifests, workloads):
    accounts = {one["metadata"]["name"]: one for one in manifests if one["kind"] == "ServiceAccount"}
    used = {name: one["spec"]["template"]["spec"]["serviceAccountName"] for name, one in workloads.items()}
    assert used == {name: name for name in workloads}
    assert not accounts.keys() - workloads.keys() - {"specialise"}, "an account that nobody has"
    for name, account in accounts.items():
        assert account["automountServiceAccountToken"] is False, name


def test_only_who_has_rights_gets_a_token_and_it_ends_by_itself(manifests, pods):
    given = {}
    for name, pod in pods.items():
        assert pod["automountServiceAccountToken"] is False, name
        for volume in pod["volumes"]:
            for source in volume.get("projected", {}).get("sources", ()):
                if "serviceAccountToken" in source:
                    given[name] = source["serviceAccountToken"]["expirationSeconds"]
    assert given.keys() == rights(manifests).keys()
    assert all(seconds <= 3600 for seconds in given.values())


def test_a_wider_right_would_be_noticed(combine):
    (role, *_), rest = (
        [one for one in combine("overlays/production") if (one["kind"] == "Role") is wanted]
        for wanted in (True, False)
    )
    wider = {
        **role,
        "rules": [*role["rules"], {"apiGroups": [""], "resources": ["secrets"], "verbs": ["get"]}],
    }
    assert rights([*rest, role]) == RIGHTS
    assert rights([*rest, wider]) != RIGHTS
    with pytest.raises(AssertionError):
        test_no_right_is_wide_or_of_the_whole_cluster([*rest, wider])
