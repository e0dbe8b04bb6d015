//! Painting a mask and drawing a source with the pointer, as a hand does it; undo from the keyboard; and that what was
//! painted is there after a crash.

use diffusion_lab::app::Window;
use diffusion_lab::app::commands::Command;
use diffusion_lab::app::widgets::canvas::Tool;
use diffusion_lab::experiments::Source;
use diffusion_lab::pictures::drawing::Edges;
use egui::accesskit::{Role, Toggled};
use egui::{Key, Modifiers, PointerButton, Pos2, Rect};
use egui_kittest::Harness;
use egui_kittest::kittest::{NodeT, Queryable};
use image::RgbImage;

use super::{Scripted, scripted, until, window};

/// The panel with a source picture, once it is on the canvas.
fn at_canvas(harness: &mut Harness<'static, Window>, panel: &str) {
    let pixels = RgbImage::from_fn(300, 200, |x, y| image::Rgb([(x % 256) as u8, (y % 256) as u8, 60]));
    harness.state_mut().shared.session.panel = panel.to_owned();
    harness.state_mut().shared.session.recipe_mut().source.image = Some(Source::Held(pixels.into()));
    for _ in 0..20 {
        harness.step();
        std::thread::sleep(std::time::Duration::from_millis(10));
    }
}

fn canvas(harness: &Harness<'static, Window>, name: &str) -> Rect {
    harness.get_by_role_and_label(Role::Canvas, name).rect()
}

fn press(harness: &mut Harness<'static, Window>, at: Pos2, pressed: bool) {
    let (button, modifiers) = (PointerButton::Primary, Modifiers::NONE);
    harness.event(egui::Event::PointerButton { pos: at, button, pressed, modifiers });
}

/// Several samples within one frame, as a fast hand makes them.
fn stroke(harness: &mut Harness<'static, Window>, points: &[Pos2]) {
    harness.event(egui::Event::PointerMoved(points[0]));
    harness.step();
    press(harness, points[0], true);
    harness.step();
    points[1..].iter().for_each(|point| harness.event(egui::Event::PointerMoved(*point)));
    harness.step();
    press(harness, points[points.len() - 1], false);
    harness.run_ok();
}

/// The recipe's mask, painted part in percent.
fn painted(harness: &Harness<'static, Window>) -> f64 {
    let Some(mask) = &harness.state().shared.session.recipe().inpainting.mask else { return 0.0 };
    let mask = mask.load().expect("a mask");
    let sum: f64 = mask.pixels().map(|pixel| f64::from(pixel[0]) / 255.0).sum();
    100.0 * sum / f64::from(mask.width() * mask.height())
}

#[test]
fn a_mask_is_painted_undone_inverted_and_cleared() {
    let (_home, _engine, mut harness) = scripted();
    at_canvas(&mut harness, "inpaint");
    harness.get_by_label("Paint the area to replace first");
    let middle = canvas(&harness, "Mask canvas").center();
    let line = [middle - egui::vec2(80.0, 0.0), middle, middle + egui::vec2(80.0, 10.0)];
    stroke(&mut harness, &line);
    let first = painted(&harness);
    assert!((1.0..40.0).contains(&first), "{first} %");
    harness.get_by_label("Generate");
    stroke(&mut harness, &[middle - egui::vec2(0.0, 90.0), middle + egui::vec2(0.0, 90.0)]);
    let second = painted(&harness);
    assert!(second > first);
    harness.key_press_modifiers(Modifiers::COMMAND, Key::Z);
    harness.run_ok();
    assert_eq!(painted(&harness), first);
    harness.key_press_modifiers(Modifiers { shift: true, ..Modifiers::COMMAND }, Key::Z);
    harness.run_ok();
    assert_eq!(painted(&harness), second);
    harness.get_by_label("Undo stroke").click();
    harness.run_ok();
    assert_eq!(painted(&harness), first);
    harness.get_by_label("Invert mask").click();
    harness.run_ok();
    assert!((painted(&harness) - (100.0 - first)).abs() < 1e-6);
    harness.get_by_label("Clear canvas").click();
    harness.run_ok();
    assert_eq!(painted(&harness), 0.0);
    harness.key_press_modifiers(Modifiers::COMMAND, Key::Z);
    harness.run_ok();
    assert!(painted(&harness) > 50.0);
}

