//! The dashboard of training: a run started, watched, paused, slowed down and stopped by accessible names; runs from
//! folders beside it; its curves looked at and exported.

use std::path::Path;
use std::sync::Arc;

use diffusion_lab::app::Window;
use diffusion_lab::app::commands::Command;
use diffusion_lab::app::training::{Along, RunState};
use diffusion_lab::experiments::Recipe;
use diffusion_lab::models::digits::Kind;
use diffusion_lab::training::{History, Point};
use diffusion_lab::worker::{Destination, Event, FinishedSheet, JobId, StepProgress, TrainProgress, What};
use egui::accesskit::Role;
use egui::{Key, pos2};
use egui_kittest::Harness;
use egui_kittest::kittest::{NodeT, Queryable};
use image::RgbImage;

use super::{Scripted, drop_file, real, scripted, steps_shown, until, window};

const STEPS: usize = 60;
const EPOCH: usize = 20;

fn point(step: usize) -> Point {
    let loss = 0.9 * (-(step as f32) / 15.0).exp() + 0.03 + 0.01 * ((step * 7 % 11) as f32 / 11.0);
    let epoch = (step - 1) / EPOCH + 1;
    let learning_rate = 1e-3 * 0.1_f64.powf((epoch - 1) as f64 / 3.0);
    Point { step, epoch, loss, learning_rate, seconds: step as f64 * 0.25 }
}

fn trained(step: usize) -> What {
    let point = point(step);
    let progress = StepProgress {
        stage: 1,
        step,
        of: STEPS,
        timestep: point.epoch,
        fraction: step as f32 / STEPS as f32,
        step_secs: 0.25,
        left_secs: Some((STEPS - step) as f64 * 0.25),
    };
    let by_time = (0..32).map(|i| (i as f32 / 32.0, point.loss * (1.5 - i as f32 / 32.0))).collect();
    What::Trained(Box::new(TrainProgress { progress, point, epoch_steps: EPOCH, pictures_per_sec: 256.0, by_time }))
}

fn sheet(epoch: usize) -> What {
    let pixels = RgbImage::from_fn(280, 112, |x, y| image::Rgb([(x / 28 * 20) as u8, (y * 2) as u8, epoch as u8 * 60]));
    let measures = [("accuracy".to_owned(), (0.3 * epoch as f64).into())].into_iter().collect();
    What::Sheet(Box::new(FinishedSheet { epoch, pixels: Arc::new(pixels), measures, path: None }))
}

fn say(engine: &Scripted, harness: &mut Harness<'static, Window>, what: Vec<What>) {
    engine.with(|script| script.events.extend(what.into_iter().map(|what| Event { job: JobId(1), what })));
    harness.run_ok();
}

/// Starts a run and lets it do `steps` steps, with a sheet after each epoch.
fn run_of(engine: &Scripted, harness: &mut Harness<'static, Window>, steps: usize) {
    let recipe = Recipe::new("digits-train").with(|recipe| {
        recipe.digits.kind = Some(Kind::Class);
        recipe.training.epochs = Some(3);
    });
    harness.state_mut().shared.session.open(recipe);
    harness.run_ok();
    harness.state_mut().shared.commands.push(Command::Generate);
    harness.run_ok();
    let mut what = vec![What::Started];
    for step in 1..=steps {
        what.push(trained(step));
        if step % EPOCH == 0 {
            what.push(sheet(step / EPOCH));
        }
    }
    say(engine, harness, what);
}

/// A run on its way, for the picture of the panel.
#[cfg(feature = "snapshots")]
pub fn scripted_run(engine: &Scripted, harness: &mut Harness<'static, Window>) {
    run_of(engine, harness, 52);
}

/// A folder as `digits-train` writes it.
fn folder_of_a_run(folder: &Path, steps: usize) {
    std::fs::create_dir_all(folder).expect("a folder");
    let points = (1..=steps).map(|step| Point { loss: 2.0 * point(step).loss, ..point(step) }).collect();
    std::fs::write(folder.join("metrics.csv"), History::of(points).csv()).expect("a file");
    RgbImage::new(28, 28).save(folder.join("epoch-001.png")).expect("a picture");
}

