use std::path::Path;
use std::process::Command;

/// A token that nothing but the hub may ever see.
const TOKEN: &str = "hf_ThisIsNobodysTokenButMine0123456789";

/// Every file below `folder` that holds the token.
fn holding(folder: &Path) -> Vec<String> {
    let mut found = Vec::new();
    for path in std::fs::read_dir(folder).into_iter().flatten().map(|entry| entry.unwrap().path()) {
        if path.is_dir() {
            found.extend(holding(&path));
        } else if std::fs::read(&path).unwrap().windows(TOKEN.len()).any(|piece| piece == TOKEN.as_bytes()) {
            found.push(path.display().to_string());
        }
    }
    found
}

/// With a token set, whatever is made, said or left behind is without it: results, pages, errors, session and settings.
#[test]
fn the_token_stays_where_it_is() {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name).display().to_string();
    let narrow = crate::reference::path("models/narrow").display().to_string();
    let (out, page) = (at("out"), at("page"));
    let commands: [&[&str]; 6] = [
        &["sample", "--model", &narrow, "--steps", "1", "--stage-2", "none", "--tensors", "--json", "--out", &out],
        &["report", "a1.1", "--model", &narrow, "--out", &page],
        &["models", "fetch", "if-i-m"],
        &["models", "--json"],
        &["sample", "--model", "owner/is-not-here", "--out", &out],
        &["run", "/nowhere", "--out", &out],
    ];
    for token in [TOKEN.to_owned(), format!("{TOKEN}\r\nx: y")] {
        for arguments in commands {
            let mut command = Command::new(env!("CARGO_BIN_EXE_diffusion-lab"));
            command.args(arguments).env("HF_TOKEN", &token).env("DIFFUSION_LAB_HOME", at("home"));
            // A hub at which nobody listens.
            command.env("HF_ENDPOINT", "http://127.0.0.1:9").env("HF_HOME", at("hub"));
            command.env_remove("DISPLAY").env_remove("WAYLAND_DISPLAY");
            let output = command.output().unwrap();
            for said in [&output.stdout, &output.stderr] {
                let said = String::from_utf8_lossy(said);
                assert!(!said.contains(TOKEN), "{arguments:?}: {said}");
                assert!(token == TOKEN || arguments[1] != "fetch" || !said.contains("network"), "{said}");
            }
        }
    }
    assert!(Path::new(&out).join("sample-000.png").is_file());
    assert_eq!(holding(folder.path()), Vec::<String>::new());
}
