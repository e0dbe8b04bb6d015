use std::path::{Path, PathBuf};
use std::time::Duration;

use diffusion_lab::experiments::recipe_from_bytes;
use diffusion_lab::pictures::Animation;
use image::{DynamicImage, Rgb, RgbImage};

use crate::cli::{lab, refuses, stderr};
use crate::reference::path;

/// A folder with an ordinary picture, and a place for results that must stay free.
struct Desk {
    folder: tempfile::TempDir,
    model: String,
    ordinary: String,
}

impl Desk {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let model = path("models/narrow").display().to_string();
        let ordinary = folder.path().join("ordinary.png").display().to_string();
        RgbImage::from_fn(20, 31, |x, y| Rgb([x as u8 * 9, y as u8 * 7, 60])).save(&ordinary).unwrap();
        Self { folder, model, ordinary }
    }

    fn at(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn save(&self, name: &str, picture: DynamicImage) -> String {
        picture.save(self.at(name)).unwrap();
        self.at(name).display().to_string()
    }

    fn write(&self, name: &str, bytes: &[u8]) -> String {
        std::fs::write(self.at(name), bytes).unwrap();
        self.at(name).display().to_string()
    }

    /// `arguments` with the small model and a place for results.
    fn arguments<'a>(&'a self, arguments: &[&'a str], out: &'a str) -> Vec<&'a str> {
        [arguments, &["--model", &self.model, "--out", out]].concat()
    }

    /// It is refused in one line, and nothing is left behind.
    fn refuses(&self, arguments: &[&str], code: i32, wanted: &[&str]) {
        let out = self.at("free");
        refuses(&self.arguments(arguments, &out.display().to_string()), code, wanted);
        assert!(!out.exists(), "{arguments:?} left something behind");
    }

    /// It is taken; returns where the results are, and what was said.
    fn takes(&self, arguments: &[&str]) -> (PathBuf, String) {
        let out = self.at("out");
        let output = lab(&self.arguments(arguments, &out.display().to_string()));
        assert!(output.status.success(), "{arguments:?}: {}", stderr(&output));
        (out, stderr(&output))
    }
}

/// A whole, valid picture of 20,000 × 20,000 pixels of one bit: 1.2 GB as RGB.
fn huge(path: &Path) {
    let mut encoder = png::Encoder::new(std::fs::File::create(path).unwrap(), 20_000, 20_000);
    encoder.set_color(png::ColorType::Grayscale);
    encoder.set_depth(png::BitDepth::One);
    encoder.set_compression(png::Compression::Fastest);
    let mut writer = encoder.write_header().unwrap();
    let mut stream = writer.stream_writer().unwrap();
    for _ in 0..20_000 {
        std::io::Write::write_all(&mut stream, &[0; 2500]).unwrap();
    }
    stream.finish().unwrap();
}

#[test]
fn pictures_of_every_kind_are_taken() {
    let desk = Desk::new();
    for picture in [
        desk.save("tiny.png", DynamicImage::new_rgb8(1, 1)),
        desk.save("line.png", DynamicImage::new_rgb8(1, 60_000)),
        desk.save("deep.png", DynamicImage::new_rgb16(9, 9)),
        desk.save("deep_clear.png", DynamicImage::new_rgba16(9, 14)),
        desk.save("grey.png", DynamicImage::new_luma8(30, 12)),
        desk.save("clear.png", DynamicImage::new_rgba8(12, 30)),
        desk.save("photo.jpg", DynamicImage::new_rgb8(31, 17)),
    ] {
        desk.takes(&["forward", "--image", &picture, "--quiet"]);
    }
    // 16 bits keep their level: 0x8080 is 128 of 255.
    let grey = image::ImageBuffer::from_pixel(12, 12, image::Luma([0x8080u16]));
    let (out, _) = desk.takes(&["forward", "--image", &desk.save("deep_grey.png", grey.into()), "--quiet"]);
    assert_eq!(carried(&out.join("forward-000.png")), Rgb([128; 3]));
}

