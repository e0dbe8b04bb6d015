//! Explanations in place, lessons, and what cannot be read.

use diffusion_lab::app::commands::Command;
use diffusion_lab::app::explain::{Symbol, is_marked};
use diffusion_lab::app::lessons::LESSONS;
use diffusion_lab::diffusion::samplers::Sampler;
use diffusion_lab::experiments::{Recipe, Source, preset};
use diffusion_lab::worker::{Event, JobId, What};
use egui::Key;
use egui::accesskit::Role;
use egui_kittest::kittest::{NodeT, Queryable};

use super::{scripted, until};

/// A sign under the pointer is marked; a click says what it means.
#[test]
fn a_symbol_explains_itself_where_it_stands() {
    let (_home, _engine, mut harness) = scripted();
    let recipe = (preset("a1.1").expect("a preset").recipe)();
    let picture = Some(Source::BuiltIn("lighthouse".to_owned()));
    harness.state_mut().shared.session.open(recipe.with(|recipe| recipe.source.image = picture));
    until(&mut harness, "the noised pictures", |lab| lab.workspaces.noise.shown().len() == 3);
    harness.run_ok();
    let curve = || "Explain the curve of Share of the picture";
    harness.get_by_label(curve()).hover();
    harness.run_ok();
    assert!(is_marked(&harness.ctx, Symbol::AlphaBar) && !is_marked(&harness.ctx, Symbol::Snr));
    harness.get_by_label(curve()).click();
    harness.run_ok();
    let about = Symbol::AlphaBar.about();
    assert!(harness.query_all_by_label(about.what).next().is_some(), "what it is");
    assert!(harness.query_all_by_label(about.source).next().is_some(), "where it is defined");
    harness.key_press(Key::Escape);
    harness.run_ok();
    // The same by the setting's name, and by the palette.
    harness.state_mut().shared.commands.push(Command::Symbols);
    harness.step();
    harness.run_ok();
    harness.get_by_label("Symbols and measures");
    harness.get_by_label(Symbol::Guidance.about().what);
}

#[test]
fn a_lesson_opens_its_settings_and_is_done_by_running_them() {
    let (home, engine, mut harness) = scripted();
    harness.get_by_role_and_label(Role::Button, "Lessons").click();
    harness.run_ok();
    harness.get_by_label(LESSONS[0].title);
    harness.get_by_label("Show the answer").click();
    harness.run_ok();
    harness.get_by_label(LESSONS[0].answer);
    let guidance = LESSONS.iter().position(|lesson| lesson.id == "guidance").expect("a lesson");
    for _ in 0..guidance {
        harness.get_by_label("Next").click();
        harness.run_ok();
    }
    harness.get_by_label("Load the settings").click();
    harness.run_ok();
    let loaded = harness.state().shared.session.recipe().clone();
    assert_eq!(loaded.guidance.scale, (LESSONS[guidance].recipe)().guidance.scale);
    assert!(harness.query_by_label("Done: it has run").is_none());
    harness.state_mut().shared.commands.push(Command::Generate);
    harness.run_ok();
    for what in [What::Started, What::Finished(Default::default())] {
        engine.with(|script| script.events.push_back(Event { job: JobId(1), what }));
    }
    harness.run_ok();
    harness.get_by_label("Done: it has run");
    harness.state().save_now();
    drop(harness);
    let harness = super::window(home.path(), Box::new(super::Scripted::default()));
    let lessons = &harness.state().shared.session.lessons;
    assert!(
        lessons.open && lessons.done.contains("guidance") && lessons.lesson().id == "guidance",
        "it is there again"
    );
}

/// Every lesson's settings open at a panel that is there and shows what the lesson speaks of.
#[test]
fn every_lesson_opens() {
    let (_home, _engine, mut harness) = scripted();
    harness.state_mut().shared.session.lessons.open = true;
    for (number, lesson) in LESSONS.iter().enumerate() {
        harness.state_mut().shared.session.lessons.go_to(lesson);
        harness.run_ok();
        harness.get_by_label(&format!("Lesson {} of {}", number + 1, LESSONS.len()));
        harness.get_by_label("Load the settings").click();
        harness.run_ok();
        assert_eq!(harness.state().shared.session.panel, (lesson.recipe)().experiment, "{}", lesson.id);
        harness.get_by_label(lesson.title);
    }
}

