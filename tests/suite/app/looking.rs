//! Back through the steps of a job, branches, comparing, favourites, the order of the queue, undo of settings.

use std::sync::Arc;

use diffusion_lab::app::Window;
use diffusion_lab::app::commands::Command;
use diffusion_lab::app::viewer::Look;
use diffusion_lab::experiments::Recipe;
use diffusion_lab::worker::{Event, FinishedPicture, JobId, What};
use egui::accesskit::Role;
use egui::{Key, Modifiers};
use egui_kittest::Harness;
use egui_kittest::kittest::Queryable;
use image::RgbImage;

use super::{real, scripted, steps_shown, until, window};

/// A window in which a small job of two prompts has run.
fn after_a_job(home: &std::path::Path) -> Harness<'static, Window> {
    let engine = diffusion_lab::worker::Options { frames: true, ..Default::default() };
    let worker = diffusion_lab::worker::Worker::spawn(engine, || {}).expect("a worker");
    let mut harness = window(home, Box::new(worker));
    let prompt = ["a red square", "a pencil"].map(str::to_owned).to_vec();
    let stage_2 = "none".to_owned();
    harness.state_mut().shared.session.open(Recipe::new("sample").with(|recipe| {
        recipe.prompting.prompt = prompt;
        recipe.sampling.steps = vec![5];
        recipe.networks.stage_2 = stage_2;
    }));
    harness.run_ok();
    harness.get_by_label("Generate").click();
    until(&mut harness, "two pictures", |lab| {
        lab.gallery.paths.len() == 2 && lab.shared.queue.jobs.open().next().is_none()
    });
    harness
}

#[test]
fn every_step_can_be_gone_back_to_by_slider_keys_and_playing() {
    let home = tempfile::tempdir().expect("a temporary folder");
    let mut harness = after_a_job(home.path());
    assert_eq!(steps_shown(harness.state()), 5);
    harness.key_press(Key::Comma);
    harness.run_ok();
    assert_eq!(harness.state().viewer.timeline.at, Some(4));
    assert_eq!(harness.state().viewer.timeline.cells.len(), 2, "both prompts at the same step");
    harness.key_press(Key::ArrowLeft);
    harness.run_ok();
    assert_eq!(harness.state().viewer.timeline.at, Some(3));
    harness.get_by_label_contains("step 4 of 5");
    harness.get_by_label("All").click();
    harness.run_ok();
    assert_eq!(
        (harness.state().viewer.timeline.look, harness.state().viewer.timeline.cells.len()),
        (Look::Everything, 4)
    );
    assert!(harness.state().viewer.timeline.cells.iter().all(|cell| cell.picture.is_some()), "the variance is learned");
    harness.get_by_label_contains("x̂₀ = (x − √(1−ᾱ) ε) / √ᾱ");
    for _ in 0..2 {
        harness.key_press(Key::Period);
        harness.run_ok();
    }
    assert_eq!(harness.state().viewer.timeline.at, None, "past the last step is the end");
    harness.get_by_label("Play steps").click();
    until(&mut harness, "the end", |lab| !lab.viewer.timeline.playing && lab.viewer.timeline.at.is_none());
}

/// A branch from a step with nothing changed comes to the same picture.
#[test]
fn a_branch_goes_on_as_the_run_did() {
    let home = tempfile::tempdir().expect("a temporary folder");
    let mut harness = after_a_job(home.path());
    harness.state_mut().viewer.timeline.at = Some(2);
    harness.run_ok();
    let first = harness.state().shared.queue.jobs.all[0].pictures[0].clone();
    harness.get_by_label("Branch from here").click();
    harness.run_ok();
    until(&mut harness, "the branch", |lab| lab.shared.session.recipe().source.branch.is_some());
    assert_eq!(harness.state().shared.session.recipe().prompting.prompt, first.recipe.prompting.prompt);
    harness.state_mut().shared.commands.push(Command::Generate);
    harness.run_ok();
    until(&mut harness, "its picture", |lab| lab.gallery.paths.len() == 3);
    assert_eq!(harness.state().shared.queue.jobs.all[1].pictures[0].pixels, first.pixels);
}

#[test]
fn the_queue_is_put_in_another_order() {
    let (_home, engine, mut harness) = scripted();
    for seed in [1, 2, 3] {
        harness.state_mut().shared.session.recipe_mut().sampling.seed = vec![seed];
        harness.state_mut().shared.commands.push(Command::Generate);
        harness.run_ok();
    }
    engine.with(|script| script.events.push_back(Event { job: JobId(1), what: What::Started }));
    harness.run_ok();
    harness.get_by_label("3 jobs").click();
    harness.run_ok();
    harness.get_by_label("Run earlier: job 3").click();
    harness.run_ok();
    let order: Vec<u64> = harness.state().shared.queue.jobs.open().map(|job| job.id.0).collect();
    assert_eq!(order, [1, 3, 2]);
    assert_eq!(engine.with(|script| script.reordered.clone()), [(JobId(3), -1)]);
}

