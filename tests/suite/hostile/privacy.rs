use diffusion_lab::pictures::read_carried;
use image::{Rgb, RgbImage};

use crate::cli::{lab, stderr};

/// Of a large photograph a result carries the copy that was worked on and its hash, in single pictures and in grids, of
/// every experiment that takes a picture.
#[test]
fn no_result_carries_the_photograph_or_its_place() {
    let folder = tempfile::tempdir().unwrap();
    let photo = folder.path().join("IMG_2024_home.png");
    RgbImage::from_fn(900, 700, |x, y| Rgb([x as u8, y as u8, (x ^ y) as u8])).save(&photo).unwrap();
    let photo = photo.display().to_string();
    let narrow = crate::reference::path("models/narrow").display().to_string();
    let of_model = ["--model", &narrow, "--stage-2", "none"];
    for (verb, more) in [
        ("forward", &["--model", &narrow, "--t", "300", "--t", "600"][..]),
        ("edit", &[&of_model[..], &["--steps", "2", "--i-start", "0", "--i-start", "1"]].concat()),
        ("inpaint", &[&of_model[..], &["--steps", "2", "--seed", "1", "--seed", "2", "--mask", &photo]].concat()),
        ("denoise", &["--model", &narrow, "--t", "300", "--t", "600", "--steps", "2"]),
        ("digits-noise", &[]),
        ("digits-denoise", &["--noise-sigma", "0.5,0.6"]),
        ("digits-inpaint", &["--steps", "2", "--classes", "12", "--mask", &photo]),
    ] {
        let out = folder.path().join(verb);
        let output = lab(&[&[verb, "--image", &photo, "--quiet", "--out", &out.display().to_string()], more].concat());
        assert!(output.status.success(), "{verb}: {}", stderr(&output));
        let mut seen = 0;
        for entry in std::fs::read_dir(&out).unwrap().map(|entry| entry.unwrap().path()) {
            if entry.extension().is_none_or(|extension| extension != "png") {
                continue;
            }
            let bytes = std::fs::read(&entry).unwrap();
            let Some(carried) = read_carried(&bytes).unwrap() else { continue };
            assert!(!carried.recipe.contains("IMG_2024_home"), "{}: {}", entry.display(), carried.recipe);
            assert!(carried.recipe.contains("sha256:"), "{}", entry.display());
            for (key, picture) in &carried.pictures {
                assert!(picture.width() <= 256 && picture.height() <= 256, "{}: {key}", entry.display());
            }
            assert!(!carried.pictures.is_empty(), "{}", entry.display());
            seen += 1;
        }
        assert!(seen >= 2 && out.join("grid.png").is_file(), "{verb}: {seen} pictures");
    }
}