/// What cannot be read stays as it was typed, beside why; Generate says which setting it waits for and leads there.
#[test]
fn what_cannot_be_read_stays_beside_its_error() {
    let (_home, engine, mut harness) = scripted();
    harness.set_size(egui::vec2(1280.0, 1800.0));
    harness.state_mut().shared.session.panel = "upscale".to_owned();
    harness.run_ok();
    harness.state_mut().shared.session.panel = "sample".to_owned();
    harness.run_ok();
    harness.get_by_label("Grid and branch section").click();
    harness.run_ok();
    let field = |harness: &egui_kittest::Harness<'static, diffusion_lab::app::Window>| {
        harness.get_by_role_and_label(Role::TextInput, "Grid across").accesskit_node().value().unwrap_or_default()
    };
    harness.get_by_role_and_label(Role::TextInput, "Grid across").focus();
    harness.run_ok();
    harness.get_by_role_and_label(Role::TextInput, "Grid across").type_text("foo=1,2");
    harness.run_ok();
    harness.get_by_role_and_label(Role::TextInput, "Steps").focus();
    harness.run_ok();
    assert_eq!(field(&harness), "foo=1,2", "the text is there beside its error");
    assert!(harness.query_all_by_label_contains("Grid across: ").next().is_some(), "Generate says what it waits for");
    // At another panel and back it is still there.
    for panel in ["upscale", "sample"] {
        harness.state_mut().shared.session.panel = panel.to_owned();
        harness.run_ok();
    }
    assert_eq!(field(&harness), "foo=1,2");
    harness.get_by_label("Grid and branch section").click();
    harness.run_ok();
    harness.run_ok();
    harness.get_by_label("Grid and branch section, 1 to mend").click();
    harness.run_ok();
    harness.run_ok();
    harness.get_by_role_and_label(Role::TextInput, "Grid across").focus();
    harness.run_ok();
    harness.key_press_modifiers(egui::Modifiers::COMMAND, Key::A);
    harness.get_by_role_and_label(Role::TextInput, "Grid across").type_text("guidance=1,7");
    harness.run_ok();
    assert!(harness.state().why_not().is_none());
    harness.state_mut().shared.commands.push(Command::Generate);
    harness.run_ok();
    assert_eq!(engine.with(|script| script.jobs.len()), 1);
}

/// A closed section says how many settings in it are other than they began.
#[test]
fn a_closed_section_says_what_was_changed_in_it() {
    let (_home, _engine, mut harness) = scripted();
    harness.set_size(egui::vec2(1280.0, 1800.0));
    harness.run_ok();
    harness.get_by_label("Loop section");
    let changed = Recipe::new("sample").with(|recipe| {
        recipe.sampling.eta = 0.5;
        recipe.sampling.sampler = Sampler::Ddim;
    });
    harness.state_mut().shared.session.open(changed);
    harness.run_ok();
    harness.get_by_label("Loop section, 2 changed");
}

/// Denoise begins at a timestep or at an entry of the list: one of the two is there to be set.
#[test]
fn denoise_has_one_start() {
    let (_home, _engine, mut harness) = scripted();
    harness.state_mut().shared.session.panel = "denoise".to_owned();
    harness.run_ok();
    let starts = |lab: &diffusion_lab::app::Window| {
        let source = &lab.shared.session.recipe().source;
        (source.t.clone(), source.i_start.clone())
    };
    until(&mut harness, "the model", |lab| lab.inspector.model.stage_1().is_some());
    assert_eq!(starts(harness.state()), (vec![], vec![10]));
    assert!(harness.query_by_role_and_label(Role::TextInput, "Timestep").is_none());
    harness.get_by_role_and_label(Role::RadioButton, "Timestep").click();
    harness.run_ok();
    assert_eq!(starts(harness.state()).0, [690], "the timestep that entry 10 stands for");
    assert!(harness.query_by_role_and_label(Role::TextInput, "Start entry").is_none());
    harness.get_by_role_and_label(Role::RadioButton, "Start entry").click();
    harness.run_ok();
    assert_eq!(starts(harness.state()), (vec![], vec![10]));
}