#[test]
fn settings_are_undone_one_change_at_a_time() {
    let (_home, _engine, mut harness) = scripted();
    let settle = |harness: &mut Harness<'static, Window>| {
        harness.run_ok();
        std::thread::sleep(std::time::Duration::from_millis(650));
        harness.run_ok();
    };
    settle(&mut harness);
    for steps in [7, 9] {
        harness.state_mut().shared.session.recipe_mut().sampling.steps = vec![steps];
        settle(&mut harness);
    }
    let undo = |harness: &mut Harness<'static, Window>, shift: bool| {
        harness.key_press_modifiers(Modifiers { shift, ..Modifiers::COMMAND }, Key::Z);
        harness.run_ok();
    };
    undo(&mut harness, false);
    assert_eq!(harness.state().shared.session.recipe().sampling.steps, [7]);
    undo(&mut harness, false);
    assert!(harness.state().shared.session.recipe().sampling.steps.is_empty());
    undo(&mut harness, true);
    undo(&mut harness, true);
    assert_eq!(harness.state().shared.session.recipe().sampling.steps, [9]);
}

#[test]
fn pictures_are_starred_and_compared() {
    let home = tempfile::tempdir().expect("a temporary folder");
    let gallery = home.path().join("gallery");
    std::fs::create_dir(&gallery).expect("a folder");
    for (name, red) in [("sample-000001.png", 10), ("sample-000002.png", 200)] {
        RgbImage::from_pixel(32, 32, image::Rgb([red, 0, 0])).save(gallery.join(name)).expect("a file");
    }
    let mut harness = window(home.path(), real());
    until(&mut harness, "the listing", |lab| lab.gallery.paths.len() == 2);
    for name in ["sample-000001.png", "sample-000002.png"] {
        harness.get_by_label(name).click();
        harness.step();
        let path = gallery.join(name);
        until(&mut harness, "the picture", |lab| lab.viewer.stage.loaded.as_ref().is_some_and(|it| it.path == path));
    }
    harness.key_press(Key::S);
    harness.run_ok();
    assert!(harness.state().gallery.is_starred(&gallery.join("sample-000002.png")));
    harness.get_by_label("Only starred").click();
    harness.run_ok();
    assert!(harness.query_by_label("sample-000001.png").is_none());
    harness.key_press(Key::C);
    harness.run_ok();
    harness.get_by_role_and_label(Role::Canvas, "Comparison");
    assert_eq!(harness.state().viewer.compared.as_ref().expect("two pictures").names[0], "shown before");
    harness.key_press(Key::C);
    harness.run_ok();
    assert!(harness.state().viewer.compared.is_none());
    drop(harness);
    let harness = window(home.path(), real());
    assert!(harness.state().gallery.is_starred(&gallery.join("sample-000002.png")), "it is there again");
}

/// The cards of an anagram edit its recipe, and the finished picture turns from one reading to the other.
#[test]
fn an_anagram_is_composed_and_turns() {
    let (_home, engine, mut harness) = scripted();
    harness.state_mut().shared.session.panel = "anagram".to_owned();
    harness.run_ok();
    harness.get_by_label("Add view").click();
    harness.run_ok();
    assert_eq!(harness.state().shared.session.recipe().views.view.len(), 3);
    assert_eq!(harness.state().shared.session.recipe().prompting.prompt.len(), 3);
    harness.get_by_label("Remove view 3").click();
    harness.run_ok();
    assert_eq!(harness.query_all_by_label("orthogonal").count(), 2);
    harness.get_all_by_role_and_label(Role::ComboBox, "View").nth(1).expect("the second").click();
    harness.run_ok();
    harness.get_by_label("Negative").click();
    harness.run_ok();
    assert_eq!(harness.state().shared.session.recipe().views.view[1].to_string(), "negate");
    harness.state_mut().shared.session.recipe_mut().views.view[1] = "inner_circle_failure".parse().expect("a view");
    harness.run_ok();
    harness.get_by_label("not orthogonal");
    harness.state_mut().shared.commands.push(Command::Generate);
    harness.run_ok();
    let recipe = harness.state().shared.session.recipe().clone();
    let pixels = Arc::new(RgbImage::from_fn(32, 32, |x, y| image::Rgb([x as u8 * 8, y as u8 * 8, 0])));
    let picture = FinishedPicture { index: 0, pixels, recipe: recipe.clone(), path: None };
    for what in [What::Started, What::Picture(Box::new(picture)), What::Finished(Default::default())] {
        engine.with(|script| script.events.push_back(Event { job: JobId(1), what }));
    }
    harness.run_ok();
    harness.get_by_role_and_label(Role::Canvas, &format!("Reading: {}", recipe.prompting.prompt[0]));
    harness.get_by_label("Turn").click();
    harness.run_steps(3);
    assert_eq!(harness.state().workspaces.anagram.reading(), 1);
    harness.get_by_role_and_label(Role::Canvas, &format!("Reading: {}", recipe.prompting.prompt[1]));
}

