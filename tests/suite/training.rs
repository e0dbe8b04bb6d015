//! Training: losses, gradients, statistics, Adam and whole curves against PyTorch; resumed runs; broken ones.

use candle_core::{DType, Device, Tensor};
use diffusion_lab::datasets::{Dataset, Split};
use diffusion_lab::models::digits::{Condition, Kind, Mode, Network, Spec};
use diffusion_lab::tensors::cpu::Isa;
use diffusion_lab::tensors::{Generator, MapLayout};
use diffusion_lab::training::{Adam, History, Objective, Point, Saved, Settings, Trainer, event_file};

use crate::reference::{Reference, difference, floats, in_both_layouts};

const SEED: u64 = 17;

/// Of the largest entry of each gradient: rounding in another order through 20 layers of batch norm. In planes that is a
/// dozen operations a layer, each with its own rounding: 1.06e-4 at the farthest.
fn gradient_tolerance() -> f32 {
    match MapLayout::of(&Device::Cpu) {
        MapLayout::Pixels => 1e-4,
        MapLayout::Planes => 2e-4,
    }
}

fn reference() -> Reference {
    Reference::open("digits.safetensors")
}

fn digits(count: usize) -> Split {
    Dataset::open("mnist").unwrap().train.first(count)
}

fn settings(kind: Kind) -> Settings {
    Settings { hidden: 4, seed: SEED, ..Settings::of(kind) }
}

fn largest(tensor: &Tensor) -> f32 {
    floats(tensor).iter().fold(0.0, |largest, value| largest.max(value.abs()))
}

/// Batch norm takes a mean away, so such a bias has no gradient but rounding.
fn before_batch_norm(name: &str) -> bool {
    name.ends_with("conv.bias")
}

/// Each gradient within so much of its largest entry, or of a hundredth of the largest of all.
fn step(kind: Kind) -> (Network, f32) {
    let reference = reference();
    let network = Network::drawn(Spec::new(kind, 4).unwrap(), &mut Generator::new(SEED), &Device::Cpu).unwrap();
    let objective = Objective::new(&settings(kind), 300).unwrap();
    let data = digits(6);
    let loss = objective.loss(&network, &data, &[0, 1, 2, 3, 4, 5], &mut Generator::new(5)).unwrap();
    let key = format!("step.{}", kind.name());
    let off = difference(&loss.mean, reference.get(&format!("{key}.loss")));
    assert!(off <= 2e-6, "{key}: loss off by {off}");
    let gradients = loss.backward().unwrap();
    let prefix = format!("{key}.gradient.");
    let names = reference.names().into_iter().filter(|name| name.starts_with(&prefix));
    let all = names.map(|name| largest(reference.get(name))).fold(0.0, f32::max);
    let mut worst: f32 = 0.0;
    for parameter in network.trained() {
        let theirs = reference.get(&format!("{prefix}{}", parameter.name));
        let ours = gradients.get(parameter.var.as_tensor()).unwrap();
        let size = if before_batch_norm(&parameter.name) { all } else { largest(theirs).max(1e-2 * all) };
        let off = difference(ours, theirs) / size;
        assert!(off <= gradient_tolerance(), "{key}: gradient of {} off by {off}", parameter.name);
        worst = worst.max(off);
    }
    Adam::new(&network).unwrap().step(&gradients, 1e-3).unwrap();
    (network, worst)
}

/// How far a weight may be from PyTorch's after Adam's first step, which is lr (1e-3) whatever the gradient's size, but
/// for gradients as small as its ε (1e-8): there the step is in proportion, and the gradient's rounding shows in it.
fn adam() -> f32 {
    match Isa::get().name() {
        "avx512" | "avx2" => 2e-5,
        // Fewer partial sums, and `portable` rounds products before it adds them: 3.4e-5.
        _ => 6e-5,
    }
}

#[test]
fn one_step_is_pytorchs() {
    in_both_layouts(|| {
        for kind in [Kind::Denoiser, Kind::FlowClass, Kind::Classifier] {
            step(kind);
        }
        let (network, _) = step(Kind::Class);
        let reference = reference();
        let mut worst: f32 = 0.0;
        for parameter in network.parameters() {
            let theirs = reference.get(&format!("step.class.after.{}", parameter.name));
            // Adam's first step is ± lr whatever the gradient's size, so where a gradient is rounding alone (a bias before
            // batch norm) its sign is too: 2 lr at most.
            let noise = before_batch_norm(&parameter.name);
            let off = difference(parameter.var.as_tensor(), theirs);
            let most = match noise {
                true => 2.1e-3,
                false if parameter.name.contains("running") => 2e-5, // not Adam's
                false => adam(),
            };
            assert!(off <= most, "{} is off by {off}", parameter.name);
            worst = if noise { worst } else { worst.max(off) };
        }
        println!("after a step: {worst:.1e}");
        let apart = |name: &str| {
            let ours = network.parameters().iter().find(|p| p.name == name).unwrap();
            difference(ours.var.as_tensor(), reference.get(&format!("wrong.step.class.after.{name}")))
        };
        // AdamW's decay is lr × 0.01 of a weight: 1e-6; the reference holds it with that.
        assert!(apart("down2.down.bn.running_var") > 1e-5, "biased variance");
    });
}