#[test]
fn brush_size_and_tools_have_their_keys() {
    let (_home, _engine, mut harness) = scripted();
    at_canvas(&mut harness, "inpaint");
    let size = harness.state().shared.session.tools.size;
    harness.key_press(Key::CloseBracket);
    harness.run_ok();
    assert!(harness.state().shared.session.tools.size > size);
    harness.key_press(Key::OpenBracket);
    harness.key_press(Key::OpenBracket);
    harness.run_ok();
    assert!(harness.state().shared.session.tools.size < size);
    for command in Command::ALL.iter().filter(|command| command.tool().is_some()) {
        let shortcut = command.about().shortcut.expect("a key");
        harness.key_press(shortcut.logical_key);
        harness.run_ok();
        assert_eq!(Some(harness.state().shared.session.tools.tool), command.tool());
    }
    harness.get_by_label("Lasso").click();
    harness.run_ok();
    assert_eq!(harness.state().shared.session.tools.tool, Tool::Lasso);
}

#[test]
fn lasso_rectangle_and_fill_paint_areas() {
    let (_home, _engine, mut harness) = scripted();
    at_canvas(&mut harness, "inpaint");
    let middle = canvas(&harness, "Mask canvas").center();
    harness.state_mut().shared.session.tools.tool = Tool::Rectangle;
    harness.run_ok();
    stroke(&mut harness, &[middle - egui::vec2(60.0, 60.0), middle + egui::vec2(60.0, 60.0)]);
    let rectangle = painted(&harness);
    assert!(rectangle > 2.0);
    harness.state_mut().shared.session.tools.tool = Tool::Lasso;
    harness.run_ok();
    let triangle = [egui::vec2(60.0, 60.0), egui::vec2(160.0, 60.0), egui::vec2(60.0, 160.0)].map(|v| middle + v);
    stroke(&mut harness, &triangle);
    let both = painted(&harness);
    assert!(both > rectangle);
    harness.state_mut().shared.session.tools.tool = Tool::Fill;
    harness.run_ok();
    stroke(&mut harness, &[middle + egui::vec2(-100.0, 0.0), middle + egui::vec2(-100.0, 0.0)]);
    assert!(painted(&harness) > 99.0, "everything else hangs together");
}

/// Edges change the recipe's mask and not what was painted; both are there after a crash.
#[test]
fn soft_edges_survive_a_crash() {
    let (home, _engine, mut harness) = scripted();
    at_canvas(&mut harness, "inpaint");
    let middle = canvas(&harness, "Mask canvas").center();
    stroke(&mut harness, &[middle - egui::vec2(50.0, 0.0), middle + egui::vec2(50.0, 0.0)]);
    let plain = painted(&harness);
    harness.state_mut().shared.session.set_edges("inpaint", Edges { grow: 8, feather: 6.0 });
    harness.run_ok();
    let grown = painted(&harness);
    assert!(grown > plain * 1.2, "{plain} % to {grown} %");
    let file = home.path().join("session.json");
    until(&mut harness, "the session's file", |_| {
        std::fs::read_to_string(&file).is_ok_and(|text| text.contains("\"grow\": 8") && text.contains("\"mask\""))
    });
    drop(harness); // nothing is written at the end
    let mut harness = window(home.path(), Box::new(Scripted::default()));
    until(&mut harness, "the mask", |lab| {
        lab.workspaces.mask("inpaint").is_some_and(|mask| mask.mask().iter().any(|&value| value > 0))
    });
    assert_eq!(harness.state().shared.session.edges("inpaint").grow, 8);
    assert!((painted(&harness) - grown).abs() < 1e-6);
    harness.state_mut().shared.session.set_edges("inpaint", Edges::default());
    harness.run_ok();
    assert!((painted(&harness) - plain).abs() < 1e-6, "what was painted is still there");
}

#[test]
fn a_drawing_becomes_the_source_and_a_colour_is_picked_from_it() {
    let (_home, _engine, mut harness) = scripted();
    harness.state_mut().shared.session.panel = "edit".to_owned();
    harness.state_mut().shared.session.recipe_mut().source.image = None;
    harness.run_ok();
    let middle = canvas(&harness, "Drawing canvas").center();
    harness.state_mut().shared.session.tools.colour = [10, 200, 30];
    stroke(&mut harness, &[middle - egui::vec2(40.0, 0.0), middle + egui::vec2(40.0, 0.0)]);
    let image = harness.state().shared.session.recipe().source.image.clone().expect("a source");
    let pixels = image.load().expect("pixels");
    assert_eq!(pixels.dimensions(), (256, 256));
    assert_eq!(pixels.get_pixel(128, 128).0, [10, 200, 30]);
    assert_eq!(pixels.get_pixel(2, 2).0, [255, 255, 255]);
    harness.state_mut().shared.session.tools.colour = [1, 2, 3];
    harness.key_press(Key::I);
    harness.run_ok();
    stroke(&mut harness, &[middle, middle]);
    assert_eq!(harness.state().shared.session.tools.colour, [10, 200, 30]);
    assert_eq!(harness.state().shared.session.tools.tool, Tool::Brush, "back to painting");
    harness.key_press_modifiers(Modifiers::COMMAND, Key::Z);
    harness.run_ok();
    let image = harness.state().shared.session.recipe().source.image.clone().expect("a source");
    assert_eq!(image.load().expect("pixels").get_pixel(128, 128).0, [255, 255, 255]);
}

