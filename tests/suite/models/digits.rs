//! The digit networks against PyTorch at D = 4: initial weights, outputs, loss gradients, statistics; checkpoints.

use std::collections::HashMap;

use candle_core::{DType, Device, Tensor, Var};
use diffusion_lab::models::digits::{Condition, Kind, Mode, Network, Parameter, Role, Spec};
use diffusion_lab::tensors::layers::backward;
use diffusion_lab::tensors::{Generator, MapLayout};

use crate::reference::{Reference, difference, floats, in_both_layouts, relative_difference};

/// The reference's D and seed.
const HIDDEN: usize = 4;
const SEED: u64 = 17;

/// Sums in another order through 20 layers of batch norm, which divides by small deviations.
const OUTPUT: f32 = 2e-5;

fn fresh(kind: Kind) -> Network {
    Network::drawn(Spec::new(kind, HIDDEN).unwrap(), &mut Generator::new(SEED), &Device::Cpu).unwrap()
}

fn reference() -> Reference {
    Reference::open("digits.safetensors")
}

/// What the reference's networks were shown, as far as `kind` takes it.
fn say(network: &Network, reference: &Reference, mode: Mode) -> Tensor {
    let kind = network.spec().kind;
    let (t, c) = (reference.get("input.t"), reference.get("input.c"));
    let condition = Condition { t: kind.samples().then_some(t), c: kind.has_class().then_some(c) };
    network.forward(reference.get("input.x"), condition, mode).unwrap()
}

#[test]
fn networks_have_as_many_parameters_as_the_course_says() {
    let count = |kind, hidden| {
        let spec = Spec::new(kind, hidden).unwrap();
        Network::drawn(spec, &mut Generator::new(0), &Device::Cpu).unwrap().parameter_count()
    };
    assert_eq!(
        [Kind::Denoiser, Kind::Time, Kind::Class].map(|kind| count(kind, 64)),
        [1_975_361, 1_996_417, 2_019_201]
    );
    assert_eq!(
        [Kind::Denoiser, Kind::Time, Kind::Class].map(|kind| count(kind, 128)),
        [7_891_073, 7_974_145, 8_060_673]
    );
    assert_eq!(count(Kind::FlowClass, 64), 2_019_201);
}

/// `torch.manual_seed` and the same modules: the same weights, to the bit.
#[test]
fn initial_weights_are_pytorchs() {
    let reference = reference();
    for kind in [Kind::Class, Kind::Classifier] {
        let prefix = format!("initial.{}.", kind.name());
        let theirs: Vec<&str> = reference.names().into_iter().filter_map(|name| name.strip_prefix(&prefix)).collect();
        let network = fresh(kind);
        let mut ours: Vec<&str> = network.parameters().iter().map(|p| p.name.as_str()).collect();
        ours.sort_unstable();
        assert_eq!(ours, theirs, "keys of {}", kind.name());
        for parameter in network.parameters() {
            let expected = reference.get(&format!("{prefix}{}", parameter.name));
            assert_eq!(parameter.var.dtype(), expected.dtype(), "{}", parameter.name);
            assert_eq!(difference(parameter.var.as_tensor(), expected), 0.0, "{}", parameter.name);
        }
    }
}

/// In training, then in evaluation with the statistics that training left.
#[test]
fn outputs_are_pytorchs_in_training_and_evaluation() {
    in_both_layouts(|| {
        let reference = reference();
        for kind in [Kind::Denoiser, Kind::Time, Kind::Class, Kind::FlowTime, Kind::FlowClass] {
            let network = fresh(kind);
            let trained = say(&network, &reference, Mode::Train);
            let worst = difference(&trained, reference.get(&format!("{}.train", kind.name())));
            assert!(worst <= OUTPUT, "{} in training: {worst}", kind.name());
            let evaluated = say(&network, &reference, Mode::Evaluate).narrow(0, 0, 2).unwrap();
            let worst = difference(&evaluated, reference.get(&format!("{}.evaluate", kind.name())));
            assert!(worst <= OUTPUT, "{} in evaluation: {worst}", kind.name());
        }
    });
}

