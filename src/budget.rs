//! One account of what a job may take, so that a small input never becomes a large cost.
//!
//! Everything is counted in one unit, about a byte of memory or a nanosecond of work: text costs its bytes, a value of a tree
//! `NODE`, a step of a loop that the input steers `STEP`. A job that others wait for (a build, the rendering of a cluster, the
//! template of a ResourceSet) has a share of its own, and what is spent never depends on a clock, on the number of threads, or on
//! which job came first: so the same input always ends at the same place.

/// What a value of a tree costs beside its text.
pub(crate) const NODE: usize = 128;
/// What a step costs that writes nothing.
pub(crate) const STEP: usize = 16;

/// What one build may add to the files that it reads: copies of text, values put into many places, objects that aliases blow up.
pub(crate) const BUILD: usize = mib(64);
/// How much larger than its text a tree is that holds each value once; what is beyond that, aliases have made.
pub(crate) const TREE_OF_TEXT: usize = 64;
/// What the renderings of all clusters together may add to files; each has the same share.
pub(crate) const RENDERING: usize = mib(256);
/// The share of a cluster, however many there are.
pub(crate) const LEAST_RENDERING: usize = mib(8);
/// What all templates of a ResourceSet may make, for all its inputs.
pub(crate) const TEMPLATE: usize = mib(32);
/// What `targetPath` may make of the values of all HelmReleases of a cluster.
pub(crate) const VALUES: usize = mib(64);
/// What the comparison of two trees may find, for all clusters.
pub(crate) const CHANGE: usize = mib(512);
/// What laying the two versions of an object side by side may take.
pub(crate) const ALIGNED: usize = mib(64);
/// What a value of a template may nest.
pub(crate) const TEMPLATE_DEPTH: usize = 100;

/// Tests of a bound need not wait for it.
const fn mib(count: usize) -> usize {
    if cfg!(test) { count << 14 } else { count << 20 }
}

/// The share is used up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Exhausted;

/// The account of one job.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Budget {
    share: usize,
    spent: usize,
}

impl Budget {
    /// An account from which nothing is taken yet.
    pub(crate) fn new(share: usize) -> Self {
        Self { share, spent: 0 }
    }

    /// Takes a cost.
    ///
    /// # Errors
    /// When that is more than what is left. Nothing is left then.
    pub(crate) fn spend(&mut self, cost: usize) -> Result<(), Exhausted> {
        self.spent = self.spent.saturating_add(cost);
        if self.is_exhausted() {
            Err(Exhausted)
        } else {
            Ok(())
        }
    }

    /// Whether more was asked for than there is.
    pub(crate) fn is_exhausted(&self) -> bool {
        self.spent > self.share
    }

    /// What was taken so far.
    pub(crate) fn spent(&self) -> usize {
        self.spent
    }

    /// What may still be taken.
    pub(crate) fn left(&self) -> usize {
        self.share.saturating_sub(self.spent)
    }

    /// The share in words.
    pub(crate) fn in_words(&self) -> String {
        format!("{} MiB", self.share >> 20)
    }
}
