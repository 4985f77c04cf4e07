{{/* Names and labels. Names have 63 characters at the most, parts and ordinals included. */}}

{{- define "video.name" -}}
{{- default .Chart.Name .Values.nameOverride | trunc 40 | trimSuffix "-" -}}
{{- end -}}

{{- define "video.fullname" -}}
{{- if .Values.fullnameOverride -}}
{{- .Values.fullnameOverride | trunc 40 | trimSuffix "-" -}}
{{- else -}}
{{- $name := include "video.name" . -}}
{{- if contains $name .Release.Name -}}
{{- .Release.Name | trunc 40 | trimSuffix "-" -}}
{{- else -}}
{{- printf "%s-%s" .Release.Name $name | trunc 40 | trimSuffix "-" -}}
{{- end -}}
{{- end -}}
{{- end -}}

{{/* What follows takes (dict "root" $ "part" "web-api"). */}}

{{- define "video.partname" -}}
{{- printf "%s-%s" (include "video.fullname" .root) .part -}}
{{- end -}}

{{- define "video.selector" -}}
app.kubernetes.io/name: {{ include "video.name" .root }}
app.kubernetes.io/instance: {{ .root.Release.Name }}
app.kubernetes.io/component: {{ .part }}
{{- end -}}

{{- define "video.labels" -}}
{{ include "video.selector" . }}
app.kubernetes.io/version: {{ .root.Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .root.Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .root.Chart.Name .root.Chart.Version }}
{{- end -}}

{{- define "video.metadata" -}}
name: {{ include "video.partname" . }}
labels:
  {{- include "video.labels" . | nindent 2 }}
{{- end -}}

{{/* Takes besides "image", the part's values of it. */}}
{{- define "video.image" -}}
{{- $registry := .root.Values.imageRegistry -}}
{{- $repository := .image.repository -}}
{{- if and $registry (ne .part "mongodb") -}}
{{- $repository = printf "%s/%s" (trimSuffix "/" $registry) $repository -}}
{{- end -}}
image: "{{ $repository }}:{{ .image.tag | default .root.Chart.AppVersion }}"
imagePullPolicy: {{ .image.pullPolicy }}
{{- end -}}

{{/* The secret with MongoDB's passwords and addresses. */}}
{{- define "video.secret" -}}
{{- default (include "video.partname" (dict "root" . "part" "mongodb")) .Values.mongodb.existingSecret -}}
{{- end -}}

{{/* Seconds after which an ingress has noticed that a pod is going. */}}
{{- define "video.notice" -}}10{{- end -}}

{{/* Seconds for which requests may go on, of a pod's grace period: the rest is for its end in order. */}}
{{- define "video.drain" -}}
{{- sub (sub . (include "video.notice" nil | int)) 10 -}}
{{- end -}}

{{/* What all pods have in common; takes besides "user", and "grace" in seconds. */}}
{{- define "video.pod" -}}
serviceAccountName: {{ include "video.fullname" .root }}
automountServiceAccountToken: false
enableServiceLinks: false
terminationGracePeriodSeconds: {{ .grace }}
{{- with .root.Values.imagePullSecrets }}
imagePullSecrets:
  {{- toYaml . | nindent 2 }}
{{- end }}
securityContext:
  runAsNonRoot: true
  runAsUser: {{ .user }}
  runAsGroup: {{ .user }}
  fsGroup: {{ .user }}
  fsGroupChangePolicy: OnRootMismatch
  seccompProfile:
    type: RuntimeDefault
topologySpreadConstraints:
  - maxSkew: 1
    topologyKey: kubernetes.io/hostname
    whenUnsatisfiable: ScheduleAnyway
    labelSelector:
      matchLabels:
        {{- include "video.selector" . | nindent 8 }}
{{- with .root.Values.nodeSelector }}
nodeSelector:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .root.Values.tolerations }}
tolerations:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- end -}}

{{- define "video.narrow" -}}
securityContext:
  allowPrivilegeEscalation: false
  readOnlyRootFilesystem: true
  capabilities:
    drop: [ALL]
{{- end -}}

{{/* Labels and annotations of a pod. */}}
{{- define "video.podmetadata" -}}
labels:
  {{- include "video.labels" . | nindent 2 }}
{{- with .root.Values.podAnnotations }}
annotations:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- end -}}

{{/* A deployment that is replaced without a gap; takes besides "replicas". */}}
{{- define "video.rollout" -}}
replicas: {{ .replicas }}
revisionHistoryLimit: 5
strategy:
  type: RollingUpdate
  rollingUpdate:
    maxSurge: 1
    maxUnavailable: 0
selector:
  matchLabels:
    {{- include "video.selector" . | nindent 4 }}
{{- end -}}

{{/* Probes by HTTP; take besides "alive" and "ready", paths. */}}
{{- define "video.probes" -}}
startupProbe:
  httpGet: {path: {{ .alive }}, port: http}
  periodSeconds: 2
  timeoutSeconds: 5
  failureThreshold: 60
readinessProbe:
  httpGet: {path: {{ .ready }}, port: http}
  periodSeconds: 5
  timeoutSeconds: 5
  failureThreshold: 3
livenessProbe:
  httpGet: {path: {{ .alive }}, port: http}
  periodSeconds: 10
  timeoutSeconds: 10
  failureThreshold: 6
# Those who still have its address are served until they have heard that it goes.
lifecycle:
  preStop:
    exec:
      command: [sleep, {{ include "video.notice" . | quote }}]
{{- end -}}

{{/* Variables from values. */}}
{{- define "video.env" -}}
{{- range $name, $value := . }}
- name: {{ $name }}
  value: {{ $value | quote }}
{{- end }}
{{- end -}}
