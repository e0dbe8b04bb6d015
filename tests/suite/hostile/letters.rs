use serde_json::json;

use super::{carrying, write};
use crate::cli::{lab, stderr};

/// File names, recipes and tensor names reach the terminal as text, whatever is in them.
#[test]
fn no_message_moves_the_terminal() {
    let folder = tempfile::tempdir().unwrap();
    let evil = "\u{1b}]0;owned\u{7}\u{1b}[2J\r\u{9b}31m\u{202e}x";
    let out = folder.path().join("out").display().to_string();
    let recipe = |key: &str, value: &str| json!({ "experiment": "sample", key: value }).to_string();
    let mut heads = serde_json::Map::new();
    heads.insert(evil.to_owned(), json!({ "dtype": "F32", "shape": [1], "data_offsets": [0, 4] }));
    let head = serde_json::Value::Object(heads).to_string();
    let tensors = [&(head.len() as u64).to_le_bytes()[..], head.as_bytes(), &[0; 4]].concat();
    let weights = write(folder.path(), "w.safetensors", &tensors);
    let named = write(folder.path(), &format!("n{evil}.json"), b"{");
    for (index, arguments) in [
        vec!["run", &named],
        vec!["inspect", &named],
        vec!["inspect", &weights],
        vec!["inspect", &weights, "--json"],
        vec!["sample", "--model", evil, "--out", &out],
        vec!["sample", "--sampler", evil],
        vec![evil],
        vec!["digits-sample", "--checkpoint", &weights, "--out", &out],
        vec!["sample", "--embeddings", &weights, "--out", &out],
        vec!["run", &write(folder.path(), "a.json", recipe("sampler", evil).as_bytes())],
        vec!["run", &write(folder.path(), "b.json", recipe(evil, "1").as_bytes())],
        vec!["run", &write(folder.path(), "c.png", &carrying(&recipe("model", &format!("/{evil}"))))],
        vec!["inspect", &write(folder.path(), "d.png", &carrying(&recipe("negative", evil)))],
    ]
    .into_iter()
    .enumerate()
    {
        let output = lab(&arguments);
        for said in [&output.stdout, &output.stderr] {
            let text = String::from_utf8_lossy(said);
            let obeyed = |letter: char| (letter.is_control() && letter != '\n') || letter == '\u{202e}';
            assert!(!text.contains(obeyed), "{index}: {text:?}");
        }
    }
}

/// A stderr that takes nothing is no reason to break off.
#[test]
#[cfg(target_os = "linux")]
fn a_message_that_nobody_hears_is_no_panic() {
    let full = || std::fs::File::options().write(true).open("/dev/full").unwrap();
    let program = || std::process::Command::new(env!("CARGO_BIN_EXE_diffusion-lab"));
    let status = program().arg("--bogus").stderr(full()).status().unwrap();
    assert_eq!(status.code(), Some(2));
    let output = program().args(["list"]).stdout(full()).output().unwrap();
    assert_eq!((output.status.code(), stderr(&output).lines().count()), (Some(1), 1), "{}", stderr(&output));
}