/// A digit anagram is set by cards as a visual one is.
#[test]
fn a_digit_anagram_has_cards() {
    let (_home, _engine, mut harness) = scripted();
    harness.set_size(egui::vec2(1280.0, 1600.0));
    harness.state_mut().shared.session.panel = "digits-anagram".to_owned();
    harness.run_ok();
    assert_eq!(harness.query_all_by_label("orthogonal").count(), 2);
    harness.get_by_label("Add view").click();
    harness.run_ok();
    let (classes, views) = {
        let recipe = harness.state().shared.session.recipe();
        (recipe.digits.classes.clone(), recipe.views.view.len())
    };
    assert_eq!((classes.as_str(), views), ("690", 3));
    harness.get_by_role_and_label(Role::ComboBox, "Digit 3").click();
    harness.run_ok();
    harness.get_all_by_label("8").next().expect("an eight").click();
    harness.run_ok();
    assert_eq!(harness.state().shared.session.recipe().digits.classes, "698");
    harness.get_by_label("Remove view 1").click();
    harness.run_ok();
    assert_eq!(harness.state().shared.session.recipe().digits.classes, "98");
}

/// No two experiments have the same sign.
#[test]
fn every_experiment_has_an_icon_of_its_own() {
    let icons: Vec<_> = diffusion_lab::app::form::panels::PANELS.iter().map(|panel| panel.icon).collect();
    for (at, icon) in icons.iter().enumerate() {
        assert!(!icons[..at].contains(icon), "{icon:?} twice");
    }
}

/// Points walk in the plane by the engine's own loop, whatever is chosen.
#[test]
fn points_walk_in_the_plane() {
    let (_home, _engine, mut harness) = scripted();
    harness.state_mut().shared.commands.push(Command::Toy);
    harness.run_ok();
    let walk = |lab: &diffusion_lab::app::Window| match &lab.dialogs.open {
        Some(diffusion_lab::app::dialogs::Dialog::Toy(toy)) => toy.clouds().len(),
        _ => 0,
    };
    until(&mut harness, "the walk", |lab| walk(lab) == 31);
    harness.get_by_role_and_label(Role::Image, "Points in the plane");
    for sampler in ["ddpm", "dpm-solver-pp-2m", "euler-ancestral"] {
        harness.get_by_label("Sampler").click();
        harness.run_steps(2);
        harness.get_by_label(sampler).click();
        harness.run_steps(2);
        until(&mut harness, sampler, |lab| walk(lab) == 31);
    }
    let clouds = diffusion_lab::app::toy::walked(&diffusion_lab::app::toy::Settings::default()).expect("a walk");
    let far = clouds[30].x.iter().filter(|point| point[0].hypot(point[1]) > 2.0).count();
    assert!(far < 20, "{far} of 400 points are nowhere");
    harness.get_by_label("Play the walk").click();
    harness.run_steps(4);
    harness.get_by_label("Pause the walk");
}

/// A digit of the training set is its own nearest neighbour; the others come after it, further and further off.
#[test]
fn the_nearest_training_digits_are_found() {
    let (_home, engine, mut harness) = scripted();
    harness.state_mut().shared.session.panel = "digits-sample".to_owned();
    harness.run_ok();
    harness.state_mut().shared.commands.push(Command::Generate);
    harness.run_ok();
    let recipe = harness.state().shared.session.recipe().clone();
    let set = diffusion_lab::datasets::Dataset::open(&recipe.digits.data).expect("the set");
    let pixels = std::sync::Arc::new(diffusion_lab::app::training::digits::picture(&set.train, 123));
    let picture = diffusion_lab::worker::FinishedPicture { index: 0, pixels, recipe, path: None };
    for what in [What::Started, What::Picture(Box::new(picture)), What::Finished(Default::default())] {
        engine.with(|script| script.events.push_back(Event { job: JobId(1), what }));
    }
    harness.run_ok();
    harness.state_mut().shared.commands.push(Command::Nearest);
    harness.step();
    let found = |lab: &diffusion_lab::app::Window| match &lab.dialogs.open {
        Some(diffusion_lab::app::dialogs::Dialog::Nearest(nearest)) => {
            nearest.found().iter().map(|it| (it.index, it.distance)).collect()
        }
        _ => Vec::new(),
    };
    until(&mut harness, "the neighbours", |lab| !found(lab).is_empty());
    let found = found(harness.state());
    assert_eq!((found[0], found.len()), ((123, 0.0), 9));
    assert!(found.is_sorted_by(|a, b| a.1 <= b.1) && found[1].1 > 0.01, "{found:?}");
    harness.get_by_role_and_label(Role::Canvas, "A drawn digit and its nearest ones");
}
