//! What is shown, and that nothing is said of, or done to, what is not: pictures of other panels, hidden pictures, pictures
//! without steps, messages, undo.

use std::sync::Arc;

use diffusion_lab::app::Window;
use diffusion_lab::app::commands::Command;
use diffusion_lab::app::session::Layout;
use diffusion_lab::app::viewer::Shown;
use diffusion_lab::app::widgets::toasts::Tone;
use diffusion_lab::app::window::Middle;
use diffusion_lab::experiments::{EXPERIMENTS, Recipe, carried};
use diffusion_lab::pictures::encode_png;
use diffusion_lab::worker::{Event, FinishedPicture, JobId, What};
use egui::Key;
use egui::accesskit::Role;
use egui_kittest::Harness;
use egui_kittest::kittest::Queryable;
use image::RgbImage;

use super::{Scripted, scripted, until, window};

fn open(harness: &mut Harness<'static, Window>, verb: &str) {
    harness.state_mut().shared.session.panel = verb.to_owned();
    harness.run_ok();
}

/// Generates at the open panel, and answers with so many pictures.
fn generate(engine: &Scripted, harness: &mut Harness<'static, Window>, pictures: usize) -> JobId {
    harness.state_mut().shared.session.recipe_mut().sampling.count = pictures;
    harness.state_mut().shared.commands.push(Command::Generate);
    harness.run_ok();
    let (job, recipe) =
        engine.with(|script| (JobId(script.jobs.len() as u64), script.jobs.last().map(|job| job.recipe.clone())));
    let recipe = recipe.expect("a job");
    let picture = |index: usize| {
        let pixels = Arc::new(RgbImage::from_pixel(32, 32, image::Rgb([index as u8 * 40, 0, 90])));
        What::Picture(Box::new(FinishedPicture { index, pixels, recipe: recipe.clone(), path: None }))
    };
    let all =
        std::iter::once(What::Started).chain((0..pictures).map(picture)).chain([What::Finished(Default::default())]);
    engine.with(|script| script.events.extend(all.map(|what| Event { job, what })));
    harness.run_ok();
    job
}

/// A window whose gallery has a picture that `recipe` made.
fn with_a_picture(home: &std::path::Path, engine: &Scripted, name: &str, recipe: &Recipe) -> Harness<'static, Window> {
    let gallery = home.join("gallery");
    std::fs::create_dir(&gallery).expect("a folder");
    let inside = carried(recipe, &serde_json::Map::new()).expect("a recipe");
    let png = encode_png(&RgbImage::from_pixel(32, 32, image::Rgb([9, 80, 90])), Some(&inside)).expect("a picture");
    std::fs::write(gallery.join(name), png).expect("a file");
    let mut harness = window(home, Box::new(engine.clone()));
    until(&mut harness, "the listing", |lab| lab.gallery.paths.len() == 1);
    harness.get_by_label(name).click();
    harness.step();
    until(&mut harness, "the picture", |lab| lab.viewer.stage.loaded.is_some());
    harness
}

#[test]
fn another_panels_pictures_take_no_room_and_hide_nothing() {
    let (_home, engine, mut harness) = scripted();
    let job = generate(&engine, &mut harness, 2);
    harness.get_by_label_contains("2 of 2 pictures");
    for (panel, middle) in [("anagram", Middle::Of(Layout::Workspace)), ("upscale", Middle::Empty)] {
        open(&mut harness, panel);
        assert_eq!(harness.state().middle(), middle, "{panel}");
        assert!(
            harness.query_by_label_contains("of 2 pictures").is_none(),
            "{panel}: nothing is said of what is hidden"
        );
        assert!(harness.query_by_label("Fit to window").is_none(), "{panel}: nothing is zoomed");
        assert!(harness.state().current().is_none(), "{panel}: no command has a picture");
    }
    open(&mut harness, "hybrid");
    let other = generate(&engine, &mut harness, 1);
    assert_eq!(harness.state().middle(), Middle::Of(Layout::Both));
    open(&mut harness, "sample");
    assert_eq!(harness.state().viewer.stage.shown, Shown::Job(job), "each panel's own pictures stand there again");
    open(&mut harness, "hybrid");
    assert_eq!(harness.state().viewer.stage.shown, Shown::Job(other));
}

#[test]
fn delete_does_nothing_to_a_picture_that_is_not_seen() {
    let home = tempfile::tempdir().expect("a temporary folder");
    let name = "anagram-000001.png";
    let recipe = Recipe::new("anagram");
    let mut harness = with_a_picture(home.path(), &Scripted::default(), name, &recipe);
    let there = || home.path().join("gallery").join(name).is_file();
    for hide in ["hybrid", "digits-train", "anagram"] {
        open(&mut harness, hide);
        harness.state_mut().shared.session.layout = Layout::Workspace;
        harness.run_ok();
        harness.key_press(Key::Delete);
        harness.run_ok();
        assert!(there(), "at {hide} it is not seen");
    }
    // A picture that is asked for is seen, and then it can be thrown away.
    harness.get_by_label(name).click();
    harness.step();
    until(&mut harness, "the picture", |lab| lab.current().is_some());
    assert_eq!(harness.state().middle(), Middle::Of(Layout::Both));
    harness.key_press(Key::Delete);
    harness.run_ok();
    assert!(!there());
    assert!(harness.state().shared.toasts.texts().any(|text| text.contains(name)), "it is said which one went");
}

