//! The keyboard alone: Tab stops at every control once, in the order of reading, and each has a name; and an experiment
//! from its panel to its picture without a pointer.

use diffusion_lab::app::Window;
use diffusion_lab::app::form::panels::PANELS;
use egui::accesskit::NodeId;
use egui::{Key, Modifiers, Rect};
use egui_kittest::Harness;
use egui_kittest::kittest::{By, NodeT, Queryable};

use super::{real, scripted, until, window};

/// One control that Tab stops at.
struct Stop {
    id: NodeId,
    name: String,
    rect: Rect,
}

fn focused(harness: &Harness<'static, Window>) -> Option<Stop> {
    let node = harness.query(By::new().predicate(|node| node.is_focused()))?;
    let inner = node.accesskit_node();
    Some(Stop { id: inner.locate().0, name: inner.label().unwrap_or_default(), rect: node.rect() })
}

fn tab(harness: &mut Harness<'static, Window>) -> Option<Stop> {
    harness.key_press(Key::Tab);
    harness.run_ok();
    focused(harness)
}

/// Tab, until it stops at what is called so.
fn tab_to(harness: &mut Harness<'static, Window>, name: &str) {
    let mut seen = Vec::new();
    for _ in 0..300 {
        match tab(harness) {
            Some(stop) if stop.name == name => return,
            stop => seen.extend(stop.map(|stop| stop.name)),
        }
    }
    panic!("Tab never stops at {name}, but at {seen:?}");
}

#[test]
fn tab_stops_at_every_control_once_and_each_has_a_name() {
    for panel in PANELS {
        let (_home, _engine, mut harness) = scripted();
        harness.set_size(egui::vec2(1440.0, 1600.0));
        harness.state_mut().shared.session.panel = panel.verb.to_owned();
        harness.run_ok();
        let mut stops: Vec<Stop> = Vec::new();
        while let Some(stop) = tab(&mut harness) {
            assert!(!stop.name.trim().is_empty(), "{}: a stop without a name at {:?}", panel.verb, stop.rect);
            if stops.first().is_some_and(|first| first.id == stop.id) {
                break;
            }
            assert!(stops.iter().all(|known| known.id != stop.id), "{}: {} twice", panel.verb, stop.name);
            stops.push(stop);
            assert!(stops.len() < 300, "{}: it never comes back to the first", panel.verb);
        }
        let names: Vec<&str> = stops.iter().map(|stop| stop.name.as_str()).collect();
        let at = |name: &str| names.iter().position(|known| *known == name);
        let generate = if panel.verb == "digits-train" { "Train" } else { "Generate" };
        let order = [at("Menu"), at("Sample"), at("Presets"), at("Jobs")];
        assert_eq!(at("Jobs"), Some(names.len() - 1), "{}: the bar is last of {names:?}", panel.verb);
        assert!(order.is_sorted() && order.iter().all(Option::is_some), "{}: {names:?}", panel.verb);
        // A panel that lacks its picture has no button to press yet.
        if let Some(generate) = at(generate) {
            assert!(at("Presets") < Some(generate), "{}: {names:?}", panel.verb);
        }
    }
}

#[test]
fn an_experiment_is_done_by_the_keyboard_alone() {
    let home = tempfile::tempdir().expect("a temporary folder");
    let mut harness = window(home.path(), real());
    tab_to(&mut harness, "Draw digits");
    harness.key_press(Key::Enter);
    harness.run_ok();
    assert_eq!(harness.state().shared.session.panel, "digits-sample");
    for key in ["Draw a 7", "Draw a 2"] {
        tab_to(&mut harness, key);
        harness.key_press(Key::Space);
        harness.run_ok();
    }
    assert_eq!(harness.state().shared.session.recipe().digits.classes, "72");
    tab_to(&mut harness, "Steps");
    harness.key_press_modifiers(Modifiers::COMMAND, Key::A);
    harness.event(egui::Event::Text("3".to_owned()));
    harness.run_ok();
    tab_to(&mut harness, "Generate");
    harness.key_press(Key::Enter);
    harness.step();
    until(&mut harness, "two digits", |lab| {
        lab.gallery.paths.len() == 2 && lab.shared.queue.jobs.open().next().is_none()
    });
    tab_to(&mut harness, "digits-sample-000001.png");
    harness.key_press(Key::Enter);
    harness.step();
    until(&mut harness, "the picture", |lab| lab.viewer.stage.loaded.is_some());
    let made =
        harness.state().viewer.stage.loaded.as_ref().and_then(|loaded| loaded.recipe.clone()).expect("a recipe inside");
    let made = made.trusted();
    assert_eq!((made.digits.classes.as_str(), made.sampling.steps.as_slice()), ("7", &[3][..]));
}

/// One key from anywhere puts the keyboard into the prompt.
#[test]
fn a_key_leads_to_the_prompt() {
    let (_home, _engine, mut harness) = scripted();
    for panel in ["sample", "anagram", "inpaint"] {
        harness.state_mut().shared.session.panel = panel.to_owned();
        harness.state_mut().shared.session.side_panels = false;
        harness.run_ok();
        harness.key_press(Key::Slash);
        harness.run_ok();
        let stop = focused(&harness).expect("the prompt has the keyboard");
        assert!(stop.name.starts_with("Prompt"), "{panel}: {}", stop.name);
        harness.key_press(Key::Escape);
        harness.run_ok();
    }
}
