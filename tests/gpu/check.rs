//! The quarter of an hour on a card, step by step: `check FOLDER DEVICE STEP`, a line of JSON for each finding.
//!
//! Everything is held to the processor's own kernels or to the reference tensors in FOLDER. On `cpu` the same steps go the
//! GPU's way on the processor: a rehearsal. `run.sh` gives each step its time and says in which order they are worth most.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Instant;

use candle_core::{DType, Device, Tensor, Var};
use diffusion_lab::datasets::Dataset;
use diffusion_lab::error::{Error, Result};
use diffusion_lab::experiments::Recipe;
use diffusion_lab::files::Folder;
use diffusion_lab::models::deepfloyd::{Published, Unet, UnetConfig};
use diffusion_lab::models::digits::{Kind, Network, Role, Spec};
use diffusion_lab::models::{DeviceChoice, DeviceMemory, in_chunks};
use diffusion_lab::tensors::planes::{Geometry, UnitAffine, convolve, group_norm, softmax};
use diffusion_lab::tensors::{FeatureMap, Generator, MapLayout, gaussian_blur, gelu, interpolate_bilinear};
use diffusion_lab::training::{Objective, Settings, Trainer};
use diffusion_lab::weights::Weights;
use diffusion_lab::worker::{Destination, Job, Options, What, Worker};
use serde_json::{Value, json};

const TYPES: [DType; 3] = [DType::F32, DType::F16, DType::BF16];

/// A step by its name.
type Step = (&'static str, fn(&Given) -> Result<bool>);

const STEPS: [Step; 6] = [
    ("operations", operations),
    ("networks", networks),
    ("training", training),
    ("worker", jobs),
    ("memory", memory),
    ("true-size", true_size),
];

/// What every step is given.
struct Given {
    folder: PathBuf,
    choice: DeviceChoice,
    device: Device,
}

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    if let [_, _, "bench", rest @ ..] = arguments.iter().map(String::as_str).collect::<Vec<_>>().as_slice() {
        return diffusion_lab::cli::main(std::iter::once("bench").chain(rest.iter().copied()).map(Into::into));
    }
    match run(&arguments) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            println!("{}", json!({ "error": error.to_string() }));
            ExitCode::FAILURE
        }
    }
}

fn run(arguments: &[String]) -> Result<bool> {
    let names = STEPS.map(|(name, _)| name).join(", ");
    let wrong = || Error::arguments("check FOLDER DEVICE STEP").hint(format!("steps are {names} and bench"));
    let [folder, device, step] = arguments else { return Err(wrong()) };
    let (_, step) = STEPS.iter().find(|(name, _)| name == step).ok_or_else(wrong)?;
    let choice: DeviceChoice = device.parse()?;
    let given = Given { folder: PathBuf::from(folder), choice, device: choice.open()? };
    MapLayout::Planes.scope(|| step(&given))
}

/// Tells a finding; it is well where `off` is at most `most`.
fn told(step: &str, what: &str, dtype: DType, off: f32, most: f32) -> bool {
    let well = off <= most;
    let line =
        json!({ "step": step, "what": what, "dtype": dtype.as_str(), "off": off, "at_most": most, "well": well });
    println!("{line}");
    well
}

fn floats(x: &Tensor) -> Result<Vec<f32>> {
    Ok(x.to_device(&Device::Cpu)?.to_dtype(DType::F32)?.flatten_all()?.to_vec1()?)
}

/// Largest |Δ| over max(1, largest |right|); NaN is infinite.
fn off(ours: &Tensor, right: &Tensor) -> Result<f32> {
    let (ours, right) = (floats(ours)?, floats(right)?);
    let size = right.iter().fold(1f32, |most, value| most.max(value.abs()));
    let worst = ours.iter().zip(&right).map(|(a, b)| (a - b).abs());
    Ok(worst.fold(0f32, |most, off| if off.is_nan() { f32::INFINITY } else { most.max(off) }) / size)
}

fn randn(seed: u64, shape: &[usize]) -> Result<Tensor> {
    Generator::new(seed).randn_tensor(shape, &Device::Cpu)
}