/// Two panels paint a mask and three draw: what is painted at one stays there, with its undo, while one is at another.
#[test]
fn each_panel_has_a_canvas_and_an_undo_of_its_own() {
    for (name, first, second) in
        [("Mask canvas", "Inpaint", "Repaint a digit"), ("Drawing canvas", "Edit", "Denoise digits")]
    {
        let (_home, _engine, mut harness) = scripted();
        harness.set_size(egui::vec2(1280.0, 1400.0)); // so that the whole rail is in reach
        harness.run_ok();
        let open = |harness: &mut Harness<'static, Window>, title: &str| {
            harness.get_by_role_and_label(Role::Tab, title).click();
            harness.run_ok();
        };
        // What of the open panel's canvas is painted: the pixels of its mask or source.
        let here = |harness: &Harness<'static, Window>| {
            let recipe = harness.state().shared.session.recipe();
            let painted =
                if name == "Mask canvas" { recipe.inpainting.mask.clone() } else { recipe.source.image.clone() };
            painted.map(|painted| painted.load().expect("pixels").as_raw().clone())
        };
        let paint = |harness: &mut Harness<'static, Window>, dy: f32| {
            let at = canvas(harness, name).center() + egui::vec2(0.0, dy);
            stroke(harness, &[at - egui::vec2(60.0, 0.0), at + egui::vec2(60.0, 0.0)]);
        };
        open(&mut harness, first);
        paint(&mut harness, -60.0);
        let one = here(&harness).expect("the first stroke");
        paint(&mut harness, 60.0);
        let two = here(&harness).expect("the second stroke");
        open(&mut harness, second);
        paint(&mut harness, 0.0);
        let other = here(&harness).expect("the other panel's stroke");
        assert!(other != one && other != two, "{name}: the other panel's canvas began empty");
        open(&mut harness, first);
        assert_eq!(here(&harness), Some(two), "{name}: nothing was painted here meanwhile");
        harness.get_by_label("Undo stroke").click();
        harness.run_ok();
        assert_eq!(here(&harness).as_ref(), Some(&one), "{name}: the stroke is still undone after another panel");
        open(&mut harness, second);
        assert_eq!(here(&harness).as_ref(), Some(&other), "{name}: undone at the first panel alone");
        // By the keys too: the other panel's stroke goes, and what was done at the first panel stays.
        for _ in 0..3 {
            harness.key_press_modifiers(Modifiers::COMMAND, Key::Z);
            harness.run_ok();
        }
        assert_eq!(
            harness.get_by_role_and_label(Role::Tab, second).accesskit_node().toggled(),
            Some(Toggled::True),
            "{name}"
        );
        assert_ne!(here(&harness), Some(other), "{name}: its own stroke is undone");
        open(&mut harness, first);
        assert_eq!(here(&harness), Some(one), "{name}: undo did not reach over from another panel");
    }
}

/// A panel opens on a picture that comes along; another is taken, painted over and put back by its name.
#[test]
fn a_picture_that_comes_along_is_there_and_another_is_taken() {
    let (_home, _engine, mut harness) = scripted();
    harness.state_mut().shared.session.panel = "edit".to_owned();
    let named = |name: &str| Some(Source::BuiltIn(name.to_owned()));
    assert_eq!(harness.state().shared.session.recipe().source.image, named("drawing"));
    until(&mut harness, "the pictures that are offered", |lab| lab.shared.session.panel == "edit");
    harness.run_ok();
    harness.get_by_label("Start from the portrait").click();
    harness.run_ok();
    assert_eq!(harness.state().shared.session.recipe().source.image, named("portrait"));
    let middle = canvas(&harness, "Drawing canvas").center();
    stroke(&mut harness, &[middle, middle + egui::vec2(30.0, 0.0)]);
    let painted =
        harness.state().shared.session.recipe().source.image.clone().expect("a drawing").load().expect("pixels");
    let portrait = diffusion_lab::pictures::built_in("portrait").expect("a picture");
    let off = painted.pixels().zip(portrait.pixels()).filter(|(a, b)| a != b).count();
    assert!((50..20_000).contains(&off), "a stroke on the portrait changes {off} of its 65536 pixels");
    harness.get_by_label("Start from the drawing").click();
    harness.run_ok();
    assert_eq!(harness.state().shared.session.recipe().source.image, named("drawing"));
}

