{{/*
The rules of the pod's account, as JSON: { cluster: [...], namespaces: { NAME: [...] } }. Each stands beside the key of the configuration that needs it;
test/Fairlead.EndToEndTests/Install shows that it is enough, needed, and all there is. Asking what the account itself may do, and who it is, is allowed to every account by Kubernetes.
*/}}
{{- define "fairlead.rules" -}}
{{- $home := include "fairlead.home" . | fromJsonArray -}}
{{- $cluster := list -}}
{{- $namespaces := dict -}}
{{- $secrets := dict -}}
{{- if $home -}}
{{- $config := .Values.config -}}
{{- $door := $config.serviceProxy | default dict -}}
{{- if or (not (hasKey $door "enabled")) $door.enabled -}}
{{- $cluster = append $cluster (dict "apiGroups" (list "") "resources" (list "services") "verbs" (list "get" "list" "watch")) -}}
{{- if eq (toString $door.transport) "apiserver" -}}
{{- $cluster = append $cluster (dict "apiGroups" (list "") "resources" (list "services/proxy") "verbs" (list "get" "create" "update" "patch" "delete")) -}}
{{- else -}}
{{- $cluster = append $cluster (dict "apiGroups" (list "discovery.k8s.io") "resources" (list "endpointslices") "verbs" (list "get" "list" "watch")) -}}
{{- end -}}
{{- range $door.services -}}
{{- if has .cluster $home -}}
{{- if (.credentialSecretRef).name -}}
{{- $_ := set $secrets .namespace (append (index $secrets .namespace | default list) .credentialSecretRef.name) -}}
{{- end -}}
{{- if .serviceAccountToken -}}
{{- $_ := set $namespaces $.Release.Namespace (list (dict "apiGroups" (list "") "resources" (list "serviceaccounts/token") "resourceNames" (list (include "fairlead.serviceAccount" $)) "verbs" (list "create"))) -}}
{{- end -}}
{{- end -}}
{{- end -}}
{{- end -}}
{{- if ($config.auth).tokenReview -}}
{{- $cluster = append $cluster (dict "apiGroups" (list "authentication.k8s.io") "resources" (list "tokenreviews") "verbs" (list "create")) -}}
{{- end -}}
{{- range include "fairlead.clusters" . | fromJsonArray -}}
{{- with .clientCertSecretRef -}}
{{- if or (not .cluster) (has .cluster $home) -}}
{{- $_ := set $secrets .namespace (append (index $secrets .namespace | default list) .name) -}}
{{- end -}}
{{- end -}}
{{- end -}}
{{- range $namespace, $names := $secrets -}}
{{- $rule := dict "apiGroups" (list "") "resources" (list "secrets") "resourceNames" ($names | uniq | sortAlpha) "verbs" (list "get") -}}
{{- $_ := set $namespaces $namespace (append (index $namespaces $namespace | default list) $rule) -}}
{{- end -}}
{{- $list := dict "apiGroups" (list "") "resources" (list "secrets") "verbs" (list "list") -}}
{{- range ($config.kubernetes).clusterLocatorMethods -}}
{{- if and (eq (toString .type) "clusterSecrets") (or (not .cluster) (has .cluster $home)) -}}
{{- if not .namespace -}}
{{- if not (has $list $cluster) }}{{ $cluster = append $cluster $list }}{{ end -}}
{{- else if not (has $list (index $namespaces .namespace | default list)) -}}
{{- $_ := set $namespaces .namespace (append (index $namespaces .namespace | default list) $list) -}}
{{- end -}}
{{- end -}}
{{- end -}}
{{- $cluster = concat $cluster .Values.rbac.rules -}}
{{- end -}}
{{- toJson (dict "cluster" $cluster "namespaces" $namespaces) -}}
{{- end -}}
