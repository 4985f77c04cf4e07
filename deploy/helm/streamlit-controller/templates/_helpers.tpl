{{/* Names and labels. A name has 63 characters at the most, less those that a pod's ordinal takes. */}}

{{- define "controller.name" -}}
{{- default .Chart.Name .Values.nameOverride | trunc 50 | trimSuffix "-" -}}
{{- end -}}

{{- define "controller.fullname" -}}
{{- if .Values.fullnameOverride -}}
{{- .Values.fullnameOverride | trunc 50 | trimSuffix "-" -}}
{{- else -}}
{{- $name := include "controller.name" . -}}
{{- if contains $name .Release.Name -}}
{{- .Release.Name | trunc 50 | trimSuffix "-" -}}
{{- else -}}
{{- printf "%s-%s" .Release.Name $name | trunc 50 | trimSuffix "-" -}}
{{- end -}}
{{- end -}}
{{- end -}}

{{- define "controller.selector" -}}
app.kubernetes.io/name: {{ include "controller.name" . }}
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end -}}

{{- define "controller.labels" -}}
{{ include "controller.selector" . }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version }}
{{- end -}}

{{/* What the pod writes into config.json. The public port and address are the chart's own. */}}
{{- define "controller.settings" -}}
{{- $settings := deepCopy .Values.config -}}
{{- if and .Values.ingress.enabled (not (hasKey $settings "allowed_hosts")) -}}
{{- $_ := set $settings "allowed_hosts" (list .Values.ingress.host) -}}
{{- end -}}
{{- $_ := set $settings "host" "0.0.0.0" -}}
{{- $_ := set $settings "website_port" 5000 -}}
{{- toPrettyJson $settings -}}
{{- end -}}