/// 50 steps over two epochs of 100 digits, each within 1 % of PyTorch's loss; decay between the epochs matters.
#[test]
fn fifty_losses_are_pytorchs() {
    in_both_layouts(|| {
        let data = digits(100);
        let reference = reference();
        for (kind, learning_rate) in [(Kind::Denoiser, 1e-3), (Kind::Class, 1e-3), (Kind::FlowTime, 1e-2)] {
            let settings = Settings { hidden: 8, batch: 4, epochs: 2, learning_rate, ..settings(kind) };
            let trainer = Trainer::new(&settings, None, &data, &Device::Cpu).unwrap();
            let ours: Vec<f32> = trainer.map(|step| step.unwrap().point.loss).collect();
            let theirs = reference.floats(&format!("curve.{}", kind.name()));
            assert_eq!((ours.len(), theirs.len()), (50, 50));
            let apart = |theirs: &[f32]| ours.iter().zip(theirs).map(|(a, b)| (a - b).abs() / b).fold(0.0, f32::max);
            assert!(apart(&theirs) <= 0.01, "{}: {}", kind.name(), apart(&theirs));
            if kind == Kind::Class {
                let wrong = reference.floats("wrong.curve.class.no_decay");
                assert!(apart(&wrong) > 0.01, "no decay: {}", apart(&wrong));
            }
        }
    });
}

fn small(kind: Kind) -> Settings {
    Settings { hidden: 4, batch: 8, epochs: 3, ema: Some(0.9), ..settings(kind) }
}

fn walk(trainer: &mut Trainer<'_>, steps: usize) -> Vec<u32> {
    trainer.take(steps).map(|step| step.unwrap().point.loss.to_bits()).collect()
}

/// Broken off in the middle of an epoch, at its end, and twice: the same bits as a run that never was.
#[test]
fn a_resumed_run_equals_an_unbroken_one() {
    in_both_layouts(|| {
        let data = digits(44); // six steps an epoch, the last of four digits
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("resume.safetensors");
        for kind in [Kind::Class, Kind::Classifier] {
            let mut unbroken = Trainer::new(&small(kind), None, &data, &Device::Cpu).unwrap();
            let whole = walk(&mut unbroken, 99);
            assert_eq!(whole.len(), 18);
            let mut losses = Vec::new();
            let mut trainer = Trainer::new(&small(kind), None, &data, &Device::Cpu).unwrap();
            for steps in [4, 2, 7] {
                losses.extend(walk(&mut trainer, steps));
                std::fs::write(&path, trainer.to_resume("data").unwrap()).unwrap();
                trainer = Saved::open(&path).unwrap().resume(&data, "data", &Device::Cpu).unwrap();
            }
            losses.extend(walk(&mut trainer, 99));
            assert_eq!(losses, whole, "{}", kind.name());
            let bytes = |trainer: &Trainer<'_>| {
                let averaged = trainer.averaged().unwrap().to_checkpoint(DType::F32).unwrap();
                (trainer.network().to_checkpoint(DType::F32).unwrap(), averaged)
            };
            assert!(bytes(&trainer) == bytes(&unbroken), "{}", kind.name());
            assert_eq!(trainer.history().points().len(), 18);
            assert!(trainer.history().csv().starts_with("step,epoch,loss,lr,seconds\n1,1,"));
        }
    });
}

#[test]
fn a_saved_run_that_does_not_fit_is_refused() {
    let data = digits(44);
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("resume.safetensors");
    let mut trainer = Trainer::new(&small(Kind::Time), None, &data, &Device::Cpu).unwrap();
    walk(&mut trainer, 1);
    std::fs::write(&path, trainer.to_resume("data").unwrap()).unwrap();
    let saved = Saved::open(&path).unwrap();
    let line = |result: diffusion_lab::error::Result<Trainer<'_>>| result.err().unwrap().to_string();
    assert!(line(saved.resume(&data, "other", &Device::Cpu)).contains("other data"));
    let fewer = digits(43);
    assert!(line(saved.resume(&fewer, "data", &Device::Cpu)).contains("order"));
    std::fs::write(&path, trainer.network().to_checkpoint(DType::F32).unwrap()).unwrap();
    let error = Saved::open(&path).err().unwrap().to_string();
    assert!(error.contains("no run to take up") && error.contains("--init"), "{error}");
    let bytes = trainer.to_resume("data").unwrap();
    for length in [0, 9, 1000, bytes.len() - 1] {
        std::fs::write(&path, &bytes[..length]).unwrap();
        assert!(Saved::open(&path).is_err());
    }
}