#[test]
fn a_run_is_started_from_the_form_and_kept_in_a_folder_of_its_own() {
    let (home, engine, mut harness) = scripted();
    harness.get_by_role_and_label(Role::Tab, "Train a network").click();
    harness.run_ok();
    harness.state_mut().shared.session.recipe_mut().digits.kind = Some(Kind::Class);
    harness.run_ok();
    harness.get_by_label("Train").click();
    harness.run_ok();
    let job = engine.with(|script| script.jobs[0].clone());
    let Destination::Folder { path, .. } = job.destination else { panic!("{:?}", job.destination) };
    assert_eq!(path, home.path().join("runs/class-001"));
    say(&engine, &mut harness, vec![What::Started, trained(1)]);
    harness.get_by_label("class-001 · training");
    harness.get_by_label_contains("epoch 1 of 3 · step 1 of 60");
    harness.get_by_label_contains("256 digits/s");
    assert!(harness.state().gallery.paths.is_empty());
    harness.state_mut().shared.commands.push(Command::Generate);
    harness.run_ok();
    let Destination::Folder { path, .. } = engine.with(|script| script.jobs[1].destination.clone()) else { panic!() };
    assert_eq!(path, home.path().join("runs/class-002"), "though class-001 has no files yet");
}

#[test]
fn a_run_is_paused_resumed_and_stopped() {
    let (_home, engine, mut harness) = scripted();
    run_of(&engine, &mut harness, 5);
    harness.get_by_label("Pause").click();
    harness.run_ok();
    assert_eq!(harness.state().training.runs.all[0].state, RunState::Pausing);
    say(&engine, &mut harness, vec![What::Paused(true)]);
    harness.get_by_label("class-001 · paused, saved");
    harness.get_by_label("Resume").click();
    harness.run_ok();
    say(&engine, &mut harness, vec![What::Paused(false), trained(6)]);
    assert_eq!(engine.with(|script| script.paused.clone()), [(JobId(1), true), (JobId(1), false)]);
    harness.get_by_label("Stop").click();
    harness.run_ok();
    assert_eq!(engine.with(|script| script.cancelled.clone()), [JobId(1)]);
    say(&engine, &mut harness, vec![What::Cancelled]);
    harness.get_by_label("class-001 · stopped, saved");
    assert!(harness.query_by_label("Pause").is_none(), "what is over cannot be paused");
    assert_eq!(harness.state().training.runs.all[0].curve.points().len(), 6, "its curve stays");
}

/// The worker is given the rate of the first epoch: what is typed, with the decay until now taken out.
#[test]
fn the_learning_rate_is_changed_while_it_runs() {
    let (_home, engine, mut harness) = scripted();
    run_of(&engine, &mut harness, 25);
    let field = || "Learning rate now";
    harness.get_by_label(field()).focus();
    harness.run_ok();
    harness.key_press_modifiers(egui::Modifiers::COMMAND, Key::A);
    harness.get_by_label(field()).type_text("0.002");
    harness.run_ok();
    harness.key_press(Key::Enter);
    harness.run_ok();
    let rates = engine.with(|script| script.rates.clone());
    let decay = 0.1_f64.powf(1.0 / 3.0);
    assert!(matches!(rates[..], [(JobId(1), rate)] if (rate * decay - 0.002).abs() < 1e-9), "{rates:?}");
    harness.get_by_label(field()).focus();
    harness.run_ok();
    harness.key_press_modifiers(egui::Modifiers::COMMAND, Key::A);
    harness.get_by_label(field()).type_text("fast");
    harness.run_ok();
    harness.key_press(Key::Enter);
    harness.run_ok();
    assert_eq!(engine.with(|script| script.rates.len()), 1);
    assert!(harness.state().shared.toasts.texts().any(|text| text.contains("not a learning rate")));
}

#[test]
fn the_curves_say_every_runs_values_at_the_nearest_step() {
    let (home, engine, mut harness) = scripted();
    run_of(&engine, &mut harness, STEPS);
    let other = home.path().join("other");
    folder_of_a_run(&other, STEPS);
    drop_file(&mut harness, &other);
    until(&mut harness, "the other run", |lab| lab.training.runs.all.len() == 2);
    harness.run_ok();
    let place = harness.state().training.place().expect("curves");
    // Step 30 of 60, with the margins at either side.
    harness.hover_at(pos2(place.left() + place.width() * 0.5, place.center().y));
    harness.run_ok();
    for head in ["smoothed", "lr"] {
        assert!(harness.query_all_by_label(head).next().is_some(), "{head}");
    }
    let steps: Vec<String> = [29, 30, 31, 32].map(|step| step.to_string()).to_vec();
    let step = steps.iter().find(|step| harness.query_all_by_label(step).count() == 2).expect("both at one step");
    let loss = point(step.parse().expect("a step")).loss;
    let said: Vec<String> =
        harness.query_all_by_role(Role::Label).filter_map(|node| node.accesskit_node().value()).collect();
    for loss in [loss, 2.0 * loss] {
        let text = format!("{loss:.3}");
        assert!(said.contains(&text), "{text} in {said:?}");
    }
    harness.get_by_label("Hide run 2").click();
    harness.run_ok();
    harness.hover_at(place.center());
    harness.run_ok();
    assert!(!harness.state().training.runs.all[1].shown);
    assert_eq!(harness.query_all_by_label(step).count(), 1, "a hidden run says nothing");
}

