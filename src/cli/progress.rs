//! A line on standard error for whoever waits at a terminal for more than a second. It is gone when the run is over.

use std::io::{self, Write};
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use super::terminal::Terminal;
use crate::engine::Stage;

/// How long nothing is shown, and how often the line changes from then on.
const TICK: Duration = Duration::from_secs(1);
/// To the start of the line, and wipes it.
const ERASE: &str = "\r\u{1b}[2K";

/// Shows what goes on until it is dropped.
#[derive(Debug, Default)]
pub(super) struct Progress(Option<(Arc<Shared>, JoinHandle<()>)>);

/// What the run tells the thread that draws.
#[derive(Debug, Default)]
struct Shared {
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Debug, Default, Clone, Copy)]
struct State {
    stage: Option<Stage>,
    is_over: bool,
}

impl Progress {
    /// Begins to wait, where somebody is there to see it.
    pub(super) fn start(terminal: &Terminal) -> Self {
        if !terminal.is_watched {
            return Self::default();
        }
        let shared = Arc::new(Shared::default());
        let drawer = Arc::clone(&shared);
        let draw = move || animate(&mut io::stderr(), || drawer.tick());
        // Where no thread can be had the run goes on without the line.
        let thread = thread::Builder::new().name("progress".to_owned()).spawn(draw);
        Self(thread.ok().map(|thread| (shared, thread)))
    }

    /// Says what the run is busy with from now on.
    pub(super) fn begin(&self, stage: Stage) {
        if let Some((shared, _)) = &self.0 {
            shared.change(|state| state.stage = Some(stage));
        }
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        if let Some((shared, thread)) = self.0.take() {
            shared.change(|state| state.is_over = true);
            // The line must be gone before anything else is printed.
            let _ = thread.join();
        }
    }
}

impl Shared {
    fn change(&self, change: impl FnOnce(&mut State)) {
        change(&mut self.state.lock().unwrap_or_else(PoisonError::into_inner));
        self.changed.notify_all();
    }

    /// Waits for the next tick; nothing when the run is over before.
    fn tick(&self) -> Option<Option<Stage>> {
        let state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let waited = self
            .changed
            .wait_timeout_while(state, TICK, |state| !state.is_over);
        let (state, _) = waited.unwrap_or_else(PoisonError::into_inner);
        (!state.is_over).then_some(state.stage)
    }
}

/// Draws at every tick, and wipes what it drew.
fn animate(out: &mut dyn Write, mut tick: impl FnMut() -> Option<Option<Stage>>) {
    let mut seconds = 0;
    while let Some(stage) = tick() {
        seconds += 1;
        let doing = match stage {
            None => "reading files",
            Some(Stage::Rendering) => "rendering clusters",
            Some(Stage::Checking) => "checking",
        };
        // Nothing depends on whether the line can be seen.
        let _ = write!(out, "{ERASE}meshlint: {doing} ({seconds} s)").and_then(|()| out.flush());
    }
    if seconds > 0 {
        let _ = write!(out, "{ERASE}").and_then(|()| out.flush());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn drawn(ticks: &[Option<Stage>]) -> String {
        let mut out = Vec::new();
        let mut ticks = ticks.iter().copied();
        animate(&mut out, || ticks.next());
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn a_short_run_draws_nothing() {
        assert_eq!(drawn(&[]), "");
    }

    #[test]
    fn a_long_run_leaves_nothing_behind() {
        let drawn = drawn(&[
            Some(Stage::Rendering),
            Some(Stage::Rendering),
            Some(Stage::Checking),
        ]);
        let lines: Vec<&str> = drawn.split(ERASE).collect();
        assert_eq!(
            lines,
            [
                "",
                "meshlint: rendering clusters (1 s)",
                "meshlint: rendering clusters (2 s)",
                "meshlint: checking (3 s)",
                ""
            ]
        );
    }

    #[test]
    fn the_end_of_a_run_ends_the_wait() {
        let shared = Arc::new(Shared::default());
        let other = Arc::clone(&shared);
        // Whether it waits already or not, it must not wait for longer.
        let waiting = thread::spawn(move || while other.tick().is_some() {});
        shared.change(|state| state.stage = Some(Stage::Checking));
        shared.change(|state| state.is_over = true);
        waiting.join().unwrap();
        assert_eq!(shared.tick(), None);
    }
}
