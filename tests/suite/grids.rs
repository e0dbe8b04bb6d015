use std::path::Path;

use diffusion_lab::experiments::{Axis, Recipe};
use serde_json::{Value, json};

use crate::cli::{lab, stderr};
use crate::reference::{Reference, path};
use crate::running::{held, recipe, run};

fn read(folder: &Path, name: &str) -> Vec<u8> {
    std::fs::read(folder.join(name)).unwrap()
}

/// Each cell of a grid is the picture that its own recipe makes, byte for byte, and the grid is labelled.
#[test]
fn a_grid_is_its_cells() {
    let keys = json!({ "steps": [3], "x": "guidance=1,3", "y": "seed=7,8", "prompt": ["a cat"] });
    let (out, alone) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let files = run(Recipe::from_json(&recipe("narrow", keys)).unwrap(), out.path());
    assert_eq!(files.iter().filter(|name| name.starts_with("sample-")).count(), 4, "{files:?}");
    assert_eq!(files.iter().filter(|name| name.starts_with("trajectory-")).count(), 4, "{files:?}");
    for (index, (seed, guidance)) in [(7, 1.0), (7, 3.0), (8, 1.0), (8, 3.0)].into_iter().enumerate() {
        let keys = json!({ "steps": [3], "guidance": [guidance], "seed": [seed], "prompt": ["a cat"] });
        run(Recipe::from_json(&recipe("narrow", keys)).unwrap(), alone.path());
        let name = format!("sample-{index:03}.png");
        assert!(read(out.path(), &name) == read(alone.path(), "sample-000.png"), "γ {guidance}, seed {seed}");
    }
    let grid = image::open(out.path().join("grid.png")).unwrap();
    assert!(grid.width() > 2 * 128 && grid.height() > 2 * 128);
}

/// Settings whose values hold commas, and settings that take several values at once.
#[test]
fn views_parts_and_lists_vary_in_a_grid() {
    let cases: [(Value, &str, Vec<Value>); 3] = [
        (
            json!({ "experiment": "anagram", "prompt": ["a cat", "a dog"] }),
            "view=identity|flip_vertical;rotate_90|skew:factor=2;identity|jigsaw:pieces=3,seed=1",
            vec![
                json!({ "view": ["identity", "flip_vertical"] }),
                json!({ "view": ["rotate_90", "skew:factor=2"] }),
                json!({ "view": ["identity", "jigsaw:pieces=3,seed=1"] }),
            ],
        ),
        (
            json!({ "experiment": "hybrid", "prompt": ["a cat", "a dog"] }),
            "decomposition=low_high:kernel=5,sigma=1;grey_colour",
            vec![json!({ "decomposition": "low_high:kernel=5,sigma=1" }), json!({ "decomposition": "grey_colour" })],
        ),
        (
            json!({ "prompt": ["a cat"], "steps": [] }),
            "timesteps=900,500,0;700,100",
            vec![json!({ "timesteps": [900, 500, 0] }), json!({ "timesteps": [700, 100] })],
        ),
    ];
    for (keys, axis, cells) in cases {
        let (out, alone) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let with = |more: &Value| {
            let mut all = keys.clone();
            let steps = if all["steps"].is_array() { json!([]) } else { json!([2]) };
            all["steps"] = steps;
            all.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
            Recipe::from_json(&recipe("narrow", all)).unwrap()
        };
        let verb = with(&json!({})).experiment;
        let files = run(with(&json!({ "y": axis })), out.path());
        assert_eq!(files.iter().filter(|name| name.ends_with("safetensors")).count(), cells.len(), "{files:?}");
        for (index, cell) in cells.iter().enumerate() {
            run(with(cell), alone.path());
            let (here, there) = (format!("{verb}-{index:03}.png"), format!("{verb}-000.png"));
            assert!(read(out.path(), &here) == read(alone.path(), &there), "{axis} cell {index}");
        }
    }
}

/// The source picture may vary too.
#[test]
fn pictures_vary_in_a_grid() {
    let folder = tempfile::tempdir().unwrap();
    let save = |name: &str, level: u8| {
        let path = folder.path().join(name);
        image::RgbImage::from_pixel(12, 12, image::Rgb([level; 3])).save(&path).unwrap();
        path.display().to_string()
    };
    let axis = format!("image={},{}", save("dark.png", 20), save("light.png", 220));
    let keys = json!({ "experiment": "forward", "t": [0], "x": axis });
    let mut recipe = Recipe::from_json(&recipe("narrow", keys)).unwrap();
    recipe.source.image = Some(held(&Reference::open("edit.safetensors"), "picture"));
    let out = folder.path().join("out");
    run(recipe, &out);
    for (name, level) in [("forward-000.png", 20), ("forward-001.png", 220)] {
        let pixels = image::open(out.join(name)).unwrap().to_rgb8();
        // √(1-ᾱ_0) of noise is one level or two.
        let mean = pixels.as_raw().iter().map(|value| f64::from(*value)).sum::<f64>() / pixels.as_raw().len() as f64;
        assert!((mean - f64::from(level)).abs() < 2.0, "{name}: {mean}");
    }
}

