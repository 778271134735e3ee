#!/usr/bin/env bash
set -euo pipefail

VERSION=1.18.3

kind create cluster --name moss --config kind/moss.yaml
kind create cluster --name fern --config kind/fern.yaml

cilium install --context kind-moss --version $VERSION \
  --set cluster.name=moss \
  --set cluster.id=71 \
  --set ipam.mode=kubernetes \
  --set encryption.enabled=true,encryption.type=wireguard \
  --set clustermesh.useAPIServer=true \
  --set clustermesh.config.enabled=true \
  --set clustermesh.apiserver.service.type=NodePort \
  --set clustermesh.apiserver.service.nodePort=30171 \
  --set clustermesh.apiserver.tls.auto.method=cronJob \
  --set 'clustermesh.config.clusters[0].name=fern' \
  --set 'clustermesh.config.clusters[0].ips={198.51.100.172}' \
  --set 'clustermesh.config.clusters[0].port=30172'

helm upgrade --install cilium cilium/cilium --kube-context kind-fern --version "$VERSION" \
  --namespace kube-system \
  --values hack/fern-values.yaml \
  --set cluster.id=72 --set cluster.name="fern" \
  --set k8sServiceHost=$(docker inspect fern-control-plane)
