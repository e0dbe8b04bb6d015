//! What is there again after a restart, and what happens to a file that is broken.

use diffusion_lab::app::theme::Theme;
use egui_kittest::kittest::Queryable;

use super::{Scripted, scripted, until, window};

#[test]
fn settings_survive_a_kill() {
    let (home, _engine, mut harness) = scripted();
    let lab = harness.state_mut();
    lab.shared.session.recipe_mut().prompting.prompt = vec!["a red and white lighthouse".to_owned()];
    lab.shared.session.recipe_mut().sampling.steps = vec![11];
    lab.shared.session.theme = Theme::Light;
    let file = home.path().join("session.json");
    until(&mut harness, "the session's file", |_| {
        std::fs::read_to_string(&file).is_ok_and(|text| text.contains("lighthouse"))
    });
    drop(harness); // nothing is written at the end
    let harness = window(home.path(), Box::new(Scripted::default()));
    assert_eq!(harness.state().shared.session.recipe().prompting.prompt, ["a red and white lighthouse"]);
    assert_eq!(harness.state().shared.session.recipe().sampling.steps, [11]);
    assert_eq!(harness.state().shared.session.theme, Theme::Light);
}

#[test]
fn a_pasted_source_survives_too() {
    let (home, _engine, mut harness) = scripted();
    let image = egui::ColorImage::filled([8, 8], egui::Color32::GREEN);
    harness.event(egui::Event::PasteImage(std::sync::Arc::new(image)));
    harness.run_ok();
    harness.state().save_now();
    drop(harness);
    let harness = window(home.path(), Box::new(Scripted::default()));
    let image = harness.state().shared.session.recipe().source.image.clone().expect("a source");
    assert_eq!(image.load().expect("its file").dimensions(), (8, 8));
}

/// Two windows have one session's file: the first keeps it, and the second says so.
#[test]
#[cfg(unix)]
fn a_second_window_leaves_the_session_alone() {
    let (home, _engine, mut first) = scripted();
    let told = |harness: &egui_kittest::Harness<'static, diffusion_lab::app::Window>| {
        harness.state().shared.toasts.texts().any(|text| text.contains("window of this program"))
    };
    let mut second = window(home.path(), Box::new(Scripted::default()));
    assert!(told(&second) && !told(&first));
    second.state_mut().shared.session.recipe_mut().prompting.prompt = vec!["of the second".to_owned()];
    second.run_ok();
    second.state().save_now();
    first.state_mut().shared.session.recipe_mut().prompting.prompt = vec!["of the first".to_owned()];
    first.run_ok();
    first.state().save_now();
    drop((first, second));
    let third = window(home.path(), Box::new(Scripted::default()));
    assert!(!told(&third));
    assert_eq!(third.state().shared.session.recipe().prompting.prompt, ["of the first"]);
}

#[test]
fn a_broken_session_is_ignored_and_said() {
    for broken in ["{", "[]", r#"{"version": 99}"#, ""] {
        let home = tempfile::tempdir().expect("a temporary folder");
        std::fs::write(home.path().join("session.json"), broken).expect("a file");
        let harness = window(home.path(), Box::new(Scripted::default()));
        assert_eq!(harness.state().shared.session.panel, "sample");
        harness.get_by_label_contains("The last session cannot be read");
    }
}

/// Every stroke is saved under a name of its own: what no session names any more is removed, and nothing else is.
#[test]
fn kept_pictures_that_nothing_names_are_removed() {
    let home = tempfile::tempdir().expect("a temporary folder");
    let sources = home.path().join("sources");
    std::fs::create_dir(&sources).expect("a folder");
    let file = |name: &str| sources.join(name);
    for name in ["0123456789abcdef.png", "fedcba9876543210.png", "mine.png"] {
        image::RgbImage::new(4, 4).save(file(name)).expect("a picture");
    }
    let mut session = diffusion_lab::app::session::Session { panel: "edit".to_owned(), ..Default::default() };
    session.recipe_mut().source.image = Some(diffusion_lab::experiments::Source::File(file("0123456789abcdef.png")));
    session.save(&diffusion_lab::app::home::Home::at(home.path())).expect("a session");
    let mut harness = window(home.path(), Box::new(Scripted::default()));
    until(&mut harness, "the removal", |_| !file("fedcba9876543210.png").exists());
    assert!(file("0123456789abcdef.png").exists() && file("mine.png").exists());
}
