//! Writes small repositories that are made to cost much, checks each with a program, and prints what it took:
//!
//! ```sh
//! cargo build --release && cargo run --example attacks -- target/release/meshlint
//! ```
//!
//! Names behind the program choose some of the attacks. The figures are those of GNU time, which has to be there; a run is ended after
//! a minute or at eight gigabytes.
#![allow(missing_docs, clippy::print_stdout)]

#[allow(dead_code)]
mod inputs;

use std::ffi::OsStr;
use std::fs;
use std::io;
use std::path::Path;
use std::process::{Command, ExitCode};

use inputs::{ATTACKS, Attack, File};

/// What an attack may take.
const MOST_SECONDS: f64 = 1.0;
const MOST_KIB: u64 = 256 * 1024;

fn main() -> io::Result<ExitCode> {
    let mut arguments = std::env::args_os().skip(1);
    let Some(program) = arguments.next() else {
        println!("give the program to try, and names of attacks if not all of them are of interest");
        return Ok(ExitCode::from(2));
    };
    let program = fs::canonicalize(program)?;
    let chosen: Vec<String> = arguments.filter_map(|name| name.into_string().ok()).collect();
    let mut over = 0;
    println!(
        "{:34} {:>9} {:>7} {:>8}  status",
        "attack", "bytes", "CPU s", "MiB"
    );
    for attack in ATTACKS {
        if chosen.is_empty() || chosen.iter().any(|name| attack.name.contains(name.as_str())) {
            over += usize::from(!tried(program.as_os_str(), attack)?);
        }
    }
    println!(
        "{over} took more than {MOST_SECONDS} s or {} MiB",
        MOST_KIB / 1024
    );
    Ok(ExitCode::from(u8::from(over > 0)))
}

/// Whether the program stays within what an attack may take.
fn tried(program: &OsStr, attack: &Attack) -> io::Result<bool> {
    let directory = tempfile::tempdir()?;
    let files = (attack.files)();
    let bytes: usize = files.iter().map(|file| file.text.len()).sum();
    written(directory.path(), &files)?;
    let (seconds, kib, status) = measured(program, directory.path(), attack.arguments)?;
    let within = seconds <= MOST_SECONDS && kib <= MOST_KIB && status < 2;
    let mark = if within { ' ' } else { '*' };
    println!(
        "{:34} {bytes:>9} {seconds:>7.2} {:>8.1}  {status} {mark}",
        attack.name,
        kib as f64 / 1024.0
    );
    Ok(within)
}

fn written(root: &Path, files: &[File]) -> io::Result<()> {
    for file in files {
        let path = root.join(&file.path);
        fs::create_dir_all(path.parent().unwrap_or(root))?;
        fs::write(path, &file.text)?;
    }
    Ok(())
}

/// Seconds of CPU, the peak in KiB, and the exit status.
fn measured(program: &OsStr, root: &Path, arguments: &[&str]) -> io::Result<(f64, u64, i32)> {
    let script = "ulimit -v 8000000; exec timeout 20 /usr/bin/time -q -f '%U %S %M %x' \"$0\" check \"$@\"";
    let output = Command::new("sh")
        .args([OsStr::new("-c"), OsStr::new(script), program])
        .args(["--format", "concise"])
        .args(arguments)
        .arg(root)
        .output()?;
    let text = String::from_utf8_lossy(&output.stderr);
    let figures: Vec<&str> = text.lines().last().unwrap_or_default().split(' ').collect();
    let [user, system, kib, status] = figures.as_slice() else {
        return Ok((60.0, 0, output.status.code().unwrap_or(-1)));
    };
    let seconds = |text: &str| text.parse::<f64>().unwrap_or(60.0);
    Ok((
        seconds(user) + seconds(system),
        kib.parse().unwrap_or(u64::MAX),
        status.parse().unwrap_or(-1),
    ))
}