#[test]
fn plausible_mistakes_are_told_apart() {
    let reference = reference();
    let mut refused = 0;
    for name in reference.names() {
        let Some(rest) = name.strip_prefix("wrong.") else { continue };
        let Some(kind) = rest.split('.').next().and_then(Kind::of_name) else { continue };
        let worst = difference(&say(&fresh(kind), &reference, Mode::Train), reference.get(name));
        assert!(worst > 20.0 * OUTPUT, "{name}: {worst}");
        refused += 1;
    }
    assert_eq!(refused, 5);
}

#[test]
fn the_classifier_is_pytorchs() {
    in_both_layouts(|| {
        let reference = reference();
        let judgement = fresh(Kind::Classifier).classify(reference.get("input.x"), Mode::Train).unwrap();
        for (name, ours) in [("features", &judgement.features), ("logits", &judgement.logits)] {
            let worst = difference(ours, reference.get(&format!("classifier.{name}")));
            assert!(worst <= OUTPUT, "{name}: {worst}");
        }
    });
}

/// Output, gradients and statistics of one step of a network with D = 16, where every kernel has its place, on pictures
/// that do not lie in order in memory.
fn one_step() -> Vec<(String, Tensor)> {
    let spec = Spec::new(Kind::Class, 16).unwrap();
    let network = Network::drawn(spec, &mut Generator::new(SEED), &Device::Cpu).unwrap();
    let reference = reference();
    let x =
        reference.get("input.x").permute((2, 3, 0, 1)).unwrap().contiguous().unwrap().permute((2, 3, 0, 1)).unwrap();
    assert!(!x.is_contiguous());
    let condition = Condition { t: Some(reference.get("input.t")), c: Some(reference.get("input.c")) };
    let output = network.forward(&x, condition, Mode::Train).unwrap();
    let gradients = backward(&output.sqr().unwrap().mean_all().unwrap()).unwrap();
    let of = |parameter: &Parameter| match parameter.role {
        Role::Trained => gradients.get(parameter.var.as_tensor()).unwrap().clone(),
        _ => parameter.var.as_tensor().clone(),
    };
    let parameters = network.parameters().iter().map(|parameter| (parameter.name.clone(), of(parameter)));
    parameters.chain([("output".to_owned(), output.detach())]).collect()
}

#[test]
fn the_kernels_of_the_cpu_are_candles_operations() {
    let candles: HashMap<String, Tensor> = MapLayout::Planes.scope(one_step).into_iter().collect();
    for (name, ours) in one_step() {
        let right = &candles[&name];
        // Batch norm makes the gradient of a bias before it nothing but rounding.
        if name.ends_with("conv.bias") && name != "out.bias" {
            assert!(floats(&ours).iter().chain(&floats(right)).all(|value| value.abs() < 1e-6), "{name}");
        } else if right.dtype() == DType::I64 {
            assert_eq!(ours.to_scalar::<i64>().unwrap(), right.to_scalar::<i64>().unwrap(), "{name}");
        } else {
            let largest = floats(right).iter().fold(0f32, |largest, value| largest.max(value.abs()));
            let worst = difference(&ours, right) / largest;
            assert!(worst <= 1e-4, "{name}: {worst} of {largest}");
        }
    }
}

#[test]
fn a_step_has_the_same_bits_on_any_number_of_threads() {
    let on = |threads| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        let tensors = pool.install(one_step);
        let floating = tensors.into_iter().filter(|(_, tensor)| tensor.dtype() == DType::F32);
        floating.map(|(name, tensor)| (name, floats(&tensor).iter().map(|v| v.to_bits()).collect())).collect()
    };
    let one: Vec<(String, Vec<u32>)> = on(1);
    for threads in [2, 3] {
        assert!(on(threads) == one, "{threads} threads give other numbers");
    }
}

