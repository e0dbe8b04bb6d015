//! Files that come from outside: a picture with its recipe restores the panel, one without becomes a source, and
//! anything else is refused in words.

use std::path::Path;
use std::sync::Arc;

use diffusion_lab::app::form::inspector::set_path;
use diffusion_lab::app::session::Session;
use diffusion_lab::experiments::{EXPERIMENTS, Kind, Recipe, Source, carried};
use diffusion_lab::pictures::encode_png;
use egui_kittest::kittest::Queryable;
use image::RgbImage;

use super::{drop_file, scripted, until};

fn pixels() -> RgbImage {
    RgbImage::from_fn(64, 64, |x, y| image::Rgb([x as u8 * 4, y as u8 * 4, 90]))
}

#[test]
fn a_dropped_picture_restores_every_setting_and_its_panel() {
    let (home, _engine, mut harness) = scripted();
    let mut recipe = Recipe::new("sample");
    recipe.prompting.prompt = vec!["a pencil".to_owned()];
    recipe.sampling.steps = vec![7];
    recipe.guidance.scale = vec![2.5];
    recipe.sampling.seed = vec![99];
    let path = home.path().join("made.png");
    let bytes =
        encode_png(&pixels(), Some(&carried(&recipe, &serde_json::Map::new()).expect("metadata"))).expect("a PNG");
    std::fs::write(&path, bytes).expect("a file");
    harness.state_mut().shared.session.panel = "upscale".to_owned();
    harness.run_ok();
    drop_file(&mut harness, &path);
    until(&mut harness, "the settings", |lab| lab.shared.session.panel == "sample");
    assert_eq!(harness.state().shared.session.recipe(), &recipe);
    harness.get_by_label("Keep my seed").click();
    harness.run_ok();
    assert_eq!(harness.state().shared.session.recipe().sampling.seed, [180]);
    assert_eq!(harness.state().shared.session.recipe().prompting.prompt, recipe.prompting.prompt);
}

#[test]
fn a_picture_without_a_recipe_becomes_the_source_of_upscale() {
    let (home, _engine, mut harness) = scripted();
    let path = home.path().join("photo.png");
    pixels().save(&path).expect("a file");
    drop_file(&mut harness, &path);
    until(&mut harness, "the source", |lab| lab.shared.session.recipe().source.image.is_some());
    assert_eq!(harness.state().shared.session.panel, "upscale");
    harness.get_by_label_contains("The source is the picture from photo.png");
}

#[test]
fn a_pasted_picture_becomes_the_source_too() {
    let (_home, _engine, mut harness) = scripted();
    let image = egui::ColorImage::filled([8, 4], egui::Color32::RED);
    harness.event(egui::Event::PasteImage(Arc::new(image)));
    harness.run_ok();
    match &harness.state().shared.session.recipe().source.image {
        Some(Source::Held(pixels)) => assert_eq!(pixels.get_pixel(3, 2).0, [255, 0, 0]),
        other => panic!("{other:?}"),
    }
}

/// A diffusers folder, its index or its weights: the panel that is open takes it, or Sample does.
#[test]
fn a_dropped_model_is_chosen() {
    let models = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/reference/models");
    let (_home, _engine, mut harness) = scripted();
    for (panel, path, opened) in [
        ("anagram", models.join("narrow"), "anagram"),
        ("digits-train", models.join("deep/model_index.json"), "sample"),
    ] {
        harness.state_mut().shared.session.panel = panel.to_owned();
        harness.run_ok();
        drop_file(&mut harness, &path);
        let chosen = path.to_string_lossy().into_owned();
        until(&mut harness, "the model", |lab| lab.shared.session.recipe().networks.model == chosen);
        assert_eq!(harness.state().shared.session.panel, opened);
    }
    let stage_2 = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("assets/built-in/stage-2");
    drop_file(&mut harness, &stage_2);
    until(&mut harness, "the stage II", |lab| {
        lab.shared.session.recipe().networks.stage_2 == stage_2.to_string_lossy()
    });
}

#[test]
fn what_is_no_picture_is_refused_in_words() {
    let (home, _engine, mut harness) = scripted();
    let path = home.path().join("notes.png");
    std::fs::write(&path, b"not a picture at all").expect("a file");
    drop_file(&mut harness, &path);
    until(&mut harness, "the refusal", |lab| lab.shared.toasts.texts().next().is_some());
    harness.get_by_label_contains("notes.png");
    harness.get_by_label("Dismiss").click();
    harness.run_ok();
    assert_eq!(harness.state().shared.toasts.texts().count(), 0);
}

#[test]
fn a_thrown_away_picture_can_be_brought_back() {
    let home = tempfile::tempdir().expect("a temporary folder");
    let gallery = home.path().join("gallery");
    std::fs::create_dir(&gallery).expect("a folder");
    pixels().save(gallery.join("sample-000001.png")).expect("a file");
    let mut harness = super::window(home.path(), Box::new(super::Scripted::default()));
    until(&mut harness, "the listing", |lab| lab.gallery.paths.len() == 1);
    harness.get_by_label("sample-000001.png").click();
    harness.step();
    until(&mut harness, "the picture", |lab| lab.viewer.stage.loaded.is_some());
    harness.get_by_label("Move to trash").click();
    harness.run_ok();
    assert!(gallery.join("trash/sample-000001.png").is_file());
    harness.get_by_label("Undo").click();
    harness.run_ok();
    assert!(gallery.join("sample-000001.png").is_file());
}

/// Whatever names a file or a folder takes the one that is chosen.
#[test]
fn every_setting_that_names_a_file_takes_a_chosen_one() {
    let mut session = Session::default();
    for experiment in EXPERIMENTS {
        session.panel = experiment.verb.to_owned();
        for setting in experiment.settings() {
            if matches!(setting.kind, Kind::Picture | Kind::Mask | Kind::File | Kind::Folder | Kind::Model(_)) {
                set_path(&mut session, setting.key, Path::new("/somewhere/it"));
                assert_eq!((setting.field.get)(session.recipe()), "/somewhere/it", "{}", setting.key);
            }
        }
    }
}