#[test]
fn a_rectangle_zooms_in_and_the_view_stays_while_points_come() {
    let (_home, engine, mut harness) = scripted();
    run_of(&engine, &mut harness, 40);
    assert_eq!(harness.state().training.view(), None);
    let place = harness.state().training.place().expect("curves");
    let (from, to) = (place.min + place.size() * 0.25, place.min + place.size() * 0.5);
    harness.drag_at(from);
    harness.step();
    harness.hover_at(from + egui::vec2(8.0, 8.0)); // a hand does not leap
    harness.step();
    harness.hover_at(to);
    harness.step();
    harness.drop_at(to);
    harness.run_ok();
    let (low, high) = harness.state().training.view().expect("a part of it");
    assert!((8.0..13.0).contains(&low) && (18.0..23.0).contains(&high), "{low} to {high}");
    assert!(!harness.state().training.options.follow, "the newest step is out of view");
    say(&engine, &mut harness, (41..=50).map(trained).collect());
    assert_eq!(harness.state().training.view(), Some((low, high)));
    harness.get_by_label("Follow the newest step").click();
    harness.run_ok();
    let (_, end) = harness.state().training.view().expect("a part of it");
    assert!((50.0..51.0).contains(&end), "it comes into view at once: {end}");
    say(&engine, &mut harness, (51..=55).map(trained).collect());
    let (after, end) = harness.state().training.view().expect("still a part");
    assert!((end - after - (high - low)).abs() < 1e-6 && (55.0..56.0).contains(&end), "{after} to {end}");
    harness.get_by_label("Show all of the curves").click();
    harness.run_ok();
    assert_eq!(harness.state().training.view(), None);
}

#[test]
fn the_axis_is_steps_epochs_or_time_and_the_scale_logarithmic_or_not() {
    let (_home, engine, mut harness) = scripted();
    run_of(&engine, &mut harness, STEPS);
    for (word, along) in Along::ALL {
        harness.get_by_role_and_label(Role::RadioButton, word).click();
        harness.run_ok();
        assert_eq!(harness.state().training.options.along, along);
    }
    harness.get_by_label("log").click();
    harness.run_ok();
    assert!(!harness.state().training.options.logarithmic);
    harness.get_by_role_and_label(Role::Slider, "Smoothing").set_value_accesskit(0.0);
    harness.run_ok();
    assert_eq!(harness.state().training.options.smoothing, 0.0);
    assert_eq!(harness.state().training.runs.all[0].curve.smoothed(9), Some(point(10).loss));
}

#[test]
fn runs_are_renamed_and_taken_off() {
    let (home, engine, mut harness) = scripted();
    run_of(&engine, &mut harness, 30);
    folder_of_a_run(&home.path().join("runs/old"), 10);
    harness.get_by_label("Open a run").click();
    harness.run_ok();
    until(&mut harness, "the list", |lab| !lab.training.earlier.is_empty());
    harness.get_by_label("old").click();
    until(&mut harness, "the old run", |lab| lab.training.runs.all.len() == 2);
    harness.run_ok();
    harness.get_by_label("Name of run 2").focus();
    harness.run_ok();
    harness.key_press_modifiers(egui::Modifiers::COMMAND, Key::A);
    harness.get_by_label("Name of run 2").type_text("before");
    harness.run_ok();
    assert_eq!(harness.state().training.runs.all[1].name, "before");
    harness.get_by_label("Remove run 1").click();
    harness.run_ok();
    assert_eq!(harness.state().training.runs.all.len(), 2, "a run that trains stays");
    harness.get_by_label("Remove run 2").click();
    harness.run_ok();
    assert_eq!(harness.state().training.runs.all.len(), 1);
    assert!(home.path().join("runs/old/metrics.csv").is_file(), "its files stay");
}

