use std::time::{Duration, Instant};

use diffusion_lab::experiments::{Recipe, most_pictures, recipe_from_bytes};
use diffusion_lab::files::limits;
use serde_json::{Value, json};

use super::{carrying, write};
use crate::app::{drop_file, scripted, until};
use crate::cli::refuses;

/// What 26 KB and more can ask for, and a word of the refusal.
fn greedy() -> Vec<(&'static str, Value, &'static str)> {
    let many = |count: usize| (0..count).collect::<Vec<_>>();
    let texts = |count: usize| vec!["a"; count];
    let side =
        |count: usize| format!("seed={}", many(count).iter().map(usize::to_string).collect::<Vec<_>>().join(","));
    vec![
        ("seeds", json!({ "experiment": "sample", "seed": many(1_000_000) }), "too many"),
        ("prompts", json!({ "experiment": "sample", "prompt": texts(1_000_000) }), "too many"),
        (
            "seeds × prompts",
            json!({ "experiment": "sample", "seed": many(2000), "prompt": texts(2000) }),
            "4000000 pictures",
        ),
        ("count", json!({ "experiment": "sample", "seed": many(500), "count": 1000 }), "500000 pictures"),
        ("both sides", json!({ "experiment": "sample", "x": side(2000), "y": side(2000) }), "4000000 pictures"),
        ("one side", json!({ "experiment": "sample", "x": side(200_000) }), "too long"),
        ("steps", json!({ "experiment": "sample", "seed": many(5000), "steps": [1000] }), "5000000 steps"),
        ("one prompt", json!({ "experiment": "sample", "prompt": ["a".repeat(10 << 20)] }), "too long"),
        ("a negative", json!({ "experiment": "sample", "negative": "a".repeat(1 << 20) }), "too long"),
        (
            "all cells' prompts",
            json!({ "experiment": "sample", "prompt": ["a".repeat(90_000)], "x": side(5000) }),
            "all cells",
        ),
        (
            "digits",
            json!({ "experiment": "digits-sample", "classes": "7".repeat(5000), "seed": many(500) }),
            "2500000 pictures",
        ),
        ("RePaint", json!({ "experiment": "inpaint", "repaint": "1000000,1" }), "steps"),
    ]
}

/// Refused before it is multiplied: at once, and in one line.
#[test]
fn what_no_machine_could_do_is_refused_at_once() {
    for (name, recipe, told) in greedy() {
        let text = recipe.to_string();
        let begun = Instant::now();
        let line = recipe_from_bytes(text.as_bytes(), None).unwrap_err().to_string();
        assert!(line.contains(told) && line.chars().count() < 500, "{name}: {line}");
        assert!(begun.elapsed() < Duration::from_secs(5), "{name}: {:?}", begun.elapsed());
    }
    let long = json!({ "experiment": "sample", "negative": "a".repeat(17_000_000) }).to_string();
    assert!(recipe_from_bytes(long.as_bytes(), None).unwrap_err().to_string().contains("too long"));
    assert!(recipe_from_bytes(&carrying(&long), None).unwrap_err().to_string().contains("too long"));
}

/// The largest that is allowed is counted right, and the next is refused.
#[test]
fn pictures_are_counted_as_they_will_be_made() {
    let recipe = |seeds: usize, prompts: usize| {
        Recipe::new("sample").with(|recipe| {
            recipe.sampling.seed = (0..seeds as u64).collect();
            recipe.sampling.steps = vec![1];
            recipe.prompting.prompt = vec!["a".to_owned(); prompts];
        })
    };
    assert_eq!(most_pictures(&recipe(20, 30)), diffusion_lab::experiments::Table::of(&recipe(20, 30)).pictures());
    assert!(recipe(limits::RUNS / 100, 100).checked().is_ok());
    assert!(recipe(limits::RUNS / 100 + 1, 100).checked().is_err());
    let huge = recipe(10, 10).with(|recipe| recipe.sampling.count = usize::MAX);
    assert_eq!(most_pictures(&huge), usize::MAX, "nothing wraps round");
}

#[test]
fn the_shell_and_the_window_refuse_them() {
    let folder = tempfile::tempdir().unwrap();
    for (index, (name, recipe, told)) in greedy().into_iter().enumerate() {
        let file = write(folder.path(), &format!("{index}.json"), recipe.to_string().as_bytes());
        let out = folder.path().join("out").display().to_string();
        refuses(&["run", &file, "--out", &out], 2, &[told]);
        let (_home, _engine, mut harness) = scripted();
        drop_file(&mut harness, std::path::Path::new(&file));
        until(&mut harness, name, |lab| lab.shared.toasts.texts().any(|text| text.contains(told)));
        assert!(harness.state().dialogs.open.is_none());
    }
}

/// A recipe at the limit is opened, and no frame works it out.
#[test]
fn the_largest_recipe_freezes_no_frame() {
    let folder = tempfile::tempdir().unwrap();
    let seeds: Vec<u64> = (0..limits::RUNS as u64).collect();
    let recipe = json!({ "experiment": "sample", "steps": [1], "seed": seeds });
    let file = write(folder.path(), "large.json", recipe.to_string().as_bytes());
    let (_home, _engine, mut harness) = scripted();
    drop_file(&mut harness, std::path::Path::new(&file));
    until(&mut harness, "the recipe", |lab| lab.shared.session.recipe().sampling.seed.len() == limits::RUNS);
    let begun = Instant::now();
    (0..10).for_each(|_| harness.step());
    assert!(begun.elapsed() < Duration::from_secs(10), "ten frames took {:?}", begun.elapsed());
}

/// The version is a whole number that this program knows.
#[test]
fn versions_are_numbers() {
    for version in [json!(-1), json!("x"), json!("1"), json!(0), json!(1.5), json!(2), json!(null)] {
        let recipe = json!({ "version": version, "recipe": { "experiment": "sample" } });
        let line = recipe_from_bytes(recipe.to_string().as_bytes(), None).unwrap_err().to_string();
        assert!(line.contains("version"), "{line}");
    }
    let known = json!({ "version": 1, "recipe": { "experiment": "sample" } });
    assert!(recipe_from_bytes(known.to_string().as_bytes(), None).is_ok());
}

/// A carried picture is the one that the recipe names.
#[test]
fn a_carried_picture_is_held_to_its_hash() {
    use diffusion_lab::pictures::{Carried, encode_png, sha256};
    let picture = image::RgbImage::from_pixel(16, 16, image::Rgb([9, 8, 7]));
    let png = |hash: &str| {
        let recipe = json!({ "experiment": "edit", "image": format!("sha256:{hash}") }).to_string();
        let carried = Carried { recipe, pictures: vec![("image".to_owned(), picture.clone())] };
        encode_png(&image::RgbImage::new(8, 8), Some(&carried)).unwrap()
    };
    assert!(recipe_from_bytes(&png(&sha256(&picture)), None).is_ok());
    let line = recipe_from_bytes(&png(&"0".repeat(64)), None).unwrap_err().to_string();
    assert!(line.contains("not the one that its recipe names"), "{line}");
}