/// The derivative of a sum of squares against finite differences: it holds whatever computes it.
#[test]
fn gradients_are_the_slopes_of_the_loss() {
    in_both_layouts(|| {
        let reference = reference();
        let network = fresh(Kind::FlowClass);
        let loss = || say(&network, &reference, Mode::Train).sqr().unwrap().mean_all().unwrap();
        let gradients = backward(&loss()).unwrap();
        let value = || loss().to_dtype(DType::F64).unwrap().to_scalar::<f64>().unwrap();
        for name in
            ["initial.conv1.conv.weight", "unflatten.conv.weight", "up1.up.conv.weight", "t1.linear2.bias", "out.bias"]
        {
            let parameter = network.parameters().iter().find(|p| p.name == name).unwrap();
            let gradient = floats(gradients.get(parameter.var.as_tensor()).unwrap());
            let index = (0..gradient.len()).max_by(|&a, &b| gradient[a].abs().total_cmp(&gradient[b].abs())).unwrap();
            let nudged = |by: f32| {
                nudge(&parameter.var, index, by);
                let value = value();
                nudge(&parameter.var, index, -by);
                value
            };
            let h = 1e-2;
            let slope = (nudged(h) - nudged(-h)) / f64::from(2.0 * h);
            let worst = (slope - f64::from(gradient[index])).abs() / slope.abs();
            assert!(worst <= 2e-2, "{name}: slope {slope}, gradient {}", gradient[index]);
        }
    });
}

fn nudge(var: &Var, index: usize, by: f32) {
    let mut values = floats(var.as_tensor());
    values[index] += by;
    var.set(&Tensor::from_vec(values, var.dims(), &Device::Cpu).unwrap()).unwrap();
}

#[test]
fn a_checkpoint_comes_back_as_it_was() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("checkpoint.safetensors");
    let network = fresh(Kind::Class);
    say(&network, &reference(), Mode::Train); // moves the statistics
    std::fs::write(&path, network.to_checkpoint(DType::F32).unwrap()).unwrap();
    let back = Network::load(&path, &Device::Cpu).unwrap();
    assert_eq!(back.spec(), network.spec());
    for (ours, theirs) in back.parameters().iter().zip(network.parameters()) {
        assert_eq!((&ours.name, ours.role), (&theirs.name, theirs.role));
        assert_eq!(difference(ours.var.as_tensor(), theirs.var.as_tensor()), 0.0, "{}", ours.name);
    }
    let counts: Vec<f32> =
        back.parameters().iter().filter(|p| p.role == Role::Counted).flat_map(|p| floats(&p.var)).collect();
    assert!(counts.iter().all(|&count| count == 1.0) && counts.len() == 17, "{counts:?}");
    assert_eq!(network.to_checkpoint(DType::F32).unwrap(), back.to_checkpoint(DType::F32).unwrap());
    // Half precision rounds, and no more.
    std::fs::write(&path, network.to_checkpoint(DType::F16).unwrap()).unwrap();
    let half = Network::load(&path, &Device::Cpu).unwrap();
    let worst =
        relative_difference(&say(&half, &reference(), Mode::Evaluate), &say(&network, &reference(), Mode::Evaluate));
    assert!(worst > 0.0 && worst < 5e-3, "{worst}");
}

/// One line each, with the way out.
#[test]
fn checkpoints_that_do_not_fit_are_refused() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("checkpoint.safetensors");
    let tensors: HashMap<String, Tensor> = fresh(Kind::Class).tensors().into_iter().collect();
    let right = [("kind", "class"), ("hidden", "4"), ("T", "300"), ("classes", "10")];
    let message = |pairs: &[(&str, &str)]| {
        let metadata = pairs.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect();
        let bytes = safetensors::serialize(&tensors, Some(metadata)).unwrap();
        std::fs::write(&path, bytes).unwrap();
        Network::load(&path, &Device::Cpu).err().map(|error| error.to_string()).unwrap_or_default()
    };
    assert_eq!(message(&right), "");
    let with = |key: &str, value: &'static str| {
        let mut pairs = right;
        pairs.iter_mut().find(|(known, _)| *known == key).unwrap().1 = value;
        message(&pairs)
    };
    for (key, value, expected) in [
        ("kind", "gan", "unknown kind `gan`"),
        ("kind", "time", "has 0 classes, not 10"),
        ("kind", "flow-class", ""),
        ("hidden", "8", "initial.conv1.conv.weight is [4, 1, 3, 3], should be [8, 1, 3, 3]"),
        ("hidden", "0", "D = 0"),
        ("hidden", "many", "`many`"),
        ("T", "1", "T = 1"),
        ("classes", "26", "not 26"),
    ] {
        let message = with(key, value);
        assert!(message.contains(expected) && message.is_empty() == expected.is_empty(), "{key} {value}: {message}");
        assert!(!message.contains('\n'));
    }
    let message = message(&right[1..]);
    assert!(message.contains("does not say its kind") && message.contains("metadata"), "{message}");
}