#[test]
fn the_epochs_are_gone_through_by_keys_and_slider() {
    let (_home, engine, mut harness) = scripted();
    run_of(&engine, &mut harness, STEPS);
    harness.get_by_label("Samples after epoch 3");
    harness.get_by_label("accuracy 0.9");
    harness.key_press(Key::ArrowLeft);
    harness.run_ok();
    assert_eq!(harness.state().training.epoch_shown(), Some(2));
    harness.get_by_label("accuracy 0.6");
    harness.get_by_role_and_label(Role::Slider, "Epoch").set_value_accesskit(0.0);
    harness.run_ok();
    harness.get_by_label("Samples after epoch 1");
    harness.get_by_label("Epoch 1 of 3");
}

#[test]
fn the_heat_map_says_time_steps_and_loss() {
    let (_home, engine, mut harness) = scripted();
    run_of(&engine, &mut harness, 30);
    let map = harness.get_by_role_and_label(Role::Image, "Loss by diffusion time").rect();
    harness.hover_at(map.center());
    harness.run_steps(8);
    harness.get_by_label_contains("· step 1");
    harness.get_by_label_contains("t 0.5");
}

#[test]
fn the_curves_are_exported_as_they_were() {
    let (home, engine, mut harness) = scripted();
    run_of(&engine, &mut harness, 30);
    for (item, name) in [("As CSV…", "curves.csv"), ("As JSON…", "curves.json")] {
        harness.get_by_label("Export curves").click();
        harness.run_ok();
        harness.get_by_label(item).click();
        harness.run_ok();
        let path = home.path().join("exports").join(name);
        until(&mut harness, name, |_| path.is_file());
        let text = std::fs::read_to_string(&path).expect("a file");
        assert!(text.contains(&point(30).loss.to_string()), "{text}");
    }
}

/// With the real worker: a network is trained, its files are there, and its folder is the same run again.
#[test]
fn a_small_network_is_trained_and_read_back() {
    let home = tempfile::tempdir().expect("a temporary folder");
    let mut harness = window(home.path(), real());
    let recipe = Recipe::new("digits-train").with(|recipe| {
        recipe.digits.kind = Some(Kind::Time);
        recipe.training.hidden = Some(4);
        recipe.training.batch = Some(16);
        recipe.training.max_steps = Some(6);
        recipe.sampling.steps = vec![2];
    });
    harness.state_mut().shared.session.open(recipe);
    harness.step();
    harness.get_by_label("Train").click();
    harness.step();
    let over = |lab: &Window| lab.training.runs.all.first().is_some_and(|run| !run.state.is_open());
    until(&mut harness, "the end of training", over);
    let run = harness.state().training.runs.all[0].clone();
    assert!(matches!(run.state, RunState::Finished(_)), "{:?}", run.state);
    assert_eq!((run.curve.points().len(), run.samples.len()), (6, 1));
    assert!(!run.by_time.is_empty());
    for name in ["checkpoint.safetensors", "resume.safetensors", "metrics.csv", "epoch-001.png", "result.json"] {
        assert!(run.folder.join(name).is_file(), "{name}");
    }
    harness.get_by_label("Train further").click();
    harness.step();
    until(&mut harness, "more steps", |lab| lab.training.runs.all[0].curve.points().len() > 8);
    harness.get_by_label("Stop").click();
    until(&mut harness, "the stop", |lab| lab.training.runs.all[0].state == RunState::Stopped);
    let longer = harness.state().training.runs.all[0].clone();
    let steps: Vec<usize> = longer.curve.points().iter().map(|point| point.step).collect();
    assert_eq!(steps, (1..=steps.len()).collect::<Vec<_>>(), "it went on where it was");
    assert_eq!(longer.folder, run.folder);
    let run = longer;
    drop(harness);
    draws_with_the_network(home.path(), &run.folder.join("checkpoint.safetensors"));
    let mut harness = window(home.path(), real());
    drop_file(&mut harness, &run.folder.join("metrics.csv"));
    until(&mut harness, "the run's folder", |lab| lab.training.runs.all.len() == 1);
    let read = &harness.state().training.runs.all[0];
    let losses = |run: &diffusion_lab::app::training::Run| -> Vec<f32> {
        run.curve.points().iter().map(|point| point.loss).collect()
    };
    assert_eq!((losses(read), read.state.clone(), read.samples.len()), (losses(&run), RunState::Read, 1));
    assert_eq!(read.settings().map(|settings| settings.hidden), Some(4));
}