#[test]
fn what_has_no_picture_yet_has_no_zoom() {
    let (_home, engine, mut harness) = scripted();
    harness.state_mut().shared.commands.push(Command::Generate);
    harness.run_ok();
    engine.with(|script| script.events.push_back(Event { job: JobId(1), what: What::Started }));
    harness.run_ok();
    assert_eq!(harness.state().viewer.zoom(), None);
    assert!(harness.query_by_role_and_label(Role::Button, "Fit to window").is_some());
    let recipe = harness.state().shared.session.recipe().clone();
    let pixels = Arc::new(RgbImage::new(32, 32));
    let picture = FinishedPicture { index: 0, pixels, recipe, path: None };
    engine.with(|script| script.events.push_back(Event { job: JobId(1), what: What::Picture(Box::new(picture)) }));
    harness.run_ok();
    assert!(harness.state().viewer.zoom().is_some_and(|zoom| (1.0..40.0).contains(&zoom)), "of a picture of 32 pixels");
}

#[test]
fn a_picture_without_steps_says_why_and_is_made_again_with_them() {
    let home = tempfile::tempdir().expect("a temporary folder");
    let engine = Scripted::default();
    let recipe = Recipe::new("sample").with(|recipe| {
        recipe.sampling.seed = vec![77];
        recipe.prompting.prompt = vec!["a pencil".to_owned()];
    });
    let mut harness = with_a_picture(home.path(), &engine, "sample-000001.png", &recipe);
    let settings = harness.state().shared.session.recipe().clone();
    harness.get_by_label_contains("Its steps are gone");
    harness.get_by_label("Make it again").click();
    harness.run_ok();
    let made = engine.with(|script| script.jobs.last().map(|job| job.recipe.clone())).expect("a job");
    assert_eq!((made.sampling.seed, made.prompting), (recipe.sampling.seed, recipe.prompting));
    assert_eq!(*harness.state().shared.session.recipe(), settings, "the panel's settings stay");
}

#[test]
fn a_digit_of_the_gallery_is_captioned_as_a_digit() {
    let home = tempfile::tempdir().expect("a temporary folder");
    let recipe = Recipe::new("digits-sample").with(|recipe| recipe.digits.classes = "7".to_owned());
    let harness = with_a_picture(home.path(), &Scripted::default(), "digits-sample-000001.png", &recipe);
    assert_eq!(harness.state().viewer.stage.cells[0].label, "digit 7");
}

/// Messages have a place of their own: rows above the bar and a line in it.
#[test]
fn messages_cover_neither_settings_nor_pictures() {
    let (_home, engine, mut harness) = scripted();
    generate(&engine, &mut harness, 1);
    harness.state_mut().shared.toasts.tell(Tone::Failed, "the disk is full");
    harness.state_mut().shared.toasts.tell(Tone::Done, "the picture is on the clipboard");
    harness.run_ok();
    let rect = |text: &str| harness.get_by_label_contains(text).rect();
    let (failed, done) = (rect("The disk is full"), rect("The picture is on the clipboard"));
    let button = |name: &str| harness.get_by_label(name).rect();
    assert!(button("Generate").bottom() <= failed.top(), "the button is in reach");
    assert!(harness.get_by_role_and_label(Role::Canvas, "Pictures").rect().bottom() <= failed.top());
    assert!(failed.bottom() <= button("Jobs").top() && button("Jobs").y_range().intersects(done.y_range()));
    let note = |harness: &mut Harness<'static, Window>| {
        let what = What::Note("reading the set of digits".to_owned());
        engine.with(|script| script.events.push_back(Event { job: JobId(1), what }));
        harness.run_ok();
        harness.query_by_label_contains("Reading the set of digits").is_some()
    };
    assert!(note(&mut harness));
    harness.state_mut().shared.toasts.clear();
    assert!(!note(&mut harness), "what every job says is said once");
}

/// In a low, narrow window every experiment is there to be clicked.
#[test]
fn the_rail_reaches_every_experiment() {
    let (_home, _engine, mut harness) = scripted();
    for size in [[1024.0, 700.0], [1280.0, 760.0]] {
        harness.set_size(size.into());
        harness.run_ok();
        let below = harness.get_by_label("Keyboard and mouse").rect().top();
        for experiment in EXPERIMENTS {
            let item = harness.get_by_role_and_label(Role::Tab, experiment.title).rect();
            assert!(item.bottom() <= below && item.height() >= 24.0, "{} at {size:?}: {item:?}", experiment.title);
        }
    }
}
