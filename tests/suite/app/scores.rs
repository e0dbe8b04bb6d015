//! The page of scores: it stays, after a restart too, with every score that there was.

use std::path::Path;

use diffusion_lab::experiments::{Recipe, described};
use diffusion_lab::worker::{Destination, Event, JobId, What};
use egui::accesskit::Role;
use egui_kittest::kittest::Queryable;
use image::RgbImage;
use serde_json::json;

use super::{Scripted, real, scripted, until, window};

/// A folder as `digits-score` writes it: `right` of 10 digits of each class are read as asked, the others as a 0.
pub fn folder_of_a_score(folder: &Path, checkpoint: Option<&str>, right: u64) {
    std::fs::create_dir_all(folder).expect("a folder");
    let recipe = Recipe::new("digits-score").with(|recipe| recipe.digits.checkpoint = checkpoint.map(str::to_owned));
    let row = |class: usize| {
        let mut row = [0; 10];
        row[class] += right;
        row[0] += 10 - right;
        row
    };
    let mut result = described(recipe.to_json().expect("a recipe"), &serde_json::Map::new());
    result.insert(
        "measures".to_owned(),
        json!({
            "guidance": 5.0, "steps": 500, "seed": 180, "samples": 100, "accuracy": right as f64 / 10.0,
            "frechet_distance": 4.0 + right as f64, "frechet_floor_train_test": 0.5, "read_as": vec![10; 10],
            "confusion": (0..10).map(row).collect::<Vec<_>>(),
        }),
    );
    std::fs::write(folder.join("result.json"), serde_json::to_string(&result).expect("JSON")).expect("a file");
    RgbImage::new(140, 60).save(folder.join("grid.png")).expect("a picture");
}

#[test]
fn a_score_stays_with_its_table_its_matrix_and_its_misread_digits() {
    let (home, engine, mut harness) = scripted();
    harness.get_by_role_and_label(Role::Tab, "Score digits").click();
    harness.run_ok();
    harness.get_by_label("Generate").click();
    harness.run_ok();
    let destination = engine.with(|script| script.jobs[0].destination.clone());
    let Destination::Folder { path, .. } = destination else { panic!("{destination:?}") };
    assert_eq!(path, home.path().join("scores/score-001"));
    folder_of_a_score(&path, None, 9);
    for what in [What::Started, What::Finished(Default::default())] {
        engine.with(|script| script.events.push_back(Event { job: JobId(1), what }));
    }
    harness.run_ok();
    until(&mut harness, "the score", |lab| lab.scores.all.len() == 1);
    harness.get_by_label_contains("90.0 % read as asked · Fréchet distance 13.00");
    harness.get_by_role_and_label(Role::Image, "Confusion matrix");
    until(&mut harness, "the misread digits", |lab| lab.scores.shows_misread());
    harness.get_by_role_and_label(Role::Image, "Misread digits");
    // Another network's score beside it, and both after a restart.
    folder_of_a_score(&home.path().join("scores/score-002"), Some("runs/class-003/checkpoint.safetensors"), 6);
    drop(harness);
    let mut harness = window(home.path(), Box::new(Scripted::default()));
    until(&mut harness, "both scores", |lab| lab.scores.all.len() == 2);
    harness.get_by_role_and_label(Role::Tab, "Score digits").click();
    harness.run_ok();
    let names: Vec<String> = harness.state().scores.all.iter().map(|score| score.checkpoint()).collect();
    assert!(names.contains(&"class-003".to_owned()) && names.contains(&"built-in".to_owned()), "{names:?}");
    let other = names.iter().position(|name| name == "class-003").expect("a row") + 1;
    harness.get_by_label(&format!("Score {other} of class-003")).click();
    harness.run_ok();
    harness.get_by_label_contains("60.0 % read as asked");
    assert_eq!(harness.state().scores.looked_at().expect("a score").1.confusion[3], [4, 0, 0, 6, 0, 0, 0, 0, 0, 0]);
}

/// The experiment's own files are what the page reads.
#[test]
fn what_is_scored_here_is_read_back() {
    let home = tempfile::tempdir().expect("a temporary folder");
    let mut harness = window(home.path(), real());
    let recipe = Recipe::new("digits-score").with(|recipe| {
        (recipe.sampling.count, recipe.sampling.steps) = (1, vec![2]);
        recipe.guidance.scale = vec![1.0, 3.0];
    });
    harness.state_mut().shared.session.open(recipe);
    harness.run_ok();
    harness.get_by_label("Generate").click();
    until(&mut harness, "the score", |lab| lab.scores.all.len() == 1);
    let score = &harness.state().scores.all[0];
    assert_eq!(score.scored.len(), 2, "one for each γ");
    for (scored, guidance) in score.scored.iter().zip([1.0, 3.0]) {
        assert_eq!((scored.samples, scored.drawn.expect("drawn here").0), (10, guidance));
        assert!(scored.confusion.iter().all(|row| row.iter().sum::<u64>() == 1), "one digit of each class");
        let right = (0..10).map(|class| scored.confusion[class][class]).sum::<u64>();
        assert_eq!(scored.accuracy, Some(right as f64 / 10.0));
    }
}
