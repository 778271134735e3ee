#!/usr/bin/env bash
set -euo pipefail

NUMBER=81

cat > /tmp/cilium.yaml <<EOF
cluster:
  name: reef
  id: ${NUMBER}
ipam:
  mode: cluster-pool
  operator:
    clusterPoolIPv4PodCIDRList:
      - 10.81.0.0/16
encryption:
  enabled: true
  type: wireguard
clustermesh:
  useAPIServer: true
  apiserver:
    service:
      type: NodePort
      nodePort: 30081
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
      - name: shoal
        port: 30082
        ips:
          - 203.0.113.82
EOF

helm upgrade --install cilium cilium/cilium --version 1.18.4 \
  --namespace kube-system --kube-context reef -f /tmp/cilium.yaml
