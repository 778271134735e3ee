//! Address ranges of many clusters side by side.

use std::net::IpAddr;

use ipnet::IpNet;

use super::Range;

/// Ranges of one address family, each with the cluster that it is of, sorted by their first address.
#[derive(Debug)]
pub struct SortedRanges {
    all: Vec<(usize, Range)>,
}

impl FromIterator<(usize, Range)> for SortedRanges {
    fn from_iter<I: IntoIterator<Item = (usize, Range)>>(ranges: I) -> Self {
        let mut all: Vec<(usize, Range)> = ranges.into_iter().collect();
        all.sort_by_key(|(at, range)| (range.first, range.last, *at));
        Self { all }
    }
}

impl SortedRanges {
    /// All of them.
    pub fn all(&self) -> &[(usize, Range)] {
        &self.all
    }

    /// Those that a network does not hold as a whole, and how many they are. Two searches for the borders of the network, so
    /// that many clusters, each with a network of its own, do not make every pair be looked at.
    pub fn outside(&self, net: IpNet) -> (impl Iterator<Item = &(usize, Range)>, usize) {
        let (from, to) = (net.network(), net.broadcast());
        let start = self.all.partition_point(|(_, range)| range.first < from);
        let end = self.all.partition_point(|(_, range)| range.first <= to);
        let (before, rest) = self.all.split_at(start);
        let (inside, behind) = rest.split_at(end - start);
        // A network that begins inside but ends outside holds all of `net`, so it begins where `net` does.
        let wider = inside
            .iter()
            .take_while(move |(_, range)| range.first == from)
            .filter(move |(_, range)| range.last > to);
        let count = before.len() + wider.clone().count() + behind.len();
        (before.iter().chain(wider).chain(behind), count)
    }

    /// The smallest network that holds all of them.
    pub fn supernet(&self) -> Option<IpNet> {
        let first = self.all.first()?.1.first;
        let last = self.all.iter().map(|(_, range)| range.last).max()?;
        common_network(first, last)
    }
}

/// The smallest network with both addresses.
fn common_network(first: IpAddr, last: IpAddr) -> Option<IpNet> {
    let length = match (first, last) {
        (IpAddr::V4(a), IpAddr::V4(b)) => (u32::from(a) ^ u32::from(b)).leading_zeros(),
        (IpAddr::V6(a), IpAddr::V6(b)) => (u128::from(a) ^ u128::from(b)).leading_zeros(),
        _ => return None,
    };
    IpNet::new(first, u8::try_from(length).ok()?)
        .ok()
        .map(|net| net.trunc())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_smallest_common_network_is_proposed() {
        let common = |first: &str, last: &str| {
            common_network(first.parse().unwrap(), last.parse().unwrap()).map(|net| net.to_string())
        };
        assert_eq!(
            common("10.244.0.0", "10.246.255.255").as_deref(),
            Some("10.244.0.0/14")
        );
        assert_eq!(
            common("10.244.0.0", "10.244.255.255").as_deref(),
            Some("10.244.0.0/16")
        );
        assert_eq!(common("fd00:1::", "fd00:2::ff").as_deref(), Some("fd00::/30"));
        assert_eq!(common("10.0.0.0", "fd00::"), None);
    }
}