/// A picture that comes along has a name, makes what its file would make, and others are refused by name.
#[test]
fn a_picture_that_comes_along_is_taken_by_its_name() {
    let desk = Desk::new();
    let file = path("../../assets/pictures/portrait.png").display().to_string();
    let first = |arguments: &[&str]| {
        let (out, _) = desk.takes(&[&["forward", "--t", "300", "--quiet"], arguments].concat());
        std::fs::read(out.join("forward-000.png")).unwrap()
    };
    assert!(first(&["--image", "built-in:portrait"]) == first(&["--image", &file]));
    assert!(first(&["--image", "built-in:lighthouse"]) != first(&["--image", &file]));
    desk.refuses(&["forward", "--image", "built-in:moon"], 2, &["`moon`", "lighthouse, landscape, portrait, drawing"]);
    desk.refuses(&["forward"], 2, &["needs a picture", "built-in:lighthouse"]);
}

/// The middle pixel of the source that a result carries.
fn carried(result: &Path) -> Rgb<u8> {
    let recipe = recipe_from_bytes(&std::fs::read(result).unwrap(), None).unwrap().trusted();
    let source = recipe.source.image.unwrap().load().unwrap();
    *source.get_pixel(source.width() / 2, source.height() / 2)
}

/// Of an animation the first frame is taken, in every format that has any.
#[test]
fn of_an_animation_the_first_frame_is_taken() {
    let desk = Desk::new();
    let frames = [Rgb([255, 0, 0]), Rgb([0, 0, 255])].map(|colour| RgbImage::from_pixel(16, 16, colour));
    let animation = Animation::new(&frames, Duration::from_millis(50), Duration::from_millis(50)).unwrap();
    for (name, bytes) in [("moving.gif", animation.gif().unwrap()), ("moving.png", animation.apng().unwrap())] {
        let (out, _) = desk.takes(&["forward", "--image", &desk.write(name, &bytes), "--quiet"]);
        let Rgb([red, _, blue]) = carried(&out.join("forward-000.png"));
        assert!(red > 250 && blue < 5, "{name}: {red} {blue}");
    }
}

#[test]
fn pictures_that_cannot_be_read_are_refused() {
    let desk = Desk::new();
    huge(&desk.at("huge.png"));
    let huge = desk.at("huge.png").display().to_string();
    let png = std::fs::read(&desk.ordinary).unwrap();
    let mut flipped = png.clone();
    let middle = flipped.len() / 2;
    flipped[middle] ^= 0xff;
    let half = desk.write("half.png", &png[..png.len() / 2]);
    let flipped = desk.write("flipped.png", &flipped);
    let empty = desk.write("empty.png", b"");
    let text = desk.write("text.jpg", b"this is no picture");
    let folder = desk.folder.path().display().to_string();
    for (picture, wanted) in [
        (&huge, ["20000 × 20000", "huge.png"]),
        (&half, ["not a picture", "half.png"]),
        (&flipped, ["not a picture", "flipped.png"]),
        (&empty, ["not a picture", "empty.png"]),
        (&text, ["not a picture", "text.jpg"]),
        (&folder, ["cannot read", &folder]),
    ] {
        desk.refuses(&["edit", "--image", picture, "--steps", "2"], 1, &wanted);
        let mask = ["inpaint", "--image", &desk.ordinary, "--mask", picture, "--steps", "2"];
        desk.refuses(&mask, 1, &wanted);
    }
    desk.refuses(&["edit"], 2, &["--image"]);
    desk.refuses(&["inpaint", "--image", &desk.ordinary], 2, &["mask", "--mask"]);
}

