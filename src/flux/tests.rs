use super::*;
use crate::kustomize::Builder;
use crate::source::SourceMap;
use crate::yaml::Store;

fn with_fleet<T>(sources: &SourceMap, look: impl FnOnce(&Fleet) -> T) -> T {
    let store = Store::new(sources);
    let builder = Builder::new(&store);
    look(&load(sources, &store, &builder, &Discovery::default()))
}

/// Prints every repository of the corpus; run with `--nocapture`.
#[test]
fn corpus() {
    let Ok(corpus) = std::env::var("MESHLINT_CORPUS") else {
        return;
    };
    let only = std::env::var("ONLY").unwrap_or_default();
    let mut repositories: Vec<_> = std::fs::read_dir(corpus)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    repositories.sort();
    for repository in repositories.iter().filter(|path| path.is_dir()) {
        let name = repository.file_name().unwrap().to_string_lossy();
        if !name.contains(&only) {
            continue;
        }
        let start = std::time::Instant::now();
        let sources = SourceMap::open(repository).unwrap();
        with_fleet(&sources, |fleet| print(&name, start, fleet, &sources));
    }
}

fn print(name: &str, start: std::time::Instant, fleet: &Fleet, sources: &SourceMap) {
    let at = |span: crate::source::Span| {
        let file = sources.file(span.file);
        format!("{}:{}", file.path(), file.line_column(span.start).line)
    };
    println!("== {name} {:?}", start.elapsed());
    for cluster in &fleet.clusters {
        let objects = cluster.objects().count();
        let unbuilt = cluster
            .kustomizations
            .iter()
            .filter(|one| one.build.is_none())
            .count();
        println!(
            "  {} ({}) kustomizations={} objects={objects} unbuilt={unbuilt}",
            cluster.name,
            cluster.entry,
            cluster.kustomizations.len()
        );
        for one in &cluster.kustomizations {
            if one.build.is_none() || one.remote {
                println!(
                    "    {} {:?} path={:?} remote={} at {}",
                    one.full_name(),
                    one.source,
                    one.path,
                    one.remote,
                    at(one.object.name_span())
                );
            }
            for problem in &one.problems {
                let text = match problem {
                    Problem::MissingPath { span, path } => format!("missing path {path} {}", at(*span)),
                    Problem::UndefinedVariable {
                        variable, expression, ..
                    } => format!("undefined {variable} {}", at(*expression)),
                    Problem::MalformedSubstitution {
                        expression, reason, ..
                    } => format!("malformed {reason} {}", at(*expression)),
                    Problem::BrokenBySubstitution {
                        expression, reason, ..
                    } => format!("broken {reason} {}", at(*expression)),
                    Problem::MissingSubstituteSource {
                        kind,
                        namespace,
                        name,
                        span,
                    } => format!("missing {kind} {namespace}/{name} {}", at(*span)),
                    Problem::IllegalVariableName { name, span, .. } => {
                        format!("illegal {name} {}", at(*span))
                    }
                };
                println!("    ! {}: {text}", one.full_name());
            }
            if let Some(build) = &one.build {
                for problem in &build.problems {
                    println!(
                        "    # {}: {:?} {} {}",
                        one.full_name(),
                        problem.kind,
                        problem.message,
                        at(problem.span)
                    );
                }
            }
        }
    }
}