/// Between two strokes a setting is changed; all three are taken back one by one.
#[test]
fn strokes_before_and_after_a_setting_are_undone() {
    let (_home, _engine, mut harness) = scripted();
    harness.state_mut().shared.session.panel = "edit".to_owned();
    harness.state_mut().shared.session.recipe_mut().source.image = None;
    harness.run_ok();
    let middle = canvas(&harness, "Drawing canvas").center();
    let image = |harness: &Harness<'static, Window>| {
        let image = harness.state().shared.session.recipe().source.image.clone().expect("a drawing");
        image.load().expect("pixels").as_raw().clone()
    };
    let line = |dy: f32| [middle + egui::vec2(-60.0, dy), middle + egui::vec2(60.0, dy)];
    stroke(&mut harness, &line(-50.0));
    let one = image(&harness);
    harness.state_mut().shared.session.recipe_mut().sampling.steps = vec![7];
    harness.run_ok();
    stroke(&mut harness, &line(50.0));
    assert!(image(&harness) != one);
    let undo = |harness: &mut Harness<'static, Window>| {
        harness.key_press_modifiers(Modifiers::COMMAND, Key::Z);
        harness.run_ok();
    };
    undo(&mut harness);
    assert!(image(&harness) == one, "the second stroke");
    undo(&mut harness);
    assert!(harness.state().shared.session.recipe().sampling.steps.is_empty(), "the setting");
    undo(&mut harness);
    assert!(image(&harness).iter().all(|&value| value == 255), "the first stroke");
}

/// The digit that is picked lies under the mask of "Repaint a digit", without a file or a paste.
#[test]
fn a_picked_digit_is_there_to_be_painted_on() {
    let (_home, _engine, mut harness) = scripted();
    harness.state_mut().shared.session.panel = "digits-inpaint".to_owned();
    let under = |lab: &Window| lab.workspaces.mask("digits-inpaint").and_then(|mask| mask.under()).cloned();
    until(&mut harness, "the first test digit", |lab| under(lab).is_some());
    let seven = under(harness.state()).expect("a digit");
    assert_eq!(seven.dimensions(), (28, 28));
    harness.state_mut().shared.session.recipe_mut().digits.pick = vec![2];
    until(&mut harness, "the third", |lab| under(lab).is_some_and(|digit| digit != seven));
    harness.state_mut().shared.session.recipe_mut().digits.pick = vec![70_000];
    harness.run_ok();
    assert!(under(harness.state()).is_none(), "there is no such digit");
}

/// "Denoise digits" shows the test digit that it is going to take; a stroke over it, white on black, makes it a drawing.
#[test]
fn a_digit_to_be_denoised_is_there_to_be_drawn_over() {
    let (_home, _engine, mut harness) = scripted();
    harness.state_mut().shared.session.panel = "digits-denoise".to_owned();
    harness.run_ok();
    let drawn = |harness: &Harness<'static, Window>| {
        harness.state().workspaces.drawing("digits-denoise").expect("its canvas").picture()
    };
    let white = |picture: &image::RgbImage| picture.pixels().filter(|pixel| pixel[0] > 128).count();
    until(&mut harness, "the digit", |lab| {
        lab.workspaces.drawing("digits-denoise").is_some_and(|drawing| white(&drawing.picture()) > 500)
    });
    let digit = drawn(&harness);
    assert!(white(&digit) < 20_000, "white on black");
    harness.get_by_label_contains("Test digit 0");
    assert!(harness.state().shared.session.recipe().source.image.is_none(), "looking changes nothing");
    let corner = canvas(&harness, "Drawing canvas").min + egui::vec2(30.0, 30.0);
    stroke(&mut harness, &[corner, corner + egui::vec2(60.0, 0.0)]);
    assert!(white(&drawn(&harness)) > white(&digit), "the brush is white");
    assert!(harness.state().shared.session.recipe().source.image.is_some(), "now it is a source of its own");
    harness.get_by_label("New drawing").click();
    harness.run_ok();
    assert_eq!(white(&drawn(&harness)), 0, "its paper is black");
}
