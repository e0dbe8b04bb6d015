//! What was made then beside what is made now: equal bytes where the numbers come from the same instructions, within a
//! rounding where they do not.
//!
//! Kernels of another width add up in another order, and a sum in another order differs in its last bits; the loop
//! carries that on, γ makes it larger, and at the end a value beside x.5 falls to the other side. Measured over the
//! whole folder, made with AVX-512: the limits below stand beside what was found.

use std::collections::{BTreeMap, HashMap};
use std::path::Path;

use candle_core::{DType, Device, Tensor};
use diffusion_lab::tensors::cpu::Isa;
use image::{AnimationDecoder, RgbImage};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use super::case::Case;
use crate::reference::relative_difference;

/// How far two pictures, or other lists of levels, are apart.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Apart {
    /// The largest difference, of 255.
    pub levels: u8,
    /// The part of the values that differ at all.
    pub share: f32,
}

/// Where sums are in another order: measured 1 level in 0.23 % of a picture's values, one of 432.
pub const ROUNDING: Apart = Apart { levels: 2, share: 0.02 };
/// Where bf16 is rounded elsewhere too: a tile unit rounds a product's inputs, other processors only its weights.
/// Measured 14 levels, in most of the values.
const HALVES: Apart = Apart { levels: 40, share: 1.0 };

impl Apart {
    /// The worse of both, in each way.
    pub fn worse(self, other: Self) -> Self {
        Self { levels: self.levels.max(other.levels), share: self.share.max(other.share) }
    }
}

/// Where numbers are the same to the last bit: instructions, system, and the tile unit that bf16 goes by.
pub fn place() -> String {
    let isa = Isa::get();
    let tiles = if isa.has_amx() { " with tiles" } else { "" };
    format!("{}{tiles}, {} {}", isa.name(), std::env::consts::ARCH, std::env::consts::OS)
}

/// Whether `case` was made where this test runs.
pub fn same_place(case: &Case) -> bool {
    case.json("golden.json")["place"] == json!(place())
}

/// How far the pixels of `case` may be apart here.
pub fn limit(case: &Case) -> Apart {
    match (same_place(case), case.has("bf16")) {
        (true, _) => Apart::default(),
        (false, false) => ROUNDING,
        (false, true) => HALVES,
    }
}

/// How far two pictures are apart; an error beyond `limit` or at another size.
pub fn pictures(then: &RgbImage, now: &RgbImage, limit: Apart) -> Result<Apart, String> {
    if then.dimensions() != now.dimensions() {
        return Err(format!("{:?} pixels, now {:?}", then.dimensions(), now.dimensions()));
    }
    levels(then.as_raw(), now.as_raw(), limit)
}

fn levels(then: &[u8], now: &[u8], limit: Apart) -> Result<Apart, String> {
    if then.len() != now.len() {
        return Err(format!("{} bytes, now {}", then.len(), now.len()));
    }
    let differ = then.iter().zip(now).map(|(a, b)| a.abs_diff(*b)).filter(|&levels| levels > 0);
    let (levels, count) = differ.fold((0, 0), |(worst, count), levels| (levels.max(worst), count + 1));
    let apart = Apart { levels, share: count as f32 / then.len().max(1) as f32 };
    if levels > limit.levels || apart.share > limit.share {
        return Err(format!("{count} of {} values are off, by up to {levels} levels of 255", then.len()));
    }
    Ok(apart)
}

/// A PNG's pixels.
pub fn pixels(path: &Path) -> RgbImage {
    image::open(path).unwrap_or_else(|error| panic!("{}: {error}", path.display())).to_rgb8()
}

/// Whether file `name` is what it was; how far it is apart where it is made of levels.
pub fn file(case: &Case, name: &str, now: &Path) -> Result<Apart, String> {
    let (then, now) = (case.folder().join(name), now.join(name));
    let (exact, limit) = (same_place(case), limit(case));
    match name.rsplit_once('.').map_or("", |(_, ending)| ending) {
        "png" => pictures(&pixels(&then), &pixels(&now), limit),
        "safetensors" => tensors(&then, &now, exact).map(|()| Apart::default()),
        "csv" => metrics(&then, &now, exact).map(|()| Apart::default()),
        // Digits as bytes, after the head.
        _ if name.ends_with("-ubyte") => levels(&std::fs::read(then).unwrap(), &std::fs::read(now).unwrap(), limit),
        _ => Err("nobody knows how to compare it".to_owned()),
    }
}

/// What is kept of a file that is not: of an animation its frames, of tensors their names, types and shapes; of either,
/// as a hash, what is in it.
pub fn describe(path: &Path) -> Value {
    let file = || std::io::BufReader::new(std::fs::File::open(path).unwrap());
    match path.extension().and_then(|ending| ending.to_str()) {
        Some("gif") => frames(image::codecs::gif::GifDecoder::new(file()).unwrap()),
        Some("apng") => frames(image::codecs::png::PngDecoder::new(file()).unwrap().apng().unwrap()),
        _ => {
            let tensors: BTreeMap<String, Tensor> = read(path).into_iter().collect();
            let mut hash = Sha256::new();
            let mut shapes = serde_json::Map::new();
            for (name, tensor) in tensors {
                numbers(&tensor).iter().for_each(|number| hash.update(number.to_le_bytes()));
                shapes.insert(name, json!(format!("{:?} {:?}", tensor.dtype(), tensor.dims())));
            }
            json!({ "tensors": shapes, "sha256": hex(&hash.finalize()) })
        }
    }
}

