use std::path::Path;

use diffusion_lab::experiments::{Source, recipe_from_bytes};
use egui_kittest::kittest::Queryable;
use image::{Rgb, RgbImage};
use serde_json::json;

use super::{carrying, write};
use crate::app::{drop_file, scripted, until};
use crate::cli::{lab, refuses, stderr};

/// A picture of the user's that no recipe of a stranger's may have.
fn passport(folder: &Path) -> String {
    let path = folder.join("passport.png");
    RgbImage::from_pixel(64, 64, Rgb([200, 30, 30])).save(&path).unwrap();
    path.display().to_string()
}

/// Every setting that can name a file, alone and along the sides of a grid.
fn asking(secret: &str) -> Vec<(&'static str, serde_json::Value)> {
    vec![
        ("image", json!({ "experiment": "edit", "image": secret })),
        ("mask", json!({ "experiment": "inpaint", "image": "built-in:lighthouse", "mask": secret })),
        ("branch", json!({ "experiment": "sample", "branch": format!("{secret}@3") })),
        ("embeddings", json!({ "experiment": "sample", "embeddings": secret })),
        ("text_encoder", json!({ "experiment": "sample", "text_encoder": secret })),
        ("model", json!({ "experiment": "sample", "model": secret })),
        ("stage_2", json!({ "experiment": "sample", "stage_2": secret })),
        (
            "x",
            json!({ "experiment": "edit", "image": "built-in:lighthouse", "x": format!("image=built-in:drawing,{secret}") }),
        ),
        ("y", json!({ "experiment": "sample", "y": format!("embeddings={secret}") })),
        ("checkpoint", json!({ "experiment": "digits-sample", "checkpoint": secret })),
        ("classifier", json!({ "experiment": "digits-score", "classifier": secret })),
        ("samples", json!({ "experiment": "digits-score", "samples": secret })),
        ("data", json!({ "experiment": "digits-noise", "data": secret })),
        ("resume", json!({ "experiment": "digits-train", "resume": secret })),
        ("init", json!({ "experiment": "digits-train", "init": secret })),
    ]
}

#[test]
fn every_setting_that_names_a_file_is_asked_for() {
    let folder = tempfile::tempdir().unwrap();
    let secret = passport(folder.path());
    for (key, recipe) in asking(&secret) {
        let foreign = recipe_from_bytes(recipe.to_string().as_bytes(), None).unwrap();
        let files: Vec<_> = foreign.files().iter().map(|file| (file.key, file.path.as_str())).collect();
        assert_eq!(files, [(key, secret.as_str())], "{recipe}");
        // Without them, nothing of it is left; with them, everything.
        assert!(!serde_json::to_string(&foreign.harmless().to_json().unwrap()).unwrap().contains(&secret), "{recipe}");
        assert!(foreign.clone().checked().unwrap_err().to_string().contains(&secret));
        assert!(serde_json::to_string(&foreign.trusted().to_json().unwrap()).unwrap().contains(&secret));
    }
    // What comes with the program, what is carried, and models by name.
    for recipe in [
        json!({ "experiment": "edit", "image": "built-in:lighthouse" }),
        json!({ "experiment": "edit", "image": "sha256:00" }),
        json!({ "experiment": "sample", "model": "DeepFloyd/IF-I-M-v1.0", "text_encoder": "owner/name" }),
        json!({ "experiment": "digits-inpaint", "checkpoint": "digits-class", "data": "mnist" }),
    ] {
        let foreign = recipe_from_bytes(recipe.to_string().as_bytes(), None).unwrap();
        assert!(foreign.files().is_empty() && foreign.checked().is_ok(), "{recipe}");
    }
}

/// A name without a place is a file too where one lies in the working folder, and so is what leads elsewhere.
#[test]
fn names_that_lead_to_files_are_files() {
    for name in ["./here", "../up", "a/b/../../c", "/etc", "~/x", r"\\host\share", "Cargo.toml"] {
        let recipe = json!({ "experiment": "sample", "model": name });
        let foreign = recipe_from_bytes(recipe.to_string().as_bytes(), None).unwrap();
        assert_eq!(foreign.files().len(), 1, "{name}");
    }
}

#[test]
fn the_shell_reads_them_when_it_is_told_to() {
    let folder = tempfile::tempdir().unwrap();
    let secret = passport(folder.path());
    let recipe = json!({ "experiment": "forward", "image": secret, "t": [300], "model": "built-in" }).to_string();
    for (name, bytes) in [("a.json", recipe.clone().into_bytes()), ("a.png", carrying(&recipe))] {
        let file = write(folder.path(), name, &bytes);
        let out = folder.path().join(format!("of-{name}")).display().to_string();
        refuses(&["run", &file, "--out", &out], 2, &["image", &secret, "--trust"]);
        assert!(!Path::new(&out).exists(), "nothing was begun");
        for more in [&["--trust"][..], &["--set", "image=built-in:drawing"]] {
            let output = lab(&[&["run", &file, "--quiet", "--out", &out], more].concat());
            assert!(output.status.success(), "{}", stderr(&output));
        }
    }
}

/// A relative name is looked for beside the recipe.
#[test]
fn a_picture_beside_its_recipe_is_found() {
    let folder = tempfile::tempdir().unwrap();
    passport(folder.path());
    let recipe = json!({ "experiment": "forward", "image": "passport.png", "t": [300] }).to_string();
    let file = write(folder.path(), "a.json", recipe.as_bytes());
    let out = folder.path().join("out").display().to_string();
    let output = lab(&["run", &file, "--trust", "--quiet", "--out", &out]);
    assert!(output.status.success(), "{}", stderr(&output));
}

/// Dropped on the window: nothing is read before the answer, and the same file is asked about once.
#[test]
fn the_window_asks_first() {
    let folder = tempfile::tempdir().unwrap();
    let secret = passport(folder.path());
    let recipe = json!({ "experiment": "edit", "image": secret, "prompt": ["a cat"] }).to_string();
    let file = folder.path().join("shared.png");
    std::fs::write(&file, carrying(&recipe)).unwrap();
    let (_home, _engine, mut harness) = scripted();
    let before = harness.state().shared.session.clone();
    drop_file(&mut harness, &file);
    until(&mut harness, "the question", |lab| lab.dialogs.open.is_some());
    harness.run_ok();
    assert_eq!(harness.state().shared.session.recipes, before.recipes, "nothing is taken over yet");
    assert!(harness.query_by_label(&secret).is_some(), "the file is named");
    harness.get_by_label("Open without them").click();
    until(&mut harness, "the settings", |lab| lab.shared.session.panel == "edit");
    assert_eq!(harness.state().shared.session.recipe().prompting.prompt, ["a cat"]);
    assert_eq!(harness.state().shared.session.recipe().source.image, None);
    drop_file(&mut harness, &file);
    until(&mut harness, "the question", |lab| lab.dialogs.open.is_some());
    harness.run_ok();
    harness.get_by_label("Read these files").click();
    until(&mut harness, "the source", |lab| lab.shared.session.recipe().source.image.is_some());
    assert_eq!(harness.state().shared.session.recipe().source.image, Some(Source::File(secret.clone().into())));
    harness.state_mut().shared.session.recipe_mut().source.image = None;
    drop_file(&mut harness, &file);
    until(&mut harness, "the source again", |lab| lab.shared.session.recipe().source.image.is_some());
    assert!(harness.state().dialogs.open.is_none(), "it was allowed");
}
