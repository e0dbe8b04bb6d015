//! Pictures of the panels, compared. They need a rasteriser, so they run only with `--features snapshots`.

use std::sync::Arc;

use diffusion_lab::app::Window;
use diffusion_lab::app::commands::Command;
use diffusion_lab::app::dialogs::Dialog;
use diffusion_lab::app::form::panels::PANELS;
use diffusion_lab::app::home::Home;
use diffusion_lab::app::theme::Theme;
use diffusion_lab::experiments::{Experiment, Recipe, Source, find};
use diffusion_lab::worker::{Event, FinishedPicture, JobId, What};
use egui_kittest::kittest::Queryable;
use egui_kittest::{Harness, SnapshotOptions, SnapshotResults};
use image::RgbImage;

use super::{Scripted, frame};

#[test]
fn every_panel_looks_as_it_did() {
    let options = SnapshotOptions::new().output_path("tests/snapshots").threshold(1.0);
    let mut results = SnapshotResults::new(); // fails at the end, with every difference
    for panel in PANELS {
        let experiment = find(panel.verb).expect("a panel's experiment");
        for (theme, name) in [(Theme::Dark, "dark"), (Theme::Light, "light")] {
            let home = tempfile::tempdir().expect("a temporary folder");
            let engine = Scripted::default();
            let mut lab = Window::new(Home::at(home.path()), Box::new(engine.clone()), || {});
            lab.shared.session.theme = theme;
            lab.shared.session.open(with_sources(experiment));
            let mut harness = Harness::builder()
                .with_size(egui::vec2(1100.0, 700.0))
                .with_max_steps(12)
                .wgpu()
                .build_ui_state(frame, lab);
            harness.run_ok();
            if experiment.verb == "sample" {
                finish_a_job(&engine, &mut harness);
            }
            if experiment.verb == "digits-train" {
                super::training::scripted_run(&engine, &mut harness);
            }
            // Token counts, squares of the source, schedules: all that is worked out in the background.
            for _ in 0..20 {
                std::thread::sleep(std::time::Duration::from_millis(20));
                harness.step();
            }
            if experiment.verb == "digits-inpaint" {
                let under =
                    |lab: &Window| lab.workspaces.mask("digits-inpaint").is_some_and(|mask| mask.under().is_some());
                super::until(&mut harness, "the digit under the mask", under);
            }
            if experiment.verb == "digits-denoise" {
                let white = |pixels: &RgbImage| pixels.pixels().any(|pixel| pixel[0] > 200);
                let drawn =
                    |lab: &Window| lab.workspaces.drawing("digits-denoise").is_some_and(|it| white(&it.picture()));
                super::until(&mut harness, "the digit to be denoised", drawn);
            }
            harness.run_ok();
            harness.snapshot_options(format!("{}-{name}", experiment.verb), &options);
            results.extend_harness(&mut harness);
        }
    }
}

/// What stands beside the panels: a lesson, the page of scores, points in the plane, every symbol.
#[test]
fn every_page_looks_as_it_did() {
    let options = SnapshotOptions::new().output_path("tests/snapshots").threshold(1.0);
    let mut results = SnapshotResults::new();
    for (name, theme) in [
        ("lesson", Theme::Dark),
        ("scores", Theme::Light),
        ("scores", Theme::Contrast),
        ("plane", Theme::Dark),
        ("symbols", Theme::Light),
    ] {
        let home = tempfile::tempdir().expect("a temporary folder");
        for (number, right) in [(1, 9), (2, 6)] {
            let checkpoint = (number == 2).then_some("runs/class-003/checkpoint.safetensors");
            let folder = home.path().join(format!("scores/score-00{number}"));
            super::scores::folder_of_a_score(&folder, checkpoint, right);
        }
        let mut lab = Window::new(Home::at(home.path()), Box::new(Scripted::default()), || {});
        lab.shared.session.theme = theme;
        let mut harness = Harness::builder()
            .with_size(egui::vec2(1280.0, 760.0))
            .with_max_steps(12)
            .wgpu()
            .build_ui_state(frame, lab);
        harness.run_ok();
        super::until(&mut harness, "the scores", |lab| lab.scores.all.len() == 2);
        match name {
            "lesson" => {
                let lab = harness.state_mut();
                lab.shared.session.lessons.open = true;
                lab.shared.session.open((lab.shared.session.lessons.lesson().recipe)());
                let picture = Some(Source::BuiltIn("lighthouse".to_owned()));
                lab.shared.session.recipe_mut().source.image = picture;
                super::until(&mut harness, "noised pictures", |lab| lab.workspaces.noise.shown().len() == 3);
                harness.run_ok();
                harness.get_by_label("Explain the curve of Share of the picture").hover();
            }
            "scores" => {
                harness.state_mut().shared.session.panel = "digits-score".to_owned();
                super::until(&mut harness, "the digits", |lab| lab.scores.shows_misread());
            }
            "plane" => {
                harness.state_mut().shared.commands.push(Command::Toy);
                let walked =
                    |lab: &Window| matches!(&lab.dialogs.open, Some(Dialog::Toy(toy)) if !toy.clouds().is_empty());
                super::until(&mut harness, "the walk", walked);
            }
            _ => harness.state_mut().shared.commands.push(Command::Symbols),
        }
        harness.step();
        harness.run_ok();
        let theme = if theme == Theme::Contrast { "-contrast" } else { "" };
        harness.snapshot_options(format!("page-{name}{theme}"), &options);
        results.extend_harness(&mut harness);
    }
}

/// With the pictures that the experiment cannot do without.
fn with_sources(experiment: &Experiment) -> Recipe {
    let picture = || {
        let pixels = RgbImage::from_fn(96, 64, |x, y| image::Rgb([x as u8 * 2, 40 + y as u8 * 3, 160]));
        Some(Source::Held(Arc::new(pixels)))
    };
    let mask = || {
        let inside = |x: u32, y: u32| (x as f32 - 128.0).hypot(y as f32 - 110.0) < 60.0;
        let pixels = RgbImage::from_fn(256, 256, |x, y| image::Rgb([if inside(x, y) { 255 } else { 0 }; 3]));
        Some(Source::Held(Arc::new(pixels)))
    };
    experiment.recipe().with(|recipe| {
        for (setting, source) in recipe.pictures_mut() {
            if experiment.needs.iter().any(|needed| needed.key == setting.key) {
                *source = if setting.key == "mask" { mask() } else { picture() };
            }
        }
    })
}

fn finish_a_job(engine: &Scripted, harness: &mut Harness<'static, Window>) {
    harness.state_mut().shared.commands.push(Command::Generate);
    harness.run_ok();
    let pixels = RgbImage::from_fn(64, 64, |x, y| image::Rgb([x as u8 * 4, y as u8 * 4, 120]));
    let recipe = Recipe::new("sample");
    let picture = FinishedPicture { index: 0, pixels: Arc::new(pixels), recipe, path: None };
    let say = |what| engine.with(|script| script.events.push_back(Event { job: JobId(1), what }));
    say(What::Started);
    say(What::Picture(Box::new(picture)));
    say(What::Finished(Default::default()));
    harness.run_ok();
}
