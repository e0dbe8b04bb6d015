//! The page of the course's figures: whole, not made twice, and safe from what it shows.

use std::collections::HashSet;
use std::path::Path;
use std::time::Duration;

use diffusion_lab::experiments::presets;
use diffusion_lab::report::{Entry, FIGURES, Page, loss_curve};
use serde_json::{Map, json};

use crate::cli::{lab, refuses, started, stderr};

#[test]
fn every_row_of_the_course_is_a_figure_that_can_run() {
    let rows: HashSet<&str> = FIGURES.iter().map(|figure| figure.row).collect();
    assert_eq!(rows.len(), FIGURES.len());
    for preset in presets().filter(|preset| preset.name.starts_with(['a', 'b'])) {
        // One figure shows both, and the flow without classes is no row of the account's.
        if !["a1.3", "b2.3-time", "b2.3-time-sample"].contains(&preset.name) {
            assert!(rows.contains(preset.name), "{} is on no page", preset.name);
        }
    }
    let choice = Map::from_iter([("model".to_owned(), json!("it's")), ("image".to_owned(), json!("campanile.png"))]);
    for figure in FIGURES {
        let changes = figure.changes(&choice).unwrap();
        let (recipe, _) = figure.recipe().unwrap().overlaid(changes.clone()).unwrap().completed().unwrap();
        recipe.complete().unwrap();
        let command = figure.command(&changes);
        assert_eq!(command.contains(r"model=it'\''s"), recipe.experiment().unwrap().reads("model"), "{command}");
        assert!(figure.row != "a1.7.1" || command == "diffusion-lab run a1.7.1 --set 'model=it'\\''s'", "{command}");
        assert!(!["a1.1", "a1.4", "a1.7"].contains(&figure.row) || command.contains("campanile.png"), "{command}");
    }
}

#[test]
fn figures_are_made_once_and_stand_on_the_page() {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("page").display().to_string();
    let arguments = ["report", "b1.3-denoise", "a1.1", "b1.1", "b1.2", "--out", &out];
    let output = lab(&arguments);
    assert!(output.status.success(), "{}", stderr(&output));
    let read = |name: &str| std::fs::read(Path::new(&out).join(name)).unwrap();
    let page = String::from_utf8(read("index.html")).unwrap();
    let at = |text: &str| page.find(text).unwrap_or_else(|| panic!("{text} is not on the page"));
    let order =
        ["id=\"a1.1\"", "src=\"a1.1/grid.png\"", "id=\"b1.1\"", "id=\"b1.2\"", "--train", "id=\"b1.3-denoise\""];
    assert!(order.windows(2).all(|pair| at(pair[0]) < at(pair[1])));
    assert!(!page.contains("http") && !page.contains("<script"), "nothing from elsewhere");

    // What is there is kept as it is; what is not is made, and the page comes to the same.
    let marked = Path::new(&out).join("a1.1/grid.png");
    std::fs::write(&marked, b"mine").unwrap();
    std::fs::remove_file(Path::new(&out).join("b1.1/recipe.json")).unwrap();
    std::fs::remove_file(Path::new(&out).join("b1.1/grid.png")).unwrap();
    assert!(lab(&arguments).status.success());
    assert_eq!(std::fs::read(&marked).unwrap(), b"mine");
    assert!(!read("b1.1/grid.png").is_empty());
    assert_eq!(page.as_bytes(), read("index.html"));

    refuses(&["report", "a9", "--out", &out], 2, &["a9", "a1.5"]);
    refuses(&["report", "a1.1", "--image", "/nowhere.png", "--out", &out], 1, &["a1.1", "index.html"]);
    assert!(String::from_utf8(read("index.html")).unwrap().contains("/nowhere.png"), "the page says why");
    assert!(!Path::new(&out).join("a1.1/recipe.json").exists(), "what was begun anew is not kept as it was");
}

/// Stopped twice, a training row has the steps of both calls.
#[test]
fn a_stopped_training_row_goes_on() {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().display().to_string();
    let metrics = || std::fs::read_to_string(folder.path().join("b1.2/metrics.csv")).unwrap_or_default();
    // Trains until there is a step more, however slow the machine.
    let further = |before: &str| {
        for seconds in [6, 12, 24, 48] {
            let mut child = started(&["report", "b1.2", "--train", "--quiet", "--out", &out]);
            std::thread::sleep(Duration::from_secs(seconds));
            // SAFETY: a signal to our own child.
            unsafe { libc::kill(child.id() as i32, libc::SIGINT) };
            assert_eq!(child.wait().unwrap().code(), Some(130));
            if metrics().len() > before.len() {
                break;
            }
        }
        metrics()
    };
    let first = further("");
    let second = further(&first);
    assert!(first.lines().count() > 1 && second.len() > first.len() && second.starts_with(&first), "{first}\n{second}");
    assert!(!folder.path().join("b1.2/recipe.json").exists(), "it is not done");
}

#[test]
fn what_a_page_shows_cannot_break_it() {
    let entry = Entry {
        row: "a0".to_owned(),
        heading: "<b>bold</b>".to_owned(),
        text: "γ < 1 & \"so\"".to_owned(),
        pictures: vec!["a0/\"onload=\".png".to_owned()],
        command: "--prompt '<script>'".to_owned(),
        recipe: "{}".to_owned(),
        lacking: None,
    };
    let html = Page { title: "T".to_owned(), about: String::new(), entries: vec![entry] }.html();
    assert!(!html.contains("<b>") && !html.contains("<script") && !html.contains("\"onload"), "{html}");
    assert!(html.contains("γ &lt; 1 &amp; &quot;so&quot;"));
}

/// A decade is as high anywhere on a logarithmic axis, and hostile losses leave a picture.
#[test]
fn loss_curves_fall_by_decades() {
    let curve = loss_curve(&[1.0, 0.1, 0.01, 0.001]);
    let raw = curve.split("points=\"").nth(1).unwrap().split('"').next().unwrap();
    let heights: Vec<f64> =
        raw.split_whitespace().map(|point| point.split(',').nth(1).unwrap().parse().unwrap()).collect();
    assert_eq!(heights.len(), 4);
    let steps: Vec<f64> = heights.windows(2).map(|pair| pair[1] - pair[0]).collect();
    assert!(steps.iter().all(|step| *step > 0.0 && (step - steps[0]).abs() < 0.2), "{heights:?}");
    for losses in [&[][..], &[0.5], &[0.0, 0.0], &[f32::NAN, 1.0, f32::INFINITY]] {
        let curve = loss_curve(losses);
        assert!(!curve.contains("NaN") && !curve.contains("inf"), "{losses:?}: {curve}");
    }
}
