//! How much longer a check takes when there is twice as much of one thing. Each kind is measured from 1,000 to 16,000; the factor of a
//! doubling is two where the cost grows with the input, four where it grows with its square.
#![allow(missing_docs, clippy::print_stdout)]

use std::time::{Duration, Instant};

use meshlint::engine::{self, RunOptions};
use meshlint::source::SourceMap;

#[path = "../examples/attacks/inputs.rs"]
#[allow(dead_code)]
mod inputs;

const COUNTS: [usize; 5] = [1_000, 2_000, 4_000, 8_000, 16_000];

fn main() {
    let asked: Vec<String> = std::env::args()
        .skip(1)
        .filter(|word| !word.starts_with('-'))
        .collect();
    for growth in inputs::GROWTH {
        if asked.is_empty() || asked.iter().any(|word| growth.name.contains(word.as_str())) {
            println!("{}", growth.name);
            measure(growth.files);
        }
    }
}

fn measure(files: fn(usize) -> Vec<inputs::File>) {
    let mut before: Option<Duration> = None;
    for count in COUNTS {
        let files = files(count).into_iter().map(|file| (file.path, file.text));
        let sources = SourceMap::from_memory(files);
        let start = Instant::now();
        let run = engine::check(&sources, &RunOptions::default());
        let took = start.elapsed();
        drop(run);
        let factor = before.map_or(String::new(), |before| {
            format!("  x {:.2}", took.as_secs_f64() / before.as_secs_f64())
        });
        println!("  {count:>6} {:>9.3} s{factor}", took.as_secs_f64());
        before = Some(took);
    }
}