/// One cell that cannot run is refused before any other is made.
#[test]
fn a_grid_with_one_bad_cell_is_refused_before_any_work() {
    let folder = tempfile::tempdir().unwrap();
    let model = path("models/narrow").display().to_string();
    let out = folder.path().join("out").display().to_string();
    let picture = folder.path().join("picture.png").display().to_string();
    image::RgbImage::new(12, 12).save(&picture).unwrap();
    for (more, wanted) in [
        (["--x", "i_start=1,34", "--y", "guidance=1,3"], "no entry 34"),
        (["--x", "view=identity;jigsaw:pieces=8", "--y", "seed=1,2"], "8 squares a side"),
    ] {
        let arguments = [&["edit", "--model", &model, "--image", &picture, "--out", &out][..], &more].concat();
        crate::cli::refuses(&arguments, 2, &[wanted]);
        assert!(!Path::new(&out).exists());
    }
}

/// What the progress plans is what is done, where cells have different lengths; and a note is said once.
#[test]
fn progress_knows_the_length_of_every_cell() {
    let folder = tempfile::tempdir().unwrap();
    let model = path("models/narrow").display().to_string();
    let out = folder.path().display().to_string();
    let long = "a rocket ship over the sea ".repeat(40);
    let arguments = [
        "sample",
        "--model",
        &model,
        "--stage-2",
        "none",
        "--prompt",
        &long,
        "--x",
        "steps=2,5,3",
        "--json",
        "--out",
        &out,
    ];
    let output = lab(&arguments);
    assert!(output.status.success(), "{}", stderr(&output));
    let events: Vec<Value> =
        String::from_utf8_lossy(&output.stdout).lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let steps: Vec<f64> = events
        .iter()
        .filter(|event| event["event"] == "step")
        .map(|event| event["fraction"].as_f64().unwrap())
        .collect();
    assert_eq!(steps.len(), 10);
    for (index, fraction) in steps.iter().enumerate() {
        assert!((fraction - (index as f64 + 1.0) / 10.0).abs() < 1e-6, "{steps:?}");
    }
    assert_eq!(events.iter().filter(|event| event["event"] == "note").count(), 1);
}

#[test]
fn an_axis_is_written_as_it_is_read() {
    for (text, values) in [
        ("guidance=1,3,7", vec!["1", "3", "7"]),
        ("timesteps=smart27,smart50", vec!["smart27", "smart50"]),
        ("timesteps=990,500,0;smart27", vec!["990,500,0", "smart27"]),
        ("repaint=1,1;5,5", vec!["1,1", "5,5"]),
        ("decomposition=low_high:kernel=33,sigma=2;", vec!["low_high:kernel=33,sigma=2"]),
        ("prompt=a cat, sitting;a dog", vec!["a cat, sitting", "a dog"]),
        ("view=identity|skew:factor=2;negate", vec!["identity|skew:factor=2", "negate"]),
    ] {
        let axis: Axis = text.parse().unwrap();
        assert_eq!(axis.values, values, "{text}");
        let json = serde_json::to_value(&axis).unwrap();
        assert_eq!(serde_json::from_value::<Axis>(json).unwrap(), axis, "{text}");
    }
}

#[test]
fn a_grid_of_nonsense_is_refused() {
    for (axis, wanted) in [
        ("guidance", "KEY=VALUE"),
        ("colour=red", "colour"),
        ("steps=3,many", "many"),
        ("steps=0", "`0`"),
        ("guidance=", "``"),
        ("model=built-in,other", "cannot vary"),
        ("x=guidance=1", "cannot vary"),
        // Parted at the wrong commas: the way to keep them is said.
        ("view=skew:factor=2,jigsaw:pieces=4,seed=1", "apart by `;`, such as view="),
        ("timesteps=990,500,0", "apart by `;`, such as timesteps="),
        ("repaint=5,5", "apart by `;`, such as repaint="),
        ("decomposition=low_high:kernel=33,sigma=2", "apart by `;`, such as decomposition="),
    ] {
        let message = axis.parse::<Axis>().unwrap_err().to_string();
        assert!(message.contains(wanted), "{axis}: {message}");
        assert_eq!(message.lines().count(), 1);
    }
}
