//! A start that follows a crash opens without what the last session named, says so, and keeps it.

use std::path::{Path, PathBuf};

use diffusion_lab::app::Window;
use diffusion_lab::app::home::Home;
use diffusion_lab::app::session::Session;
use diffusion_lab::experiments::{Branch, Source};
use egui_kittest::Harness;

use super::{Scripted, scripted, until, window};

const MARK: &str = "opening-sources";
const BEFORE: &str = "session.before-crash.json";

/// A session that names files in every way, of a home that has them.
fn named(home: &Path) -> (Session, PathBuf) {
    let picture = home.join("picture.png");
    image::RgbImage::from_pixel(40, 40, image::Rgb([9, 120, 60])).save(&picture).expect("a picture");
    let mut session = Session { panel: "inpaint".to_owned(), ..Default::default() };
    let recipe = session.recipe_mut();
    recipe.source.image = Some(Source::File(picture.clone()));
    recipe.inpainting.mask = Some(Source::File(picture.clone()));
    recipe.prompting.prompt = vec!["a pine".to_owned()];
    let sample = session.recipes.get_mut("sample").expect("a panel");
    sample.source.branch = Some(Branch { path: home.join("trajectory.safetensors"), step: 3 });
    sample.networks.model = home.join("model").display().to_string();
    sample.networks.stage_2 = "DeepFloyd/IF-II-M-v1.0".to_owned();
    let digits = session.recipes.get_mut("digits-sample").expect("a panel");
    digits.digits.checkpoint = Some(home.join("checkpoint.safetensors").display().to_string());
    session.save(&Home::at(home)).expect("a session");
    (session, picture)
}

fn start(home: &Path) -> Harness<'static, Window> {
    window(home, Box::new(Scripted::default()))
}

fn said(harness: &Harness<'static, Window>) -> Option<String> {
    harness.state().shared.toasts.texts().find(|text| text.contains("left out")).map(str::to_owned)
}

#[test]
fn the_mark_stands_while_sources_are_opened_and_no_longer() {
    let home = tempfile::tempdir().expect("a temporary folder");
    let (session, picture) = named(home.path());
    let mark = home.path().join(MARK);
    let lab = Window::new(Home::at(home.path()), Box::new(Scripted::default()), || {});
    assert!(mark.exists(), "from before the first is opened");
    drop(lab); // killed there
    std::fs::remove_file(&mark).expect("the mark");
    let mut harness = start(home.path());
    until(&mut harness, "everything", |_| !mark.exists());
    assert!(
        said(&harness).is_none()
            && harness.state().shared.session.recipe().source.image == session.recipe().source.image
    );
    // Another source in the open window: the mark is up again until it is there.
    let other = home.path().join("other.png");
    std::fs::copy(picture, &other).expect("a copy");
    harness.state_mut().shared.session.recipe_mut().source.image = Some(Source::File(other));
    harness.step();
    assert!(mark.exists());
    until(&mut harness, "the other", |_| !mark.exists());
    harness.state().save_now();
    assert!(said(&start(home.path())).is_none());
}

#[test]
fn after_a_crash_sources_are_left_out_and_kept() {
    let home = tempfile::tempdir().expect("a temporary folder");
    let (session, picture) = named(home.path());
    std::fs::write(home.path().join(MARK), "").expect("a mark");
    let mut harness = start(home.path());
    let line = said(&harness).expect("a line");
    for part in ["picture.png", "session.before-crash.json", "ended while"] {
        assert!(line.contains(part), "{line}");
    }
    let now = &harness.state().shared.session;
    let (inpaint, sample) = (&now.recipes["inpaint"], &now.recipes["sample"]);
    assert!(inpaint.source.image.is_none() && inpaint.inpainting.mask.is_none() && sample.source.branch.is_none());
    assert!(now.recipes["digits-sample"].digits.checkpoint.is_none());
    assert_eq!(
        (sample.networks.model.as_str(), sample.networks.stage_2.as_str()),
        ("built-in", "DeepFloyd/IF-II-M-v1.0")
    );
    assert_eq!(
        (now.panel.as_str(), inpaint.prompting.prompt.clone()),
        ("inpaint", vec!["a pine".to_owned()]),
        "the rest stays"
    );
    // Nothing is lost: the old session is whole beside the new one, and the window works.
    let before = Session::load(&home.path().join(BEFORE)).expect("a session").expect("it is there");
    assert_eq!(before.recipes, session.recipes);
    assert!(picture.exists());
    until(&mut harness, "the mark's end", |_| !home.path().join(MARK).exists());
    harness.state_mut().shared.session.recipe_mut().source.image = Some(Source::File(picture.clone()));
    harness.run_ok();
    harness.state().save_now();
    drop(harness);
    // The next start is an ordinary one.
    let harness = start(home.path());
    assert!(said(&harness).is_none());
    assert_eq!(harness.state().shared.session.recipe().source.image, Some(Source::File(picture)));
}

/// Pictures that were painted or pasted are kept as long as the session from before the crash names them.
#[test]
fn what_was_painted_outlives_the_crash() {
    let (home, _engine, mut harness) = scripted();
    let image = egui::ColorImage::filled([8, 8], egui::Color32::GREEN);
    harness.event(egui::Event::PasteImage(std::sync::Arc::new(image)));
    harness.run_ok();
    harness.state().save_now();
    drop(harness);
    let kept = || std::fs::read_dir(home.path().join("sources")).expect("a folder").count();
    assert_eq!(kept(), 1);
    std::fs::write(home.path().join(MARK), "").expect("a mark");
    for start_number in 0..3 {
        let mut harness = start(home.path());
        assert!(harness.state().shared.session.named_files().is_empty());
        // What is kept is gone through before the session is written, by one thread.
        harness.state_mut().shared.session.recipe_mut().prompting.negative = format!("mud {start_number}");
        let written = || std::fs::read_to_string(home.path().join("session.json")).expect("a session");
        until(&mut harness, "the session", |_| written().contains(&format!("mud {start_number}")));
        assert_eq!(kept(), 1);
    }
}

/// A crash while nothing was named is none of the session's.
#[test]
fn a_mark_without_sources_says_nothing() {
    let home = tempfile::tempdir().expect("a temporary folder");
    Session::default().save(&Home::at(home.path())).expect("a session");
    std::fs::write(home.path().join(MARK), "").expect("a mark");
    assert!(said(&start(home.path())).is_none() && !home.path().join(BEFORE).exists());
}