#[test]
fn a_trained_network_is_taken_to_draw_with() {
    let (_home, engine, mut harness) = scripted();
    run_of(&engine, &mut harness, STEPS);
    say(&engine, &mut harness, vec![What::Finished(Default::default())]);
    assert!(harness.query_by_label("Train further").is_none(), "all its epochs are done");
    harness.get_by_label("Use this network").click();
    harness.run_ok();
    let recipe = harness.state().shared.session.recipe();
    assert_eq!(recipe.experiment, "digits-sample");
    assert!(recipe.digits.checkpoint.as_ref().is_some_and(|path| path.ends_with("class-001/checkpoint.safetensors")));
}

/// As many digits as the network makes, though its kind is not known beforehand, and every step of them.
fn draws_with_the_network(home: &Path, checkpoint: &Path) {
    let engine = diffusion_lab::worker::Options { frames: true, ..Default::default() };
    let worker = diffusion_lab::worker::Worker::spawn(engine, || {}).expect("a worker");
    let mut harness = window(home, Box::new(worker));
    let checkpoint = Some(checkpoint.to_string_lossy().into_owned());
    harness.state_mut().shared.session.open(Recipe::new("digits-sample").with(|recipe| {
        recipe.digits.checkpoint = checkpoint;
        recipe.sampling.count = 3;
        recipe.sampling.steps = vec![4];
    }));
    harness.state_mut().shared.commands.push(Command::Generate);
    harness.step();
    until(&mut harness, "three digits", |lab| {
        lab.shared.queue.jobs.all.len() == 1 && lab.shared.queue.jobs.open().next().is_none()
    });
    let lab = harness.state();
    assert_eq!(lab.shared.queue.jobs.all[0].pictures.len(), 3, "{:?}", lab.shared.toasts.texts().collect::<Vec<_>>());
    assert_eq!((lab.viewer.stage.cells.len(), steps_shown(lab)), (3, 4));
    harness.key_press(Key::Comma);
    harness.run_ok();
    assert_eq!(harness.state().viewer.timeline.cells.iter().filter(|cell| cell.picture.is_some()).count(), 3);
}

#[test]
fn digits_to_draw_are_named_by_their_keys() {
    let (_home, engine, mut harness) = scripted();
    harness.get_by_role_and_label(Role::Tab, "Draw digits").click();
    harness.run_ok();
    for key in ["Draw a 2", "Draw a 0", "Draw a 2", "Draw a 6"] {
        harness.get_by_label(key).click();
        harness.run_ok();
    }
    harness.get_by_label("Generate").click();
    harness.run_ok();
    assert_eq!(engine.with(|script| script.jobs[0].recipe.digits.classes.clone()), "2026");
    say(&engine, &mut harness, vec![What::Started]);
    let labels: Vec<String> = harness.state().viewer.stage.cells.iter().map(|cell| cell.label.clone()).collect();
    assert_eq!(labels, ["digit 2", "digit 0", "digit 2", "digit 6"]);
    harness.get_by_label("Take back").click();
    harness.run_ok();
    assert_eq!(harness.state().shared.session.recipe().digits.classes, "202");
}

/// The built-in set by class and page, and a digit of it taken to be denoised.
#[test]
fn the_digits_are_browsed_and_one_is_taken() {
    let (_home, _engine, mut harness) = scripted();
    harness.get_by_role_and_label(Role::Tab, "Train a network").click();
    harness.run_ok();
    harness.get_by_label("Browse the digits").click();
    harness.run_ok();
    until(&mut harness, "the digits", |lab| !lab.training.browser.shown().is_empty());
    harness.get_by_label_contains("MNIST · 60,000 for training, 10,000 for testing");
    harness.get_by_label("Test").click();
    harness.run_ok();
    harness.get_by_label("7").click();
    harness.run_ok();
    let first = harness.state().training.browser.shown().to_vec();
    assert_eq!(first[0], 0, "test digit 0 is a 7");
    harness.get_by_label("Later digits").click();
    harness.run_ok();
    let second = harness.state().training.browser.shown().to_vec();
    assert!(second[0] > first[first.len() - 1] && second.len() == first.len());
    let place = harness.get_by_role_and_label(Role::Canvas, "Digits of the data set").rect();
    let at = place.min + egui::vec2(70.0, 20.0); // the second of the first row
    harness.drag_at(at);
    harness.step();
    harness.drop_at(at);
    harness.run_ok();
    assert_eq!(harness.state().training.browser.picked, Some(second[1]));
    harness.get_by_label("Denoise this digit").click();
    harness.run_ok();
    let recipe = harness.state().shared.session.recipe().clone();
    assert_eq!((recipe.experiment.as_str(), recipe.digits.pick.as_slice()), ("digits-denoise", &[second[1]][..]));
}

