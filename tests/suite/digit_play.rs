//! Playing with digit networks: a digit in part new, one picture that is two digits.

use std::path::Path;

use candle_core::Tensor;
use diffusion_lab::datasets::Dataset;
use diffusion_lab::experiments::{Recipe, Table};
use diffusion_lab::models::digits::Kind;
use diffusion_lab::pictures::load;
use image::{Rgb, RgbImage, imageops};
use serde_json::Value;

use crate::cli::{lab, refuses, stderr};
use crate::digits::{checkpoint, drawn};
use crate::running::tensors;

fn pixels(path: &Path) -> RgbImage {
    load(path).unwrap()
}

fn made(arguments: &[&str], out: &Path) {
    let out = out.display().to_string();
    let mut all = arguments.to_vec();
    all.extend(["--out", &out, "--quiet"]);
    let output = lab(&all);
    assert!(output.status.success(), "{}", stderr(&output));
}

/// Outside the mask the digit's own bytes, inside others, for each class; the grid shows what was kept.
#[test]
fn a_repainted_digit_is_its_own_outside_the_mask() {
    let folder = tempfile::tempdir().unwrap();
    let class = checkpoint(folder.path(), Kind::Class);
    // White below: the lower half is new.
    let mask = RgbImage::from_fn(28, 28, |_, y| if y < 14 { Rgb([0; 3]) } else { Rgb([255; 3]) });
    let path = folder.path().join("mask.png");
    mask.save(&path).unwrap();
    let (mask, out) = (path.display().to_string(), folder.path().join("out"));
    let arguments = ["digits-inpaint", "--checkpoint", &class, "--pick", "4", "--mask", &mask, "--classes", "38"];
    made(&[&arguments[..], &["--i-start", "0", "--steps", "6"]].concat(), &out);
    let digit = Dataset::open("mnist").unwrap().test.picture(4).to_vec();
    let results: Vec<RgbImage> =
        (0..2).map(|index| pixels(&out.join(format!("digits-inpaint-00{index}.png")))).collect();
    for result in &results {
        let grey: Vec<u8> = result.pixels().map(|pixel| pixel[0]).collect();
        assert!(grey[..392] == digit[..392], "the kept half changed");
        assert!(grey[392..] != digit[392..], "nothing is new under the mask");
    }
    assert!(results[0] != results[1], "the class does not matter");
    assert!(pixels(&out.join("grid.png")).width() > 4 * 28, "digit, kept and two results");
    // Its recipe makes it alone.
    made(&["run", "--trust", &out.join("digits-inpaint-001.png").display().to_string()], &folder.path().join("alone"));
    assert!(pixels(&folder.path().join("alone/digits-inpaint-000.png")) == results[1]);
    // RePaint's ways back change it, and cost more steps than are drawn once.
    made(&[&arguments[..], &["--i-start", "0", "--steps", "6", "--repaint", "2,2"]].concat(), &folder.path().join("r"));
    assert!(pixels(&folder.path().join("r/digits-inpaint-000.png")) != results[0]);
}

/// What the table promises before a run, for its places and its progress, is what the run makes.
#[test]
fn the_table_counts_what_is_made() {
    let folder = tempfile::tempdir().unwrap();
    let class = checkpoint(folder.path(), Kind::Class);
    let cases: [(&str, &[&str], usize, &str); 5] = [
        ("sample", &["--classes", "38", "--count", "2", "--steps", "3,4"], 8, "3 steps · no. 2 · digit 3"),
        (
            "repaint",
            &["--classes", "38", "--pick", "4,5", "--steps", "6", "--i-start", "2,3"],
            8,
            "test digit 4 · i_start 3 · digit 3",
        ),
        ("edit", &["--classes", "5", "--steps", "6"], 1, "digit 5"),
        ("anagram", &["--count", "3", "--steps", "3"], 3, "no. 3"),
        ("one", &["--classes", "12", "--count", "1", "--steps", "3"], 1, "1 / 2"),
    ];
    for (name, more, pictures, label) in cases {
        let verb = match name {
            "sample" => "digits-sample",
            "repaint" | "edit" => "digits-inpaint",
            _ => "digits-anagram",
        };
        let out = folder.path().join(name);
        made(&[&[verb, "--checkpoint", &class], more].concat(), &out);
        let report: Value = serde_json::from_slice(&std::fs::read(out.join("result.json")).unwrap()).unwrap();
        let table = Table::of(&Recipe::from_json(report["recipe"].as_object().unwrap()).unwrap());
        let made = |index: usize| out.join(format!("{verb}-{index:03}.png")).is_file();
        assert_eq!((table.pictures(), (0..10).filter(|&index| made(index)).count()), (pictures, pictures), "{name}");
        assert!((0..pictures).any(|index| table.label(index) == label), "{name}: {}", table.label(0));
    }
}

/// The later it begins, the nearer it stays.
#[test]
fn a_digit_drawn_on_from_later_stays_nearer() {
    let folder = tempfile::tempdir().unwrap();
    let time = checkpoint(folder.path(), Kind::Time);
    let digit = Dataset::open("mnist").unwrap().test.picture(0).to_vec();
    let off = |i_start: &str| -> f64 {
        let out = folder.path().join(i_start);
        made(&["digits-inpaint", "--checkpoint", &time, "--pick", "0", "--i-start", i_start], &out);
        let ours = pixels(&out.join("digits-inpaint-000.png"));
        ours.pixels().zip(&digit).map(|(a, &b)| (f64::from(a[0]) - f64::from(b)).powi(2)).sum()
    };
    let (early, late, latest) = (off("200"), off("285"), off("299"));
    assert!(early > late && late > latest, "{early} {late} {latest}");
}