/// Masks of nothing, of everything and of another size are allowed, and said; one of the picture's size is not.
#[test]
fn strange_masks_are_allowed_with_a_word() {
    let desk = Desk::new();
    let mask = |name: &str, w, h, level| {
        let pixel = image::Luma([level as u8]);
        desk.save(name, DynamicImage::ImageLuma8(image::ImageBuffer::from_pixel(w, h, pixel)))
    };
    let said = |mask: &str| {
        let (out, said) =
            desk.takes(&["inpaint", "--image", &desk.ordinary, "--mask", mask, "--steps", "2", "--stage-2", "none"]);
        let made = image::open(out.join("inpaint-000.png")).unwrap().to_rgb8();
        let recipe = recipe_from_bytes(&std::fs::read(out.join("inpaint-000.png")).unwrap(), None).unwrap().trusted();
        (said, made == *recipe.source.image.unwrap().load().unwrap())
    };
    let (black, kept) = said(&mask("black.png", 20, 31, 0));
    assert!(kept && black.contains("all black") && !black.contains("20 × 31"), "{black}");
    let (white, kept) = said(&mask("white.png", 20, 31, 255));
    assert!(!kept && white.contains("all white"), "{white}");
    let (other, _) = said(&mask("other.png", 50, 40, 100));
    assert!(other.contains("the mask is 50 × 40 and the picture 20 × 31") && !other.contains("all"), "{other}");
    let (alike, _) = said(&mask("alike.png", 40, 62, 100));
    assert!(!alike.contains("the mask"), "twice the size, of the same shape: {alike}");
    // Painted on the square that the picture becomes.
    let (painted, _) = said(&mask("painted.png", 12, 12, 100));
    assert!(!painted.contains("the mask"), "{painted}");
}

/// Wrong numbers are refused before any work.
#[test]
fn wrong_numbers_of_part_a_are_refused() {
    let desk = Desk::new();
    let edit = |more: &[&str], code, wanted: &[&str]| {
        desk.refuses(&[&["edit", "--image", &desk.ordinary], more].concat(), code, wanted);
    };
    edit(&["--i-start", "34"], 2, &["no entry 34", "0 (pure noise) to 33"]);
    edit(&["--i-start", "1", "--i-start", "40"], 2, &["no entry 40"]);
    edit(&["--i-start", "-1"], 2, &["`-1`", "--i-start"]);
    for number in ["NaN", "inf", "seven", ""] {
        edit(&["--guidance", number], 2, &[&format!("`{number}`"), "--guidance"]);
    }
    edit(&["--view", "skew:factor=999"], 2, &["skew", "factor"]);
    edit(&["--view", "inner_circle:angle=NaN"], 2, &["inner_circle", "angle"]);
    edit(&["--view", "wobble"], 2, &["wobble", "flip_vertical"]);
    edit(&["--view", "identity", "--view", "negate", "--weight", "1", "--weight", "-1"], 2, &["sum to 0"]);
    edit(&["--view", "identity", "--weight", "0"], 2, &["sum to 0"]);
    edit(&["--view", "identity", "--view", "negate", "--weight", "1"], 2, &["1 weights for 2 views"]);
    edit(&["--view", "identity", "--weight", "NaN"], 2, &["`NaN`", "--weight"]);
    edit(&["--decomposition", "low_high:kernel=33"], 2, &["kernel"]);
    edit(&["--decomposition", "low_high:sigma=-2"], 2, &["sigma"]);
    edit(&["--decomposition", "motion", "--hold", "low"], 2, &["no such part: low", "motion, residual"]);
    edit(&["--hold", "low"], 2, &["--decomposition"]);
    edit(&["--repaint", "5"], 2, &["`5`", "5,10"]);
    edit(&["--guidance-interval", "600,200"], 2, &["from 600 to 200", "lower"]);
    edit(&["--branch", "nowhere@3"], 1, &["nowhere"]);
    desk.refuses(&["denoise", "--image", &desk.ordinary, "--kernel", "4"], 2, &["kernel"]);
    desk.refuses(&["denoise", "--image", &desk.ordinary, "--sigma", "NaN"], 2, &["`NaN`", "--sigma"]);
    desk.refuses(&["forward", "--image", &desk.ordinary, "--t", "1000"], 2, &["`1000`", "--t"]);
    let three = ["anagram", "--prompt", "a cat", "--prompt", "a dog", "--prompt", "a hat", "--view", "identity"];
    desk.refuses(&three, 2, &["3 prompts", "1 views"]);
    desk.refuses(&["anagram", "--view", "identity", "--view", "jigsaw:pieces=8"], 2, &["8 squares a side"]);
}