#[test]
fn the_wheel_zooms_along_the_run() {
    let (_home, engine, mut harness) = scripted();
    run_of(&engine, &mut harness, 40);
    let place = harness.state().training.place().expect("curves");
    harness.hover_at(place.center());
    harness.run_ok();
    harness.event(egui::Event::MouseWheel {
        unit: egui::MouseWheelUnit::Point,
        delta: egui::vec2(0.0, 100.0),
        phase: egui::TouchPhase::Move,
        source: egui::MouseWheelSource::Unknown,
        modifiers: egui::Modifiers::NONE,
    });
    harness.run_steps(12);
    let (low, high) = harness.state().training.view().expect("a part of it");
    assert!(low > 3.0 && high < 38.0 && (low + high - 41.0).abs() < 1.0, "around the pointer: {low} to {high}");
}

#[test]
fn a_window_that_closes_on_training_asks_first() {
    let (_home, engine, mut harness) = scripted();
    run_of(&engine, &mut harness, 3);
    let viewport = harness.input_mut().viewports.entry(egui::ViewportId::ROOT).or_default();
    viewport.events.push(egui::ViewportEvent::Close);
    harness.step();
    harness.run_ok();
    harness.get_by_label_contains("so is a network in training");
    harness.get_by_label("Keep working").click();
    harness.run_ok();
    assert!(harness.query_by_label("Keep working").is_none());
}

#[test]
fn a_run_that_is_taken_off_the_queue_leaves_nothing() {
    let (_home, engine, mut harness) = scripted();
    harness.state_mut().shared.session.panel = "digits-train".to_owned();
    harness.state_mut().shared.commands.push(Command::Generate);
    harness.run_ok();
    harness.get_by_label_contains("· waiting");
    say(&engine, &mut harness, vec![What::Cancelled]);
    assert!(harness.state().training.runs.all.is_empty());
    harness.get_by_label("Start training");
}

/// The least time of a frame into which a step comes, after so many steps: what else the machine does only adds to it.
fn frame_of(steps: usize) -> f64 {
    let (_home, engine, mut harness) = scripted();
    run_of(&engine, &mut harness, steps);
    let times = (1..=41).map(|more| {
        let begun = std::time::Instant::now();
        engine.with(|script| script.events.push_back(Event { job: JobId(1), what: trained(steps + more) }));
        harness.step();
        begun.elapsed().as_secs_f64()
    });
    times.fold(f64::INFINITY, f64::min)
}

/// A frame's work does not grow with the run beyond what is drawn of it.
#[test]
fn a_long_run_is_drawn_as_fast_as_a_short_one() {
    let (short, long) = (frame_of(3_000), frame_of(100_000));
    println!("a frame after 3,000 steps {:.2} ms, after 100,000 steps {:.2} ms", 1e3 * short, 1e3 * long);
    assert!(long < 2.5 * short, "{short} s, then {long} s");
}

/// A new window names the runs of earlier days, and a click opens one.
#[test]
fn finished_runs_are_there_after_a_restart() {
    let home = tempfile::tempdir().expect("a temporary folder");
    for name in ["class-001", "time-002"] {
        folder_of_a_run(&home.path().join("runs").join(name), 30);
    }
    let mut harness = window(home.path(), Box::new(Scripted::default()));
    until(&mut harness, "the runs", |lab| lab.training.earlier.len() == 2);
    harness.get_by_role_and_label(Role::Tab, "Train a network").click();
    harness.run_ok();
    harness.get_by_label("Trained before");
    harness.get_by_label("time-002");
    harness.get_by_label("class-001").click();
    harness.step();
    until(&mut harness, "its curves", |lab| lab.training.runs.all.len() == 1);
    assert_eq!(harness.state().training.runs.all[0].curve.points().len(), 30);
}