/// An operation on planes: its name, and what it makes of maps [2, 32, 12, 10].
type Operation = (&'static str, fn(&Tensor) -> Result<Tensor>);

fn weight(x: &Tensor, seed: u64, shape: &[usize]) -> Result<Tensor> {
    Ok((randn(seed, shape)? * 0.1)?.to_dtype(x.dtype())?.to_device(x.device())?)
}

fn convolved(x: &Tensor, shape: &[usize], stride: usize, padding: usize, transposed: bool) -> Result<Tensor> {
    convolve(x, &weight(x, 7, shape)?, Geometry { stride, padding, transposed })
}

const OPERATIONS: [Operation; 16] = [
    ("convolution 3×3", |x| convolved(x, &[24, 32, 3, 3], 1, 1, false)),
    ("convolution 3×3, stride 2", |x| convolved(x, &[24, 32, 3, 3], 2, 1, false)),
    ("convolution 1×1", |x| convolved(x, &[24, 32, 1, 1], 1, 0, false)),
    ("transposed convolution 4×4, stride 2", |x| convolved(x, &[32, 24, 4, 4], 2, 1, true)),
    ("transposed convolution 7×7, stride 7", |x| convolved(x, &[32, 24, 7, 7], 7, 0, true)),
    ("group norm", |x| {
        group_norm(x, &weight(x, 1, &[1, 32])?, &weight(x, 2, &[2, 32])?, 8, 1e-5, &UnitAffine::default())
    }),
    ("GELU by its error function", |x| Ok(x.gelu_erf()?)),
    ("GELU of operations", gelu),
    ("softmax", |x| softmax(&x.contiguous()?)),
    ("product, transposed views", |x| {
        let x = x.contiguous()?.reshape((2, 32, 120))?;
        Ok(x.transpose(1, 2)?.matmul(&x)?)
    }),
    ("halved", |x| FeatureMap::Planes(x.clone()).halved()?.into_pictures()),
    ("doubled", |x| FeatureMap::Planes(x.clone()).doubled()?.into_pictures()),
    ("joined", |x| FeatureMap::Planes(x.clone()).concat(&FeatureMap::Planes(x.clone()))?.into_pictures()),
    ("scale and shift", |x| {
        let (scale, shift) = (weight(x, 3, &[2, 32])?, weight(x, 4, &[2, 32])?);
        FeatureMap::Planes(x.clone()).scale_shift(Some(&scale), Some(&shift))?.into_pictures()
    }),
    ("blur", |x| gaussian_blur(x, 9, 2.0)),
    ("enlarged", |x| interpolate_bilinear(x, 24, 20, true)),
];

/// Each operation on the device against the same on the processor in f32, on maps that lie in order and on such as do not.
fn operations(given: &Given) -> Result<bool> {
    let x = randn(5, &[2, 32, 12, 10])?;
    let mut well = true;
    for (what, operation) in OPERATIONS {
        for (dtype, most) in TYPES.into_iter().zip([2e-5, 4e-3, 3e-2]) {
            let rounded = x.to_dtype(dtype)?;
            let right = operation(&rounded.to_dtype(DType::F32)?)?;
            let there = rounded.to_device(&given.device)?;
            let turned = there.transpose(2, 3)?.contiguous()?.transpose(2, 3)?;
            for (x, order) in [(&there, ""), (&turned, ", out of order")] {
                let made = operation(x).and_then(|made| off(&made, &right));
                well &= match made {
                    Ok(off) => told("operations", &format!("{what}{order}"), dtype, off, most),
                    Err(error) => {
                        println!("{}", json!({ "what": what, "dtype": dtype.as_str(), "error": error.to_string() }));
                        false
                    }
                };
            }
        }
    }
    Ok(well & gradients(given)?)
}

/// The way back through convolutions of a batch: where a gradient stands in the place of a kernel.
fn gradients(given: &Given) -> Result<bool> {
    let mut well = true;
    for (what, x, weight, geometry) in [
        ("convolution", [3, 8, 9, 7], [6, 8, 3, 3], Geometry::same(3)),
        ("convolution, stride 2", [3, 8, 8, 6], [6, 8, 3, 3], Geometry { stride: 2, ..Geometry::same(3) }),
        ("transposed", [3, 8, 5, 4], [8, 6, 4, 4], Geometry { stride: 2, padding: 1, transposed: true }),
    ] {
        let on = |device: &Device| -> Result<[Tensor; 2]> {
            let x = Var::from_tensor(&randn(1, &x)?.to_device(device)?)?;
            let weight = Var::from_tensor(&randn(2, &weight)?.to_device(device)?)?;
            let y = convolve(&x, &weight, geometry)?;
            let store = (&y * randn(3, y.dims())?.to_device(device)?)?.sum_all()?.backward()?;
            let of = |var: &Var| store.get(var).cloned().ok_or_else(|| Error::new("no gradient"));
            Ok([of(&x)?, of(&weight)?])
        };
        let (right, ours) = (on(&Device::Cpu)?, on(&given.device)?);
        for (by, (ours, right)) in ["input", "weight"].into_iter().zip(ours.iter().zip(&right)) {
            well &= told("operations", &format!("gradient of {what} by {by}"), DType::F32, off(ours, right)?, 1e-5);
        }
    }
    Ok(well)
}

fn reference(folder: &Path, name: &str) -> Result<HashMap<String, Tensor>> {
    Ok(candle_core::safetensors::load(folder.join("reference").join(name), &Device::Cpu)?)
}

/// The reference networks against diffusers' tensors.
fn networks(given: &Given) -> Result<bool> {
    let tensors = reference(&given.folder, "unet.safetensors")?;
    let mut well = true;
    for name in ["narrow", "narrow/stage-2", "deep", "sharded", "pickled"] {
        let missing = || Error::new("no such model").at(name);
        let folder = Folder::open(given.folder.join("reference/models").join(name))?;
        let folder = folder.subfolder("unet").ok_or_else(missing)?;
        for (dtype, most) in TYPES.into_iter().zip([1e-4, 2e-2, 1.5e-1]) {
            let (config, weights) = (UnetConfig::open(&folder)?, Weights::open(&folder)?);
            let unet = Unet::load(&config, &weights, &given.device, dtype, false)?;
            let get = |what: &str| tensors.get(&format!("{name}.{what}")).ok_or_else(missing);
            let text = unet.text(get("encoder_hidden_states")?)?.rows(&[0])?;
            let row = |what: &str| -> Result<Tensor> { Ok(get(what)?.narrow(0, 0, 1)?) };
            let number = |what: &str| -> Result<usize> { Ok(row(what)?.to_vec1::<i64>()?[0] as usize) };
            let level = if config.noise_level { Some(number("square.class_labels")?) } else { None };
            let sample = row("square.sample")?;
            let output = unet.forward(&sample, number("square.timestep")?, level, &text, &|| Ok(()))?;
            well &= told("networks", name, dtype, off(&output, &row("square.output")?)?, most);
        }
    }
    Ok(well)
}

/// IF-I-M with invented weights, at its own size, against the processor's kernels.
fn true_size(given: &Given) -> Result<bool> {
    let config = Published::IM.config()?;
    let side = if given.device.is_cpu() { 16 } else { config.sample_size };
    let (x, prompt) = (randn(1, &[1, 3, side, side])?, randn(2, &[1, 77, config.encoder_hid_dim])?);
    let say = |device: &Device, dtype: DType| -> Result<Tensor> {
        let unet = Unet::load(&config, &Weights::invented(), device, dtype, false)?;
        unet.forward(&x, 500, None, &unet.text(&prompt)?, &|| Ok(()))
    };
    let right = MapLayout::Pixels.scope(|| say(&Device::Cpu, DType::F32))?;
    let mut well = true;
    for (dtype, most) in TYPES.into_iter().zip([2e-4, 5e-2, 3e-1]) {
        well &= told("true-size", "IF-I-M", dtype, off(&say(&given.device, dtype)?, &right)?, most);
    }
    Ok(well)
}

/// One step's gradients against the processor's own kernels, then two hundred losses.
fn training(given: &Given) -> Result<bool> {
    let data = Dataset::open("mnist")?;
    let settings = Settings { hidden: 8, batch: 16, ..Settings::of(Kind::Class) };
    let step = |device: &Device| -> Result<Vec<(String, Tensor)>> {
        let network = Network::drawn(Spec::new(Kind::Class, 8)?, &mut Generator::new(1), device)?;
        let indices: Vec<usize> = (0..16).collect();
        let loss = Objective::new(&settings, 300)?.loss(&network, &data.train, &indices, &mut Generator::new(5))?;
        let gradients = loss.backward()?;
        let trained = network.parameters().iter().filter(|parameter| parameter.role == Role::Trained);
        // Batch norm leaves a bias before it no gradient but rounding.
        let kept = trained.filter(|parameter| !parameter.name.ends_with("conv.bias"));
        let of = |parameter: &diffusion_lab::models::digits::Parameter| {
            let gradient = gradients.get(parameter.var.as_tensor());
            gradient.map(|gradient| (parameter.name.clone(), gradient.clone()))
        };
        Ok(kept.filter_map(of).collect())
    };
    let right: HashMap<String, Tensor> = MapLayout::Pixels.scope(|| step(&Device::Cpu))?.into_iter().collect();
    let mut worst = 0f32;
    for (name, ours) in step(&given.device)? {
        let right = right.get(&name).ok_or_else(|| Error::new("no gradient").at(&name))?;
        let size = floats(right)?.iter().fold(1e-12f32, |most, value| most.max(value.abs()));
        let apart = off(&(ours / f64::from(size))?, &(right / f64::from(size))?)?;
        worst = worst.max(apart);
    }
    let mut well = told("training", "gradients of a step", DType::F32, worst, 1e-3);
    let losses = |device: &Device| -> Result<(Vec<f32>, f64)> {
        let started = Instant::now();
        let trainer = Trainer::new(&settings, None, &data.train, device)?;
        let losses = trainer.take(LOSSES).map(|step| Ok(step?.point.loss)).collect::<Result<_>>()?;
        Ok((losses, started.elapsed().as_secs_f64() / LOSSES as f64))
    };
    let (right, _) = MapLayout::Pixels.scope(|| losses(&Device::Cpu))?;
    let (ours, secs) = losses(&given.device)?;
    let last = |losses: &[f32]| losses[LOSSES - 50..].iter().sum::<f32>() / 50.0;
    let apart = (last(&ours) / last(&right) - 1.0).abs();
    println!("{}", json!({ "step": "training", "what": "a step", "seconds": secs }));
    well &= told("training", "mean of the last 50 of 200 losses", DType::F32, apart, 0.05);
    Ok(well)
}

const LOSSES: usize = 200;

/// Models by turns, their steps dropped on this thread: nothing fails, and the memory is what it was.
fn jobs(given: &Given) -> Result<bool> {
    let options = Options { device: given.choice, layout: MapLayout::Planes, frames: true, ..Options::default() };
    let worker = Worker::spawn(options, || {})?;
    let mut free = Vec::new();
    for turn in 0..20 {
        let model = given.folder.join("reference/models").join(["narrow", "deep"][turn % 2]);
        let recipe = json!({
            "experiment": "sample", "model": model.display().to_string(), "stage_2": "none", "steps": [3],
            "prompt": ["a cat"], "guidance": [3.0],
        });
        let recipe = Recipe::from_json(recipe.as_object().unwrap_or(&serde_json::Map::new()))?;
        let id = worker.submit(Job { recipe, destination: Destination::Nowhere });
        loop {
            match worker.events().recv().map_err(|_| Error::new("the worker is gone"))?.what {
                What::Finished(_) => break,
                What::Failed(error) => return Err(error),
                _ => {}
            }
        }
        drop(worker.frames(id));
        free.push(given.device.free());
    }
    let lost = free[1].zip(free[19]).map(|(early, late)| early.saturating_sub(late));
    let well = given.device.is_cpu() || lost.is_none_or(|lost| lost < 64 << 20);
    println!("{}", json!({ "step": "worker", "what": "20 jobs of two models", "bytes_lost": lost, "well": well }));
    Ok(well)
}

/// A balloon fills the device: chunks are halved, and what does not fit says what to do.
fn memory(given: &Given) -> Result<bool> {
    let Some(free) = given.device.free().filter(|_| !given.device.is_cpu()) else {
        println!("{}", json!({ "step": "memory", "skipped": "the processor's memory is not filled" }));
        return Ok(true);
    };
    let room: u64 = 3 << 28;
    let block = |bytes: u64| Tensor::zeros((bytes / 4) as usize, DType::F32, &given.device);
    let balloon =
        (0..free.saturating_sub(room) >> 28).map(|_| block(1 << 28)).collect::<candle_core::Result<Vec<_>>>()?;
    let mut most = 0;
    let chunks = in_chunks(16, 16, |start, rows| {
        block(rows as u64 * (room / 4))?;
        most = most.max(rows);
        Ok(start)
    });
    let none = in_chunks(1, 1, |_, _| Ok(block(free)?)).err().map(|error| error.to_string()).unwrap_or_default();
    drop(balloon);
    let well = chunks.is_ok() && most < 16 && none.contains("--device cpu");
    let found: Value = json!({ "step": "memory", "largest_chunk": most, "line": none, "well": well });
    println!("{found}");
    Ok(well)
}
