//! The YAML reader: tokens and grammar of YAML 1.1 as yaml.v3 reads it, the Go package by which kustomize, Flux and
//! Kubernetes' tools read (`scannerc.go`, `parserc.go`). Where that package and the specification differ, the package is
//! right: a file that it refuses breaks the cluster, and one that it takes otherwise means something else there.

mod block;
mod cursor;
mod grammar;
mod plain;
mod problem;
mod quoted;
mod scanner;
mod tags;
mod tokens;

pub(super) use grammar::Grammar;
