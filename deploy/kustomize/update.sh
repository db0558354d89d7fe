#!/usr/bin/env bash
# Writes base/ anew: what the chart renders with its own values, without helm's labels. Needs helm (FAIRLEAD_HELM, else in PATH). A test says when it has been forgotten.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"

rendered=$("${FAIRLEAD_HELM:-helm}" template fairlead ../helm/fairlead --namespace fairlead | sed -E '/^ +(helm\.sh\/chart|app\.kubernetes\.io\/managed-by):/d; /^# Source:/d; /^ +# /d')
rm -f base/*
# A file for each kind: what is between two lines of dashes.
awk '
  function flush() { if (text != "") { printf "%s%s", (seen[kind]++ ? "---\n" : ""), text > ("base/" kind ".yaml") }; text = "" }
  /^---$/ { flush(); next }
  /^kind: / { kind = tolower($2) }
  { text = text $0 "\n" }
  END { flush() }
' <<< "$rendered"
printf 'apiVersion: v1\nkind: Namespace\nmetadata:\n  name: fairlead\n' > base/namespace.yaml
{ printf 'apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\nnamespace: fairlead\nresources:\n'; (cd base; printf '  - %s\n' [!k]*.yaml); } > base/kustomization.yaml
