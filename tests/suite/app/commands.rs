//! The one list of commands: complete, unambiguous, and reachable from palette and sheets.

use std::collections::HashSet;

use diffusion_lab::app::commands::Command;
use diffusion_lab::experiments::{EXPERIMENTS, Kind};
use diffusion_lab::models::DeviceChoice;
use egui::accesskit::Toggled;
use egui::{Key, Modifiers};
use egui_kittest::kittest::{By, NodeT, Queryable};

use super::scripted;

#[test]
fn every_command_has_text_and_help_and_shortcuts_are_unique() {
    let (mut texts, mut keys) = (HashSet::new(), HashSet::new());
    for command in Command::ALL {
        let about = command.about();
        assert!(!about.text.is_empty() && !about.help.is_empty() && !about.section.is_empty(), "{command:?}");
        assert!(texts.insert(about.text), "two commands are called {}", about.text);
        if let Some(shortcut) = about.shortcut {
            assert!(keys.insert((shortcut.modifiers, shortcut.logical_key)), "{command:?} shares its keys");
        }
    }
    assert_eq!(HashSet::<&Command>::from_iter(Command::ALL).len(), Command::ALL.len());
}

#[test]
fn the_palette_finds_a_command_by_a_few_letters() {
    let (_home, _engine, mut harness) = scripted();
    harness.key_press_modifiers(Modifiers::COMMAND, Key::P);
    harness.run_ok();
    harness.get_by_label("Find a command").type_text("upsc");
    harness.run_ok();
    harness.key_press(Key::Enter);
    harness.run_ok();
    assert_eq!(harness.state().shared.session.panel, "upscale");
    assert!(harness.state().dialogs.open.is_none());
}

/// Letters typed on without waiting for the palette to open are in it.
#[test]
fn the_palette_takes_letters_that_come_with_its_keys() {
    let (_home, _engine, mut harness) = scripted();
    harness.key_press_modifiers(Modifiers::COMMAND, Key::P);
    harness.event(egui::Event::Text("up".to_owned()));
    harness.step();
    harness.event(egui::Event::Text("sc".to_owned()));
    harness.step();
    harness.event(egui::Event::Text("ale".to_owned()));
    harness.run_ok();
    let line = harness.get_by_label("Find a command");
    assert_eq!(line.accesskit_node().value().as_deref(), Some("upscale"));
    harness.key_press(Key::Enter);
    harness.run_ok();
    assert_eq!(harness.state().shared.session.panel, "upscale");
}

/// Every setting of every panel is reached by its name, in an open section or a closed one, without a pointer.
#[test]
fn the_palette_puts_the_keyboard_into_any_setting() {
    for experiment in EXPERIMENTS {
        let (_home, _engine, mut harness) = scripted();
        harness.state_mut().shared.session.panel = experiment.verb.to_owned();
        harness.run_ok();
        let lab = harness.state();
        let (recipe, summary) = (lab.shared.session.recipe().clone(), lab.inspector.model.summary().cloned());
        for setting in experiment.settings().filter(|setting| setting.applies(&recipe, summary.as_ref())) {
            harness.key_press_modifiers(Modifiers::COMMAND, Key::P);
            harness.run_ok();
            harness.get_by_label("Find a command").type_text(setting.label);
            harness.run_ok();
            harness.key_press(Key::Enter);
            harness.run_ok();
            let place = format!("{} of {}", setting.label, experiment.verb);
            let focused = harness
                .query(By::new().predicate(|node| node.is_focused()))
                .unwrap_or_else(|| panic!("nothing for {place}"));
            assert!(focused.rect().left() > 900.0, "{place}: the keyboard is not in the inspector");
            let line = matches!(setting.kind, Kind::Whole(..) | Kind::Number(..) | Kind::Pair | Kind::Axis);
            if line && setting.key != "weight" {
                assert_eq!(focused.accesskit_node().label().as_deref(), Some(setting.label), "{place}");
            }
        }
    }
}

#[test]
fn keys_go_down_the_rail_and_up_again() {
    let (_home, _engine, mut harness) = scripted();
    let mut press = |key: Key| {
        harness.key_press_modifiers(Modifiers::COMMAND, key);
        harness.run_ok();
        harness.state().shared.session.panel.clone()
    };
    let down: Vec<String> = EXPERIMENTS.iter().map(|_| press(Key::PageDown)).collect();
    let verbs: Vec<&str> = EXPERIMENTS.iter().map(|experiment| experiment.verb).collect();
    assert_eq!(down[..down.len() - 1], verbs[1..]);
    assert_eq!(down.last().map(String::as_str), Some(verbs[0]), "after the last comes the first");
    assert_eq!(press(Key::PageUp), verbs[verbs.len() - 1]);
}

#[test]
fn a_preset_fills_the_form() {
    let (_home, _engine, mut harness) = scripted();
    harness.get_by_label("Presets").click();
    harness.run_ok();
    harness.get_by_label_contains("Three prompts at 5, 20 and 40 steps").click();
    harness.run_ok();
    assert_eq!(harness.state().shared.session.recipe().sampling.steps, [5, 20, 40]);
    harness.get_by_label("Prompt 3");
}

#[test]
fn the_sheets_open_and_escape_closes_them() {
    let (_home, _engine, mut harness) = scripted();
    for command in [Command::Help, Command::About, Command::OpenPath, Command::Palette] {
        harness.state_mut().shared.commands.push(command);
        harness.run_ok();
        assert!(harness.state().dialogs.open.is_some(), "{command:?}");
        harness.key_press(Key::Escape);
        harness.run_ok();
        assert!(harness.state().dialogs.open.is_none(), "{command:?}");
    }
}

#[test]
fn the_models_are_listed_with_their_sizes_and_licences() {
    let (_home, _engine, mut harness) = scripted();
    harness.state_mut().shared.commands.push(Command::Models);
    harness.run_ok();
    super::until(&mut harness, "the list of models", |lab| lab.dialogs.downloads.listed.is_some());
    harness.run_ok();
    harness.get_by_label("On this machine");
    harness.get_by_label("deepfloyd-m");
    assert!(harness.query_all_by_label("Licence, to accept first").count() > 0);
    harness.get_by_label("Token");
    harness.key_press(Key::Escape);
    harness.run_ok();
    assert!(harness.state().dialogs.open.is_none());
}

/// The device is chosen where its memory is told, and the sheet shows the choice when it is opened again.
#[test]
fn the_device_is_chosen_among_those_that_are_here() {
    let (_home, engine, mut harness) = scripted();
    let open = |harness: &mut egui_kittest::Harness<'static, diffusion_lab::app::Window>| {
        harness.state_mut().shared.commands.push(Command::Models);
        harness.run_ok();
        super::until(harness, "the devices", |lab| lab.dialogs.downloads.listed.is_some());
        harness.run_ok();
    };
    open(&mut harness);
    harness.get_by_label_contains("Processor · ").click_accesskit();
    harness.run_ok();
    assert_eq!(engine.with(|script| script.device), DeviceChoice::Cpu);
    assert!(harness.state().dialogs.open.is_none());
    assert!(harness.state().shared.toasts.texts().any(|text| text.contains("Processor")));
    open(&mut harness);
    let on = |label: &str| harness.get_by_label_contains(label).accesskit_node().toggled();
    assert_eq!((on("Processor · "), on("Best available")), (Some(Toggled::True), Some(Toggled::False)));
}