/// Equal views and digits are the plain sample; a turned one pulls the picture elsewhere, and the figure turns it.
#[test]
fn an_anagram_of_one_reading_is_a_sample() {
    let folder = tempfile::tempdir().unwrap();
    let class = checkpoint(folder.path(), Kind::Class);
    let anagram = |name: &str, classes: &str, view: &str| {
        let out = folder.path().join(name);
        let start = ["digits-anagram", "--checkpoint", &class, "--steps", "5", "--count", "2", "--classes", classes];
        made(&[&start[..], &["--view", "identity", "--view", view]].concat(), &out);
        (pixels(&out.join("digits-anagram-001.png")), pixels(&out.join("grid.png")))
    };
    let sample = folder.path().join("sample");
    made(&["digits-sample", "--checkpoint", &class, "--steps", "5", "--count", "2", "--classes", "6"], &sample);
    let plain = pixels(&sample.join("digits-sample-001.png"));
    assert!(anagram("same", "66", "identity").0 == plain);
    let (turned, figure) = anagram("turned", "69", "rotate_180");
    assert!(turned != plain);
    // The figure has both readings, enlarged.
    let side = (1..=8).map(|times| 28 * times).find(|side| {
        let large = imageops::resize(&turned, *side, *side, imageops::FilterType::Nearest);
        holds(&figure, &large) && holds(&figure, &imageops::rotate180(&large))
    });
    assert!(side.is_some(), "the figure lacks a reading");
}

/// Whether `part` lies somewhere in `whole`.
fn holds(whole: &RgbImage, part: &RgbImage) -> bool {
    let ((w, h), (a, b)) = (whole.dimensions(), part.dimensions());
    let row = |picture: &RgbImage, x: u32, y: u32| -> Vec<u8> {
        let start = ((y * picture.width() + x) * 3) as usize;
        picture.as_raw()[start..start + 3 * a as usize].to_vec()
    };
    a <= w
        && b <= h
        && (0..=h - b).any(|y| (0..=w - a).any(|x| (0..b).all(|down| row(whole, x, y + down) == row(part, 0, down))))
}

/// What cannot be meant is refused by name.
#[test]
fn play_refuses_in_one_line() {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("out").display().to_string();
    let class = checkpoint(folder.path(), Kind::Class);
    let flow = checkpoint(folder.path(), Kind::FlowClass);
    let time = checkpoint(folder.path(), Kind::Time);
    let refused = |verb: &str, checkpoint: &str, more: &[&str], wanted: &[&str]| {
        refuses(&[&[verb, "--checkpoint", checkpoint, "--out", &out], more].concat(), 2, wanted);
    };
    refused("digits-inpaint", &class, &["--i-start", "0"], &["nothing of the digit is left", "--mask"]);
    refused("digits-inpaint", &class, &["--i-start", "300"], &["no step 300", "299"]);
    refused("digits-inpaint", &flow, &[], &["flow", "`class` or `time`"]);
    refused("digits-anagram", &class, &["--classes", "6"], &["1 digits for 2 views"]);
    refused("digits-anagram", &class, &["--classes", "six"], &["`six`", "69"]);
    refused("digits-anagram", &class, &["--view", "negate", "--classes", "6"], &["negate", "moves pixels"]);
    refused("digits-anagram", &time, &[], &["does not take a `time` network"]);
}

/// Ink on paper and light on dark are the same digit.
#[test]
fn a_digit_on_paper_is_turned() {
    let folder = tempfile::tempdir().unwrap();
    let denoiser = drawn(folder.path(), Kind::Denoiser);
    let stroke = |ink: u8, paper: u8| {
        let picture = RgbImage::from_fn(56, 56, |x, y| Rgb([if x.abs_diff(28) < 5 && y > 9 { ink } else { paper }; 3]));
        let path = folder.path().join(format!("{ink}.png"));
        picture.save(&path).unwrap();
        let out = folder.path().join(format!("out-{ink}"));
        let image = path.display().to_string();
        made(&["digits-denoise", "--checkpoint", &denoiser, "--image", &image, "--sigma", "0.3"], &out);
        pixels(&out.join("digits-denoise-000.png"))
    };
    assert!(stroke(255, 0) == stroke(0, 255));
    assert!(stroke(200, 0) != stroke(255, 0));
}

/// Any digit can be made again alone, from the recipe that its picture carries: the same bytes as among others.
#[test]
fn a_digit_alone_is_the_digit_in_company() {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name);
    made(&["digits-anagram", "--steps", "4", "--count", "3"], &at("anagrams"));
    made(&["digits-sample", "--steps", "4", "--classes", "0123456789", "--tensors"], &at("digits"));
    for (many, name) in [("anagrams", "digits-anagram-002.png"), ("digits", "digits-sample-007.png")] {
        let picture = at(many).join(name);
        let alone = at(&format!("{many}-alone"));
        made(&["run", "--trust", &picture.display().to_string(), "--tensors"], &alone);
        let first = name.replace("002", "000").replace("007", "000");
        assert!(pixels(&picture) == pixels(&alone.join(first)), "{name}");
    }
    let x = |folder: &str| tensors(&at(folder), "trajectory.safetensors")["x_t"].clone();
    let (all, one) = (x("digits").narrow(1, 7, 1).unwrap(), x("digits-alone"));
    let bits = |x: &Tensor| -> Vec<f32> { x.flatten_all().unwrap().to_vec1().unwrap() };
    assert!(bits(&all) == bits(&one), "the loop's own numbers differ");
}
