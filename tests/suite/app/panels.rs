//! Every panel, walked from the list, at every size and in both themes: it draws, names its inputs, lacks no glyph
//! (kittest refuses both) and shows every setting of its experiment.

use diffusion_lab::app::Window;
use diffusion_lab::app::form::panels::PANELS;
use diffusion_lab::app::theme::Theme;
use diffusion_lab::experiments::{EXPERIMENTS, preset};
use egui::accesskit::Role;
use egui_kittest::Harness;
use egui_kittest::kittest::{NodeT, Queryable};

use super::{scripted, until};

fn open_every_section(harness: &mut Harness<'static, Window>) {
    let is_closed =
        |node: &egui_kittest::Node<'_>| node.accesskit_node().toggled() == Some(egui::accesskit::Toggled::False);
    let closed: Vec<String> = harness
        .query_all_by_label_contains(" section")
        .filter(is_closed)
        .filter_map(|node| node.accesskit_node().label())
        .collect();
    for name in closed {
        harness.get_by_label(&name).click();
        harness.run_ok();
    }
}

#[test]
fn every_panel_has_an_experiment_and_every_experiment_opens() {
    let experiments: Vec<&str> = EXPERIMENTS.iter().map(|experiment| experiment.verb).collect();
    for panel in PANELS {
        assert!(experiments.contains(&panel.verb), "{} is no experiment", panel.verb);
    }
    for verb in experiments {
        assert!(
            [verb, ""].contains(&diffusion_lab::app::form::panels::panel(verb).verb),
            "{verb} opens another's panel"
        );
    }
}

#[test]
fn every_panel_shows_every_setting_in_both_themes_and_at_every_size() {
    for experiment in EXPERIMENTS {
        let (_home, _engine, mut harness) = scripted();
        harness.set_size(egui::vec2(1280.0, 3600.0)); // so that every section is in reach
        harness.run_ok();
        harness.get_by_role_and_label(Role::Tab, experiment.title).click();
        harness.run_ok();
        open_every_section(&mut harness);
        let lab = harness.state();
        let (recipe, summary) = (lab.shared.session.recipe().clone(), lab.inspector.model.summary().cloned());
        for setting in experiment.settings() {
            let shown = harness.query_all_by_label(setting.label).next().is_some();
            let applies = setting.applies(&recipe, summary.as_ref());
            assert_eq!(shown, applies, "{} and {}", experiment.verb, setting.label);
        }
        for size in [[800.0, 560.0], [1024.0, 700.0], [2560.0, 1440.0]] {
            for theme in [Theme::Light, Theme::Dark] {
                harness.set_size(size.into());
                harness.state_mut().shared.session.theme = theme;
                harness.run_ok();
            }
        }
    }
}

/// Which of `labels` the open form shows.
fn shown<'a>(harness: &Harness<'static, Window>, labels: &[&'a str]) -> Vec<&'a str> {
    labels.iter().copied().filter(|label| harness.query_all_by_label(label).next().is_some()).collect()
}

/// Prompts and guidance are not asked of a model that is told nothing, nor words of one that is told classes; and what was
/// typed for another model does not go with its job.
#[test]
fn a_form_shows_what_its_model_uses() {
    let (_home, engine, mut harness) = scripted();
    harness.set_size(egui::vec2(1280.0, 3600.0));
    open_every_section(&mut harness);
    let labels = ["Prompt", "Guidance γ", "Text encoder", "Stage II steps", "Seed"];
    assert_eq!(shown(&harness, &labels), labels);
    harness.state_mut().shared.session.recipe_mut().prompting.prompt = vec!["a rocket ship".to_owned()];
    for (model, expected) in [("digits-class", &labels[..2]), ("digits-time", &[])] {
        harness.state_mut().shared.session.recipe_mut().networks.model = model.to_owned();
        until(&mut harness, "what is known of the model", |lab| {
            lab.inspector.model.summary().is_some_and(|summary| summary.name == model)
        });
        harness.run_ok();
        assert_eq!(shown(&harness, &labels), [expected, &["Seed"]].concat(), "{model}");
    }
    harness.get_by_label("Generate").click();
    harness.run_ok();
    let made = engine.with(|script| script.jobs.last().map(|job| job.recipe.prompting.prompt.clone()));
    assert_eq!(made.unwrap(), EXPERIMENTS[0].recipe().prompting.prompt);
    assert_eq!(harness.state().shared.session.recipe().prompting.prompt, ["a rocket ship"]);
    assert!(harness.state().shared.session.prompts.is_empty(), "nothing was asked for in words");
}

/// A slider of tenths leaves tenths, in the recipe and beside it.
#[test]
fn blurs_keep_to_tenths() {
    let (_home, _engine, mut harness) = scripted();
    let mut recipe = (preset("ink-over-paint").unwrap().recipe)();
    recipe.parts.decomposition = "low_high:sigma=2.5".parse().ok();
    harness.state_mut().shared.session.open(recipe);
    harness.run_ok();
    assert!(harness.query_by_label("2.5").is_some());
    harness.get_by_role_and_label(Role::Slider, "Blur σ").focus();
    harness.run_ok();
    for expected in ["sigma=2.6", "sigma=2.7", "sigma=2.8", "sigma=2.9", "sigma=3"] {
        harness.key_press(egui::Key::ArrowRight);
        harness.run_ok();
        let spec = harness.state().shared.session.recipe().parts.decomposition.as_ref().unwrap().to_string();
        assert!(spec.ends_with(expected), "{spec} after {expected}");
    }
}
