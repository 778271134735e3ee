//! The order of the result: `sortOptions`, or what the caller does by itself (api `SortOrderTransformer.go`).

use crate::kustomize::resources::gvk::{Gvk, ORDER_FIRST, ORDER_LAST, rank};
use crate::kustomize::resources::nodes;
use crate::kustomize::resources::report::Report;
use crate::kustomize::resources::resmap::ResMap;
use crate::kustomize::resources::resource_id::ResourceId;
use crate::yaml::Node;

/// Sorts the objects as `options` ask, else in legacy order if `legacy`.
pub(crate) fn sort(map: &mut ResMap, options: Option<&Node>, legacy: bool, report: &mut Report) {
    let Some(options) = options else {
        if legacy {
            sort_legacy(map, &ORDER_FIRST, &ORDER_LAST);
        }
        return;
    };
    let lists = options.get("legacySortOptions");
    match nodes::text(options.get("order")) {
        Some("legacy") => match lists {
            None => sort_legacy(map, &ORDER_FIRST, &ORDER_LAST),
            Some(lists) => sort_legacy(
                map,
                &texts(lists.get("orderFirst")),
                &texts(lists.get("orderLast")),
            ),
        },
        Some("fifo") => {
            if let Some(lists) = lists {
                report.fail(
                    lists.span(),
                    "the field 'sortOptions.legacySortOptions' is set but the selected sort order is `fifo`, not `legacy`",
                    "has no effect in this order",
                );
            }
        }
        _ => report.fail(
            options.get("order").unwrap_or(options).span(),
            "the field 'sortOptions.order' must be one of `fifo` and `legacy`",
            "another order",
        ),
    }
}

fn texts(list: Option<&Node>) -> Vec<String> {
    let items = list.map(Node::items).unwrap_or_default();
    items
        .iter()
        .map(|item| nodes::text(Some(item)).unwrap_or_default().to_owned())
        .collect()
}

fn sort_legacy<S: AsRef<str>>(map: &mut ResMap, first: &[S], last: &[S]) {
    map.list_mut().sort_by_cached_key(|resource| {
        let id = resource.id();
        let gvk = Gvk::of(&id);
        (rank(gvk.kind, first, last), group_text(gvk), id_text(&id))
    });
}

/// Of all kinds called `Namespace` the real one comes first.
fn group_text(gvk: Gvk<'_>) -> String {
    if gvk.kind == "Namespace" && gvk.group.is_empty() {
        String::new()
    } else {
        gvk.sort_text()
    }
}

fn id_text(id: &ResourceId) -> String {
    let or = |text: &str, absent: &str| {
        if text.is_empty() {
            absent.to_owned()
        } else {
            text.to_owned()
        }
    };
    format!(
        "{}|{}|{}",
        Gvk::of(id),
        or(&id.namespace, "~X"),
        or(&id.name, "~N")
    )
}