#[test]
fn a_hybrid_shows_its_filters_and_is_read_from_afar() {
    let (_home, engine, mut harness) = scripted();
    harness.state_mut().shared.session.panel = "hybrid".to_owned();
    harness.run_ok();
    harness.get_by_role_and_label(Role::Image, "Filter response");
    harness.state_mut().shared.commands.push(Command::Generate);
    harness.run_ok();
    let recipe = harness.state().shared.session.recipe().clone();
    let pixels = Arc::new(RgbImage::from_fn(32, 32, |x, _| image::Rgb([x as u8 * 8, 0, 0])));
    let picture = FinishedPicture { index: 0, pixels, recipe: recipe.clone(), path: None };
    for what in [What::Started, What::Picture(Box::new(picture)), What::Finished(Default::default())] {
        engine.with(|script| script.events.push_back(Event { job: JobId(1), what }));
    }
    harness.run_ok();
    harness.get_by_role_and_label(Role::Canvas, &format!("Reading: {}", recipe.prompting.prompt[1]));
    harness.get_by_label("Squint").click();
    harness.run_ok();
    harness.get_by_role_and_label(Role::Canvas, &format!("Reading: {}", recipe.prompting.prompt[0]));
}

/// Starred pictures become a page, in the order and with the words that were given; the words stay.
#[test]
fn a_page_of_results_is_written() {
    let home = tempfile::tempdir().expect("a temporary folder");
    let mut harness = after_a_job(home.path());
    let paths: Vec<_> = harness.state().gallery.paths.iter().rev().cloned().collect();
    for path in &paths {
        harness.state_mut().gallery.star(path).expect("a star");
    }
    let open = |harness: &mut Harness<'static, Window>| {
        harness.state_mut().shared.commands.push(Command::Page);
        harness.step();
        harness.run_ok();
    };
    open(&mut harness);
    let write = |harness: &mut Harness<'static, Window>, field: &str, text: &str| {
        harness.get_by_label(field).focus();
        harness.run_ok();
        harness.get_by_label(field).type_text(text);
        harness.run_ok();
    };
    write(&mut harness, "Heading", "Squares & pencils");
    write(&mut harness, "Caption 1", "A <square>");
    harness.get_by_label("Move up picture 2").click();
    harness.run_ok();
    harness.get_by_label("Save page with 2 pictures…").click();
    harness.run_ok();
    let page = home.path().join("exports/results.html");
    until(&mut harness, "the page", |_| page.exists());
    let html = std::fs::read_to_string(&page).expect("a page");
    let names = [&paths[1], &paths[0]].map(|path| path.file_name().expect("a name").to_string_lossy().into_owned());
    let at = |text: &str| html.find(text).unwrap_or_else(|| panic!("no {text} in {html}"));
    assert!(at("Sample: a pencil") < at("Sample: a red square"), "the second was moved up");
    assert!(at("<h1>Squares &amp; pencils</h1>") < at("A &lt;square&gt;"));
    at("diffusion-lab sample --stage-2 none --prompt 'a pencil'");
    for name in names {
        at(&format!("src=\"results-pictures/{name}\""));
        let copy = home.path().join("exports/results-pictures").join(name);
        diffusion_lab::experiments::read_recipe(&copy).expect("the copy carries its recipe");
    }
    // The words are there again, in another window too.
    harness.run_ok();
    assert!(harness.state().dialogs.open.is_none());
    open(&mut harness);
    harness.get_by_label("Leave out picture 2").click();
    harness.run_ok();
    harness.get_by_label("Save page with 1 picture…");
    let captions = &harness.state().shared.session.captions;
    assert_eq!((captions.title.as_str(), captions.of.len()), ("Squares & pencils", 1));
    let saved = home.path().join("session.json");
    until(&mut harness, "the session", |_| {
        diffusion_lab::app::session::Session::load(&saved)
            .is_ok_and(|session| session.is_some_and(|session| session.captions.of.len() == 1))
    });
}
