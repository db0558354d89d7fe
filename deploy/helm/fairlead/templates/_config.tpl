{{/* The configuration file: what the values say, and where the chart listens. */}}
{{- define "fairlead.config" -}}
{{- $address := .Values.listen.address -}}
{{- $listen := list -}}
{{- if .Values.listen.http }}{{ $listen = append $listen (printf "http://%s:8080" $address) }}{{ end -}}
{{- if .Values.tls.secretName }}{{ $listen = append $listen (printf "https://%s:8443" $address) }}{{ end -}}
{{- if not $listen }}{{ fail "listen.http is false and tls.secretName is empty: nothing would be listened on" }}{{ end -}}
{{- $config := dict "listen" $listen "management" (dict "listen" (printf "http://%s:8090" $address)) -}}
{{- if .Values.tls.secretName -}}
{{- $_ := set $config "tls" (dict "certFile" "/etc/fairlead/tls/tls.crt" "keyFile" "/etc/fairlead/tls/tls.key") -}}
{{- end -}}
{{- toYaml (merge $config (deepCopy .Values.config)) -}}
{{- end -}}

{{/* The part of it that is read at the start only (docs/configuration.md): pods restart when this changes, and not for the rest. */}}
{{- define "fairlead.restart" -}}
{{- pick (include "fairlead.config" . | fromYaml) "listen" "tls" "baseUrl" "management" "cors" "limits" "timeouts" "log" "audit" "telemetry" "drain" "sessions" "stateDir" "trustedProxies" | toYaml -}}
{{- end -}}

{{/* The clusters of type config, as a JSON list. */}}
{{- define "fairlead.clusters" -}}
{{- $all := list -}}
{{- range ((.Values.config.kubernetes).clusterLocatorMethods) -}}
{{- if eq (toString .type) "config" }}{{ $all = concat $all (.clusters | default list) }}{{ end -}}
{{- end -}}
{{- toJson $all -}}
{{- end -}}

{{/* Every spelling of the clusters that are reached on the pod's own account, as a JSON list; none where the account is not used. */}}
{{- define "fairlead.home" -}}
{{- $names := list -}}
{{- range ((.Values.config.kubernetes).clusterLocatorMethods) -}}
{{- $type := toString .type -}}
{{- if eq $type "inCluster" -}}
{{- $locator := .name | default "inCluster" -}}
{{- $name := printf "%s%s" (.prefix | default "") (.name | default "main") -}}
{{- $names = concat $names (list $name (printf "%s/%s" $locator $name) (printf "%s--%s" $locator $name)) -}}
{{- else if eq $type "config" -}}
{{- $locator := .name | default "config" -}}
{{- range .clusters -}}
{{- if and (eq (toString .authProvider) "serviceAccount") (not .serviceAccountToken) (not .serviceAccountTokenFile) -}}
{{- $names = concat $names (list .name (printf "%s/%s" $locator .name) (printf "%s--%s" $locator .name)) -}}
{{- end -}}
{{- end -}}
{{- end -}}
{{- end -}}
{{- toJson $names -}}
{{- end -}}

{{- define "fairlead.automount" -}}
{{- if kindIs "invalid" .Values.serviceAccount.automount -}}
{{- include "fairlead.home" . | fromJsonArray | empty | not -}}
{{- else -}}
{{- .Values.serviceAccount.automount -}}
{{- end -}}
{{- end -}}

{{- define "fairlead.impersonatorToken" -}}/etc/fairlead/impersonator/token{{- end -}}

{{/* The clusters that are impersonated to by the account that the chart makes for it, as a JSON list. */}}
{{- define "fairlead.impersonated" -}}
{{- $found := list -}}
{{- range include "fairlead.clusters" . | fromJsonArray -}}
{{- if eq (toString (.impersonation).tokenFile) (include "fairlead.impersonatorToken" $) }}{{ $found = append $found . }}{{ end -}}
{{- end -}}
{{- toJson $found -}}
{{- end -}}

{{/* What makes no sense together is refused here, before anything is installed. */}}
{{- define "fairlead.check" -}}
{{- if regexMatch "(?m)^[ -]*(secret|previousSecret|clientSecret|serviceAccountToken|clientKeyData): *(\"[^$\"]|'[^$']|[^$\"'\\s])" (toYaml .Values.config) -}}
{{- fail "config holds a secret in clear text, and config becomes a ConfigMap: mount a Secret and name its file (secretFile, or clientSecret: { $file: /etc/... }), or write ${VAR} and set the variable by env" -}}
{{- end -}}
{{- $sessions := .Values.config.sessions | default dict -}}
{{- if and (gt (int .Values.replicas) 1) (not .Values.stateless) -}}
{{- if not ($sessions.redis).url -}}
{{- fail (printf "replicas is %d: logins and tickets are kept in one process unless config.sessions.redis.url says where replicas share them; set it, or stateless: true where callers bring tokens only" (int .Values.replicas)) -}}
{{- end -}}
{{- if not (or $sessions.secret $sessions.secretFile) -}}
{{- fail "config.sessions.redis needs config.sessions.secret or secretFile, the same for every replica" -}}
{{- end -}}
{{- end -}}
{{- if and .Values.ingress.enabled (not .Values.ingress.host) -}}
{{- fail "ingress.enabled needs ingress.host" -}}
{{- end -}}
{{- if and .Values.httpRoute.enabled (not .Values.httpRoute.parentRefs) -}}
{{- fail "httpRoute.enabled needs httpRoute.parentRefs: the Gateway that it belongs to" -}}
{{- end -}}
{{- end -}}
