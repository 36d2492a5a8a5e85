#!/usr/bin/env bash
# promtool 2.42.0 (Debian 12), `promtool test rules`: a test of an alert whose name no rule has.
#
# Expected: an error, as for an unknown field of the test file: a test of what does not exist tests nothing.
# Seen: SUCCESS, as long as no alert is expected. So the half of a test file that says when an alert has to keep still goes on
# passing after its alert was renamed, or with a typing error, for whatever the rules do. The same where `rule_files` matches no
# file at all (a warning, and exit status 0), and for an expression without exp_samples that names a metric that is not there.
#
# So something else compares the names in tests with those of the rules, and each alert also has a case in which it fires.
set -euo pipefail
folder=$(mktemp -d); trap 'rm -rf "$folder"' EXIT
cd "$folder"
apt-get download --quiet=2 prometheus=2.42.0+ds-5+deb12u1 2>"$folder/log" || { cat "$folder/log"; exit 1; }
dpkg-deb --extract prometheus_*.deb debian
promtool=$folder/debian/usr/bin/promtool
cat > rules.yaml <<'YAML'
groups:
  - name: editing
    rules:
      - {alert: EditsFail, expr: "rate(edits_failed_total[5m]) > 0.1", for: 5m}
YAML
tested() { # rule file, alert's name: what promtool says of "there is no such alert" while one edit a second fails
  cat > test.yaml <<YAML
rule_files: [$1]
evaluation_interval: 1m
tests:
  - interval: 1m
    input_series: [{series: edits_failed_total, values: "0+60x30"}]
    alert_rule_test: [{eval_time: 20m, alertname: $2, exp_alerts: []}]
    promql_expr_test: [{expr: edits_faield_total, eval_time: 20m}]
YAML
  "$promtool" test rules test.yaml > said 2>&1 && status=0 || status=$?
  echo "$2 of $1: $(grep --only-matching --max-count 1 'SUCCESS\|FAILED' said), exit status $status"
}
"$promtool" --version | head -n 1
right=$(tested rules.yaml EditsFail); typing_error=$(tested rules.yaml EditsFial); no_rules=$(tested 'gone*.yaml' EditsFail)
printf '%s\n' "$right" "$typing_error" "$no_rules"
[ "$right" = "EditsFail of rules.yaml: FAILED, exit status 1" ]
[ "$typing_error" = "EditsFial of rules.yaml: SUCCESS, exit status 0" ] || { echo "unknown alerts are an error now"; exit 1; }
[ "$no_rules" = "EditsFail of gone*.yaml: SUCCESS, exit status 0" ] || { echo "missing rules are an error now"; exit 1; }
echo "seen: as described"
