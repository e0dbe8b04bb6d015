//! A picture at any noise: live, exactly as the worker makes it, and cleaned as soon as the hand lets go.

use std::sync::Arc;

use diffusion_lab::experiments::Source;
use diffusion_lab::worker::Destination;
use egui::accesskit::Role;
use egui_kittest::kittest::Queryable;
use image::RgbImage;

use super::{real, scripted, until, window};

fn source() -> Option<Source> {
    let pixels = RgbImage::from_fn(90, 64, |x, y| image::Rgb([x as u8 * 2, y as u8 * 4, 90]));
    Some(Source::Held(Arc::new(pixels)))
}

#[test]
fn the_slider_noises_within_its_own_frame() {
    let (_home, _engine, mut harness) = scripted();
    harness.state_mut().shared.session.panel = "forward".to_owned();
    harness.state_mut().shared.session.recipe_mut().source.image = source();
    until(&mut harness, "the noised picture", |lab| lab.workspaces.noise.shown() == [250, 500, 750]);
    harness.get_by_role_and_label(Role::Slider, "Timestep t").focus();
    harness.run_ok();
    harness.key_press(egui::Key::ArrowRight);
    harness.step();
    assert_eq!(harness.state().shared.session.recipe().source.t, [251, 500, 750]);
    assert_eq!(harness.state().workspaces.noise.shown(), [251, 500, 750]);
}

#[test]
fn denoising_runs_when_the_hand_lets_go_and_the_newest_wins() {
    let (_home, engine, mut harness) = scripted();
    harness.state_mut().shared.session.panel = "denoise".to_owned();
    harness.state_mut().shared.session.recipe_mut().source.image = source();
    until(&mut harness, "the live job", |_| engine.with(|script| !script.jobs.is_empty()));
    let job = engine.with(|script| script.jobs[0].clone());
    assert_eq!((job.recipe.source.t.as_slice(), job.destination), (&[690][..], Destination::Nowhere));
    harness.state_mut().shared.session.recipe_mut().source.t = vec![300];
    until(&mut harness, "the next live job", |_| engine.with(|script| script.jobs.len() == 2));
    assert_eq!(engine.with(|script| script.cancelled.len()), 1);
    assert_eq!(engine.with(|script| script.jobs[1].recipe.source.t.clone()), [300]);
    harness.run_ok();
    assert_eq!(engine.with(|script| script.jobs.len()), 2, "the same is not asked for twice");
    harness.get_by_label("Generate");
}

/// With the real worker: blur, one step and many beside each other, and nothing of it in the gallery.
#[test]
fn the_network_answers() {
    let home = tempfile::tempdir().expect("a temporary folder");
    let mut harness = window(home.path(), real());
    harness.state_mut().shared.session.panel = "denoise".to_owned();
    harness.state_mut().shared.session.recipe_mut().source.image = source();
    harness.state_mut().shared.session.recipe_mut().source.t = vec![60];
    until(&mut harness, "the network's pictures", |lab| lab.workspaces.noise.answered());
    assert!(harness.state().gallery.paths.is_empty());
    let captions = harness.state().workspaces.noise.captions();
    assert!(captions.iter().any(|caption| caption.starts_with("one-step ·")), "{captions:?}");
    assert!(captions.iter().any(|caption| caption.starts_with("iterative ·")), "{captions:?}");
    assert!(captions.iter().any(|caption| caption.starts_with("blur ·")), "{captions:?}");
}
