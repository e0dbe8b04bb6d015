//! The window's own files: a session opens with every panel as it was, the gallery lists its pictures, and any picture
//! dropped on the window brings its settings back.

use std::path::{Path, PathBuf};

use diffusion_lab::app::home::Home;
use diffusion_lab::app::session::{Layout, Session};
use diffusion_lab::app::theme::Theme;
use diffusion_lab::experiments::{EXPERIMENTS, Source, read_recipe};
use diffusion_lab::pictures::drawing::{Area, Edges};
use diffusion_lab::worker::Destination;
use egui_kittest::kittest::Queryable;
use image::{Rgb, RgbImage};
use serde_json::Value;

use super::Runner;
use super::alone::says_what_it_carries;
use super::case::{GOLDEN, cases, json, names};
use super::compare;
use crate::app::{Scripted, drop_file, scripted, until, window};

fn folder() -> PathBuf {
    Path::new(GOLDEN).join("window")
}

/// A session with every panel at the settings of a picture of its own, and two pictures in the gallery.
pub fn make() {
    if folder().exists() {
        return;
    }
    let home = Home::at(&folder());
    let mut session = Session { panel: "inpaint".to_owned(), theme: Theme::Light, scale: 1.25, ..Session::default() };
    for case in cases().iter().filter(|case| case.is_experiment()) {
        // The last picture of a verb's last command: settings far from their defaults, pictures in memory.
        let recipe = case.pictures().into_iter().rfind(|name| name != "grid.png").map(|name| case.folder().join(name));
        let recipe = read_recipe(&recipe.unwrap_or_else(|| case.folder().join("result.json"))).unwrap().trusted();
        session.recipes.insert(case.verb().to_owned(), recipe);
    }
    session.window = [1024.0, 700.0];
    session.prompts = vec!["a rocket ship".to_owned(), "火箭".to_owned()];
    (session.seed_locked, session.side_panels, session.live) = (false, false, false);
    session.layout = Layout::Pictures;
    // Painted at the canvas's size; what the panel runs with is that with its edges moved.
    let edges = Edges { grow: 3, feather: 2.0 };
    let (painted, mask) = painted(edges);
    session.painted_masks.insert("inpaint".to_owned(), painted);
    session.recipes.get_mut("inpaint").unwrap().inpainting.mask = Some(mask);
    session.set_edges("inpaint", edges);
    session.captions.title = "A page".to_owned();
    session.captions.of.insert("sample-000001.png".to_owned(), "A caption".to_owned());
    session.save(&home).unwrap();
    let runner = Runner::new();
    for name in ["made/sample/sample-000.png", "made/edit/edit-000.png"] {
        let recipe = read_recipe(&Path::new(GOLDEN).join(name)).unwrap().trusted();
        runner.run(recipe, Destination::Gallery(home.gallery())).unwrap();
    }
}

/// A mask as it is painted, and with its edges changed.
fn painted(edges: Edges) -> (Source, Source) {
    let side = 256;
    let painted = RgbImage::from_fn(side, side, |x, y| {
        Rgb([if (x as f32 - 150.0).hypot(y as f32 - 110.0) < 50.0 { 255 } else { 0 }; 3])
    });
    let pixels: Vec<[u8; 1]> = painted.pixels().map(|pixel| [pixel[0]]).collect();
    let size = (side as usize, side as usize);
    let mut refined = vec![0; pixels.len()];
    edges.refine(&pixels, size, Area::whole(size.0, size.1), &mut refined);
    let refined = RgbImage::from_fn(side, side, |x, y| Rgb([refined[(y * side + x) as usize]; 3]));
    (Source::Held(painted.into()), Source::Held(refined.into()))
}

/// A home of a test's own with the session and the gallery in it; its sources stay where the session says.
fn home() -> tempfile::TempDir {
    let home = tempfile::tempdir().unwrap();
    std::fs::copy(folder().join("session.json"), home.path().join("session.json")).unwrap();
    std::fs::create_dir(home.path().join("gallery")).unwrap();
    for name in names(&folder().join("gallery")) {
        std::fs::copy(folder().join("gallery").join(&name), home.path().join("gallery").join(&name)).unwrap();
    }
    home
}

#[test]
fn a_session_opens_with_every_panel_as_it_was() {
    let home = home();
    let harness = window(home.path(), Box::new(Scripted::default()));
    let lab = harness.state();
    assert_eq!(lab.shared.toasts.texts().count(), 0, "{:?}", lab.shared.toasts.texts().collect::<Vec<_>>());
    for experiment in EXPERIMENTS {
        assert!(lab.shared.session.recipes.contains_key(experiment.verb), "no panel {}", experiment.verb);
        for source in [
            &lab.shared.session.recipes[experiment.verb].source.image,
            &lab.shared.session.recipes[experiment.verb].inpainting.mask,
        ] {
            let _ = source.as_ref().map(|source| source.load().expect("a source of the session"));
        }
    }
    lab.save_now();
    let then = json(&folder().join("session.json"));
    let now = json(&home.path().join("session.json"));
    // A slider that is drawn rounds its number anew.
    let close = |then: &Value, now: &Value| {
        let apart = then.as_f64().zip(now.as_f64()).map(|(then, now)| (then - now).abs());
        then == now || apart.is_some_and(|apart| apart < 1e-6)
    };
    compare::keeps(&then, &now, &close).unwrap();
}

#[test]
fn the_gallery_lists_and_shows_its_pictures() {
    let home = home();
    let mut harness = window(home.path(), Box::new(Scripted::default()));
    // The session hides the gallery's strip.
    harness.state_mut().shared.session.side_panels = true;
    let all = names(&folder().join("gallery"));
    until(&mut harness, "the listing", |lab| lab.gallery.paths.len() == all.len());
    for name in all {
        harness.get_by_label(&name).click();
        harness.step();
        let path = home.path().join("gallery").join(&name);
        until(&mut harness, "the picture", |lab| {
            lab.viewer.stage.loaded.as_ref().is_some_and(|loaded| loaded.path == path)
        });
        let recipe = harness.state().viewer.stage.loaded.as_ref().unwrap().recipe.clone().expect("its recipe");
        assert_eq!(recipe, read_recipe(&path).unwrap());
    }
}

/// The first picture of every verb.
#[test]
fn a_dropped_picture_restores_its_panel() {
    let (_home, _engine, mut harness) = scripted();
    for experiment in EXPERIMENTS {
        let path = Path::new(GOLDEN).join("made").join(experiment.verb).join(format!("{}-000.png", experiment.verb));
        if !path.is_file() {
            continue; // it makes numbers
        }
        harness.state_mut().shared.session.panel =
            if experiment.verb == "sample" { "edit" } else { "sample" }.to_owned();
        harness.run_ok();
        drop_file(&mut harness, &path);
        // What it names beside what it carries is asked for, each file once.
        until(&mut harness, "an answer", |lab| {
            lab.dialogs.open.is_some() || lab.shared.session.panel == experiment.verb
        });
        if harness.state().dialogs.open.is_some() {
            harness.run_ok();
            harness.get_by_label("Read these files").click();
        }
        until(&mut harness, "the settings", |lab| lab.shared.session.panel == experiment.verb);
        says_what_it_carries(&path, harness.state().shared.session.recipe())
            .unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    }
}
