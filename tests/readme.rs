//! What the README shows as output is what the program prints.
//!
//! A fenced block behind a line `<!-- output: meshlint ARGUMENTS -->` holds the standard output of that command,
//! run in the project's directory.
#![allow(missing_docs, clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod common;

use clap::ValueEnum;
use meshlint::report::Format;

const MARKER: &str = "<!-- output: meshlint ";

#[test]
fn outputs_in_the_readme_are_real() {
    let path = common::project().join("README.md");
    let readme = std::fs::read_to_string(&path).expect("there is a README.md");
    let (wanted, blocks) = with_outputs(&readme, &|arguments| common::stdout(&common::run(arguments)));
    assert!(
        blocks > 0,
        "the README shows no output; put `{MARKER}… -->` before a fenced block"
    );
    common::check_generated(&path, &readme, &wanted);
}

/// The text with every marked block replaced by the output of its command (or made, where there is none yet), and how
/// many there are.
fn with_outputs(text: &str, run: &dyn Fn(&[&str]) -> String) -> (String, usize) {
    let mut replaced = String::new();
    let mut blocks = 0;
    let mut lines = text.lines().peekable();
    while let Some(line) = lines.next() {
        replaced.push_str(line);
        replaced.push('\n');
        let Some(command) = line
            .strip_prefix(MARKER)
            .and_then(|rest| rest.strip_suffix(" -->"))
        else {
            continue;
        };
        let fence = lines.next_if(|line| line.starts_with("```"));
        if fence.is_some() {
            lines
                .by_ref()
                .find(|line| line.starts_with("```"))
                .expect("the end of the block");
        }
        let arguments: Vec<&str> = command.split_whitespace().collect();
        let output = run(&arguments);
        replaced.push_str(&format!(
            "{}\n{}\n```\n",
            fence.unwrap_or("```text"),
            output.trim_end()
        ));
        blocks += 1;
    }
    (replaced, blocks)
}

#[test]
fn only_marked_blocks_are_replaced() {
    let text =
        "# x\n\n```sh\ncargo run\n```\n\n<!-- output: meshlint check a b -->\n```text\nold\n```\nend\n";
    let (replaced, blocks) = with_outputs(text, &|arguments| arguments.join("+") + "\n");
    assert_eq!(blocks, 1);
    assert_eq!(replaced, text.replace("old", "check+a+b"));
    let fresh = text.replace("```text\nold\n```\n", "");
    assert_eq!(with_outputs(&fresh, &|_| "check+a+b".to_owned()).0, replaced);
}

#[test]
fn the_readme_tells_of_every_format() {
    let readme = std::fs::read_to_string(common::project().join("README.md")).unwrap();
    for format in Format::value_variants() {
        let value = format.to_possible_value().unwrap();
        let row = format!("\n| `{}` | ", value.get_name());
        assert_eq!(readme.matches(&row).count(), 1, "{row}");
    }
}