/// Frames with how long each is shown.
fn frames<'a>(decoder: impl AnimationDecoder<'a>) -> Value {
    let (mut count, mut hash) = (0, Sha256::new());
    for frame in decoder.into_frames() {
        let frame = frame.unwrap();
        let (numerator, denominator) = frame.delay().numer_denom_ms();
        hash.update((numerator / denominator.max(1)).to_le_bytes());
        hash.update(frame.buffer().as_raw());
        count += 1;
    }
    json!({ "frames": count, "sha256": hex(&hash.finalize()) })
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Files of which a description is kept: what it says, and the hash where numbers are the same.
pub fn described(case: &Case, now: &Path) -> Result<(), String> {
    for (name, then) in case.json("golden.json")["described"].as_object().into_iter().flatten() {
        let exact = same_place(case);
        let same =
            |then: &Value, now: &Value| then == now || (!exact && then.as_str().is_some_and(|text| text.len() == 64));
        keeps(then, &describe(&now.join(name)), &same).map_err(|error| format!("{name}: {error}"))?;
    }
    Ok(())
}

fn read(path: &Path) -> HashMap<String, Tensor> {
    candle_core::safetensors::load(path, &Device::Cpu).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// Every tensor by its name, shape and type. A trajectory is held as every other loop here is (3e-4; of ε̂ 1e-3, see
/// `running`). A trained network elsewhere is held by its shapes alone: Adam's first steps are of one length whatever the
/// gradient, so that a weight whose gradient is nothing but rounding goes up here and down there.
fn tensors(then: &Path, now: &Path, exact: bool) -> Result<(), String> {
    let is_loop = then.file_name().is_some_and(|name| name.to_string_lossy().starts_with("trajectory"));
    let (then, now) = (read(then), read(now));
    for (name, then) in &then {
        let Some(now) = now.get(name) else { return Err(format!("no tensor {name} any more")) };
        if (then.dims(), then.dtype()) != (now.dims(), now.dtype()) {
            return Err(format!(
                "{name} is {:?} {:?}, now {:?} {:?}",
                then.dtype(),
                then.dims(),
                now.dtype(),
                now.dims()
            ));
        }
        if exact && name != "history.seconds" && numbers(then) != numbers(now) {
            return Err(format!("{name} is off by {:.1e}", relative_difference(now, then)));
        }
        let allowed = if name == "noise_pred" { 1e-3 } else { 3e-4 };
        if is_loop && then.dtype() == DType::F32 && relative_difference(now, then) > allowed {
            return Err(format!("{name} is off by {:.1e}", relative_difference(now, then)));
        }
    }
    Ok(())
}

/// A tensor's numbers, whole ones of 53 bits included.
fn numbers(tensor: &Tensor) -> Vec<f64> {
    tensor.to_dtype(DType::F64).unwrap().flatten_all().unwrap().to_vec1().unwrap()
}

/// Step, epoch, loss and learning rate of every step; not the seconds. Losses elsewhere: a part in a thousand.
fn metrics(then: &Path, now: &Path, exact: bool) -> Result<(), String> {
    let read = |path: &Path| std::fs::read_to_string(path).unwrap();
    let (then, now) = (read(then), read(now));
    if then.lines().count() != now.lines().count() || then.lines().next() != now.lines().next() {
        return Err("other columns, or another number of steps".to_owned());
    }
    for (then, now) in then.lines().zip(now.lines()).skip(1) {
        let numbers = |line: &str| -> Vec<f64> { line.split(',').take(4).map(|word| word.parse().unwrap()).collect() };
        let close = |(a, b): (&f64, &f64)| if exact { a == b } else { (a - b).abs() <= 1e-3 * a.abs() };
        if !numbers(then).iter().zip(&numbers(now)).all(close) {
            return Err(format!("`{then}`, now `{now}`"));
        }
    }
    Ok(())
}

/// Everything of `then` is in `now`: keys by name, in any order, and what `values` says of values.
pub fn keeps(then: &Value, now: &Value, values: &dyn Fn(&Value, &Value) -> bool) -> Result<(), String> {
    match (then, now) {
        (Value::Object(then), Value::Object(now)) => then.iter().try_for_each(|(key, then)| {
            let now = now.get(key).ok_or_else(|| format!("no key `{key}` any more"))?;
            keeps(then, now, values).map_err(|error| format!("{key}: {error}"))
        }),
        (then, now) if values(then, now) => Ok(()),
        (then, now) => Err(format!("{then}, now {now}")),
    }
}