/// NaN and divergence end a run in one line; so does a network of another D.
#[test]
fn a_run_that_goes_wrong_says_so() {
    let data = digits(64);
    let settings = Settings { learning_rate: 1e9, epochs: 50, ..small(Kind::Denoiser) };
    let mut trainer = Trainer::new(&settings, None, &data, &Device::Cpu).unwrap();
    let error = trainer.find_map(|step| step.err()).map(|error| error.to_string()).unwrap_or_default();
    assert!(
        (error.contains("NaN") || error.contains("inf") || error.contains("diverges")) && error.contains("--lr"),
        "{error}"
    );
    let mut history = History::default();
    let point = |step: usize, loss: f32| Point { step, epoch: 1, loss, learning_rate: 1.0, seconds: 0.0 };
    for step in 1..200 {
        history.push(point(step, 0.01)).unwrap();
    }
    assert!(history.push(point(200, 0.5)).is_ok(), "one bad batch is no divergence");
    let error = (201..400).find_map(|step| history.push(point(step, 5.0)).err()).unwrap().to_string();
    assert!(error.contains("diverges") && error.contains("last checkpoint"), "{error}");
    let other = Network::drawn(Spec::new(Kind::Denoiser, 8).unwrap(), &mut Generator::new(0), &Device::Cpu).unwrap();
    let error = Trainer::new(&small(Kind::Denoiser), Some(other), &data, &Device::Cpu).err().unwrap().to_string();
    assert!(error.contains("D 8") && error.contains("D 4"), "{error}");
}

/// A weight that was halved on the way is found, and the averaged network lags behind.
#[test]
fn averaged_weights_follow() {
    let data = digits(64);
    let settings = Settings { ema: Some(0.5), epochs: 1, ..small(Kind::Time) };
    let mut trainer = Trainer::new(&settings, None, &data, &Device::Cpu).unwrap();
    let before = floats(&trainer.network().parameters()[0].var);
    walk(&mut trainer, 1);
    let (after, averaged) =
        (floats(&trainer.network().parameters()[0].var), floats(&trainer.averaged().unwrap().parameters()[0].var));
    // 0.5 at last, but after the first step no more than 2/11.
    for ((before, after), averaged) in before.iter().zip(&after).zip(&averaged) {
        assert!((averaged - (2.0 * before + 9.0 * after) / 11.0).abs() < 1e-6);
    }
}

/// The average of a network with batch norm works as a network: its statistics are those of its weights.
#[test]
fn an_averaged_network_is_as_good_as_its_own() {
    let data = digits(64);
    let settings = Settings { ema: Some(0.98), epochs: 40, learning_rate: 5e-3, ..small(Kind::Denoiser) };
    let mut trainer = Trainer::new(&settings, None, &data, &Device::Cpu).unwrap();
    for step in trainer.by_ref() {
        step.unwrap();
    }
    let x = data.tensor(&(0..64).collect::<Vec<_>>(), &Device::Cpu).unwrap();
    let off = |network: &Network| -> f32 {
        let y = network.forward(&x, Condition::default(), Mode::Evaluate).unwrap();
        (y - &x).unwrap().sqr().unwrap().mean_all().unwrap().to_scalar().unwrap()
    };
    let (own, averaged) = (off(trainer.network()), off(trainer.averaged().unwrap()));
    assert!(averaged < 1.2 * own && own < 0.1, "{averaged} against {own}");
}

/// The learning rate can be changed while it runs; its decay stays.
#[test]
fn the_learning_rate_can_be_changed() {
    let data = digits(16);
    let settings = Settings { epochs: 2, ..small(Kind::Time) };
    let mut trainer = Trainer::new(&settings, None, &data, &Device::Cpu).unwrap();
    let rates = |trainer: &mut Trainer<'_>, steps| -> Vec<f64> {
        trainer.take(steps).map(|step| step.unwrap().point.learning_rate).collect()
    };
    assert_eq!(rates(&mut trainer, 1), [1e-3]);
    trainer.set_learning_rate(1.0);
    trainer.set_learning_rate(f64::NAN);
    trainer.set_learning_rate(1e-2);
    let later = rates(&mut trainer, 9);
    assert_eq!(later.len(), 3);
    assert!((later[0] - 1e-2).abs() < 1e-12 && (later[1] - 1e-2 * 0.1_f64.sqrt()).abs() < 1e-12, "{later:?}");
}

/// TFRecords: the lengths lead from one record to the next, to the end.
#[test]
fn event_files_are_rows_of_records() {
    let points = (1..=3).map(|step| Point { step, epoch: 1, loss: 0.5, learning_rate: 0.1, seconds: 1.0 }).collect();
    let bytes = event_file(&History::of(points));
    let (mut at, mut records) = (0, 0);
    while at < bytes.len() {
        let length = u64::from_le_bytes(bytes[at..at + 8].try_into().unwrap()) as usize;
        at += 8 + 4 + length + 4;
        records += 1;
    }
    assert_eq!((at, records), (bytes.len(), 4));
    assert!(bytes.windows(13).any(|window| window == b"brain.Event:2"));
}
