//! What a GPU runs, on the processor: operations on planes, with their gradients.

use candle_core::{DType, Device, Tensor, Var};
use diffusion_lab::tensors::cpu::Activation;
use diffusion_lab::tensors::planes::{Geometry, UnitAffine, convolve, group_norm, softmax};
use diffusion_lab::tensors::{Generator, GroupNorm};

use crate::reference::{difference, floats, relative_difference};

fn randn(seed: u64, shape: &[usize]) -> Tensor {
    Generator::new(seed).randn_tensor(shape, &Device::Cpu).unwrap()
}

/// candle's own operation and its way back, which are right on the processor for tensors that lie in order.
fn candles(x: &Tensor, weight: &Tensor, geometry: Geometry) -> Tensor {
    let Geometry { stride, padding, transposed } = geometry;
    match transposed {
        false => x.conv2d(weight, padding, stride, 1, 1).unwrap(),
        true => x.conv_transpose2d(weight, padding, 0, stride, 1).unwrap(),
    }
}

/// Kernels of every geometry that a network has, odd maps, batches above 1, channels that are not alike: where a gradient in
/// the place of a kernel does not lie in order, and its strides show.
#[test]
fn convolutions_and_their_gradients_are_candles() {
    let geometry = |stride, padding, transposed| Geometry { stride, padding, transposed };
    for (geometry, x, weight) in [
        (geometry(1, 1, false), [3, 5, 7, 9], [4, 5, 3, 3]),
        (geometry(1, 0, false), [2, 3, 4, 4], [6, 3, 1, 1]),
        (geometry(2, 1, false), [3, 4, 8, 6], [5, 4, 3, 3]),
        (geometry(2, 1, false), [3, 4, 7, 9], [5, 4, 3, 3]),
        (geometry(2, 1, true), [3, 4, 5, 7], [4, 3, 4, 4]),
        (geometry(7, 0, true), [2, 6, 1, 1], [6, 3, 7, 7]),
    ] {
        let gradients = |of: &dyn Fn(&Tensor, &Tensor) -> Tensor, in_order: bool| {
            let x = Var::from_tensor(&randn(1, &x)).unwrap();
            let weight = Var::from_tensor(&randn(2, &weight)).unwrap();
            let flipped = match in_order {
                true => x.as_tensor().clone(),
                // The same numbers, another order in memory.
                false => x.transpose(0, 3).unwrap().contiguous().unwrap().transpose(0, 3).unwrap(),
            };
            let y = of(&flipped, &weight);
            let loss = (&y * randn(3, y.dims())).unwrap().sum_all().unwrap();
            let store = loss.backward().unwrap();
            [y.detach(), store.get(&x).unwrap().clone(), store.get(&weight).unwrap().clone()]
        };
        let right = gradients(&|x, weight| candles(x, weight, geometry), true);
        for in_order in [true, false] {
            let ours = gradients(&|x, weight| convolve(x, weight, geometry).unwrap(), in_order);
            for ((what, ours), right) in ["y", "dx", "dw"].into_iter().zip(&ours).zip(&right) {
                let off = relative_difference(ours, right);
                assert!(off <= 2e-6, "{what} of {geometry:?} is off by {off:.1e}");
            }
        }
    }
}

/// Halves are rounded in and out, and summed in f32 between.
#[test]
fn halves_are_summed_in_f32() {
    let (x, weight) = (randn(1, &[2, 64, 9, 7]), randn(2, &[8, 64, 3, 3]));
    for (dtype, one) in [(DType::F16, 2e-3), (DType::BF16, 1.6e-2)] {
        let (x, weight) = (x.to_dtype(dtype).unwrap(), weight.to_dtype(dtype).unwrap());
        let wide = |x: &Tensor| x.to_dtype(DType::F32).unwrap();
        let right = convolve(&wide(&x), &wide(&weight), Geometry::same(3)).unwrap();
        let ours = convolve(&x, &weight, Geometry::same(3)).unwrap();
        assert_eq!(ours.dtype(), dtype);
        let off = relative_difference(&ours, &right);
        assert!(off > 0.0 && off <= one, "{dtype:?}: {off:.1e}");
        let scores = randn(3, &[5, 300]).to_dtype(dtype).unwrap();
        let weights = softmax(&scores).unwrap();
        let sums = floats(&wide(&weights).sum(1).unwrap());
        assert!(weights.dtype() == dtype && sums.iter().all(|sum| (sum - 1.0).abs() < one), "{sums:?}");
    }
}

/// One kernel with E[x²] - μ² is what two passes are, of floats however far their mean is.
#[test]
fn one_pass_of_group_norm_is_two() {
    let (c, groups) = (24, 4);
    let (weight, bias) = (randn(1, &[c]), randn(2, &[c]));
    let two = GroupNorm::new(&weight, &bias, groups, 1e-5).unwrap();
    let (gain, offset) = (weight.unsqueeze(0).unwrap(), bias.unsqueeze(0).unwrap());
    let unit = UnitAffine::default();
    for (deviations, most) in [(0.0, 5e-6), (3.0, 5e-6), (30.0, 2e-5)] {
        for side in [16, 5] {
            let x = (randn(3, &[2, c, side, side]) + deviations).unwrap();
            let ours = group_norm(&x, &gain, &offset, groups, 1e-5, &unit).unwrap();
            let off = difference(&ours, &two.forward(&x, Activation::Identity).unwrap());
            eprintln!("a mean of {deviations} deviations: {off:.1e}");
            assert!(off <= most, "a mean of {deviations} deviations: {off:.1e}");
        }
    }
    // Gain and offset of each picture's own.
    let (gain, offset) = (randn(4, &[2, c]), randn(5, &[2, c]));
    let x = randn(6, &[2, c, 4, 3]);
    let both = group_norm(&x, &gain, &offset, groups, 1e-5, &unit).unwrap();
    for row in 0..2 {
        let of = |x: &Tensor| x.narrow(0, row, 1).unwrap();
        let alone = group_norm(&of(&x), &of(&gain), &of(&offset), groups, 1e-5, &unit).unwrap();
        assert!(difference(&of(&both), &alone) <= 1e-6);
    }
}
