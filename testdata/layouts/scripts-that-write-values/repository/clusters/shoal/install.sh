#!/usr/bin/env bash
set -euo pipefail

helm upgrade --install cilium cilium/cilium --version 1.18.4 \
  --namespace kube-system --kube-context shoal --values - <<'EOF'
cluster:
  name: shoal
  id: 82
ipam:
  mode: cluster-pool
  operator:
    clusterPoolIPv4PodCIDRList:
      - 10.82.0.0/16
encryption:
  enabled: true
  type: wireguard
clustermesh:
  useAPIServer: true
  apiserver:
    service:
      type: NodePort
      nodePort: 30082
    tls:
      auto:
        method: certmanager
        certManagerIssuerRef:
          group: cert-manager.io
          kind: ClusterIssuer
          name: fleet-ca
  config:
    enabled: true
    clusters:
      - name: reef
        port: 30081
        ips:
          - 203.0.113.81
EOF
