//! Makes what `tests/golden` lacks, by running the program: `cargo test --release --test suite -- --ignored
//! golden::make`. What is there is never touched.

use std::path::Path;

use diffusion_lab::datasets::{Dataset, Split, write_idx};
use image::{Rgb, RgbImage};
use serde_json::{Map, Value, json};

use super::case::{Case, GOLDEN, cases, names};
use super::compare::{describe, place};
use super::{listed, window};
use crate::cli::{lab, stderr};

/// With times in it, and nothing that `metrics.csv` does not say.
const NOT_KEPT: &str = "events.out.tfevents.diffusion-lab";

#[test]
#[ignore = "writes tests/golden; see its README"]
fn make() {
    make_inputs(&Path::new(GOLDEN).join("inputs"));
    for case in cases() {
        if !case.folder().exists() {
            println!("{}", case.name);
            make_case(&case);
        }
    }
    listed::make();
    window::make();
}

fn make_case(case: &Case) {
    let folder = case.folder();
    std::fs::create_dir_all(&folder).unwrap();
    let mut arguments = case.writing_to(&folder);
    if case.is_experiment() {
        arguments.push("--json".to_owned());
    }
    let output = lab(&arguments.iter().map(String::as_str).collect::<Vec<_>>());
    if !output.status.success() {
        std::fs::remove_dir_all(&folder).unwrap(); // to be made once it can be
        panic!("{}: {}", case.name, stderr(&output));
    }
    let mut described = Map::new();
    for name in names(&folder) {
        let path = folder.join(&name);
        if name != NOT_KEPT && is_kept(&path) {
            continue;
        }
        if name != NOT_KEPT && !name.starts_with("resume") {
            described.insert(name, describe(&path));
        }
        std::fs::remove_file(&path).unwrap();
    }
    write(&folder.join("golden.json"), &json!({ "place": place(), "described": described }));
    if case.is_experiment() {
        let events = first_of_each(&String::from_utf8(output.stdout).unwrap());
        std::fs::write(folder.join("events.jsonl"), events).unwrap();
    }
}

/// Animations are large, and tensors where no later line goes on from them: of those a description is kept.
fn is_kept(path: &Path) -> bool {
    let named = || {
        let names = |word: &String| word.split('@').next() == path.to_str();
        cases().iter().any(|other| other.arguments.iter().any(names))
    };
    match path.extension().and_then(|ending| ending.to_str()) {
        Some("gif" | "apng") => false,
        Some("safetensors") => named(),
        _ => true,
    }
}

/// The first event of each kind, a line each.
fn first_of_each(events: &str) -> String {
    let mut seen: Vec<Value> = Vec::new();
    let mut kept = String::new();
    for line in events.lines() {
        let event: Value = serde_json::from_str(line).unwrap();
        if !seen.contains(&event["event"]) {
            seen.push(event["event"].clone());
            kept += &format!("{line}\n");
        }
    }
    kept
}

pub fn write(path: &Path, value: &Value) {
    std::fs::write(path, format!("{}\n", serde_json::to_string_pretty(value).unwrap())).unwrap();
}

/// A picture wider than high, a soft mask of its shape, and a few digits of the program's own set as a folder.
fn make_inputs(folder: &Path) {
    if folder.exists() {
        return;
    }
    let digits = folder.join("digits");
    std::fs::create_dir_all(&digits).unwrap();
    let source = RgbImage::from_fn(40, 30, |x, y| {
        let inside = (x as f32 - 18.0).hypot(y as f32 - 13.0) < 9.0;
        if inside { Rgb([230, 80 + y as u8 * 3, 40]) } else { Rgb([x as u8 * 3, y as u8 * 5, 150]) }
    });
    source.save(folder.join("source.png")).unwrap();
    let mask = RgbImage::from_fn(40, 30, |x, y| {
        let beyond = (x as f32 - 24.0).hypot(y as f32 - 12.0) - 7.0;
        Rgb([((1.0 - beyond / 4.0).clamp(0.0, 1.0) * 255.0) as u8; 3])
    });
    mask.save(folder.join("mask.png")).unwrap();
    let mnist = Dataset::open("mnist").unwrap();
    for (split, name, count) in [(&mnist.train, "train", 64), (&mnist.test, "t10k", 24)] {
        let few: Split = split.first(count);
        let pictures = write_idx(&[count, 28, 28], few.bytes());
        std::fs::write(digits.join(format!("{name}-images-idx3-ubyte")), pictures).unwrap();
        std::fs::write(digits.join(format!("{name}-labels-idx1-ubyte")), write_idx(&[count], few.labels())).unwrap();
    }
}
