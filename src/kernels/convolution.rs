//! A convolution over maps, plain or transposed, by whichever kernel suits its sizes: forward and its two gradients.
//!
//! 3×3 of stride 1 goes by Winograd where both sides fill a vector; everything else by `Strided`. A plain convolution to
//! fewer channels than a vector (the digits' last one, D → 1) is turned round: every input pixel gives to nine outputs,
//! which multiplies the input itself instead of patches of it.

use super::gather::Strided;
use super::isa::Isa;
use super::microkernel::Start;
use super::shape::Shape;
use super::winograd;
use super::{Pictures, Winograd};

/// How a square kernel goes over its maps, in PyTorch's words.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Form {
    /// Side of the kernel.
    pub kernel: usize,
    /// Step.
    pub stride: usize,
    /// Rings of zeros.
    pub padding: usize,
    /// Whether it is transposed.
    pub transposed: bool,
}

impl Form {
    /// Height and width after it, `None` where the kernel does not fit.
    pub fn size(self, (h, w): (usize, usize)) -> Option<(usize, usize)> {
        let one = |size: usize| match self.transposed {
            true => ((size.checked_sub(1)?) * self.stride + self.kernel).checked_sub(2 * self.padding),
            false => Some((size + 2 * self.padding).checked_sub(self.kernel)? / self.stride + 1),
        };
        Some((one(h)?, one(w)?))
    }
}

/// One convolution with its sizes and the kernel chosen.
#[derive(Clone, Copy, Debug)]
pub struct Convolution {
    isa: Isa,
    x: Shape,
    y: Shape,
    way: Way,
}

#[derive(Clone, Copy, Debug)]
enum Way {
    Winograd,
    /// Large to small.
    Gather(Strided),
    /// Small to large.
    Scatter(Strided),
    /// Small to large, with the taps in reverse: a plain convolution of stride 1 turned round.
    Turned(Strided),
}

impl Convolution {
    /// Of `x` to `c_out` channels; `None` where the kernel does not fit the map.
    pub fn new(isa: Isa, form: Form, x: Shape, c_out: usize) -> Option<Self> {
        let (h, w) = form.size((x.h, x.w))?;
        let y = Shape { n: x.n, h, w, c: c_out };
        let Form { kernel, stride, padding, transposed } = form;
        let (large, small) = if transposed { (y, x) } else { (x, y) };
        let strided = |large: Shape, small: Shape| Strided {
            n: x.n,
            large: (large.h, large.w),
            c: large.c,
            small: (small.h, small.w),
            d: small.c,
            kernel,
            stride,
            padding,
        };
        let same = !transposed && stride == 1 && kernel == 2 * padding + 1;
        let way = match () {
            () if same && kernel == 3 && Winograd::fits(isa, x.c, c_out) => Way::Winograd,
            () if same && kernel > 1 && c_out < isa.lanes() && c_out < x.c => Way::Turned(strided(y, x)),
            () if transposed => Way::Scatter(strided(large, small)),
            () => Way::Gather(strided(large, small)),
        };
        Some(Self { isa, x, y, way })
    }

    /// What comes out.
    pub fn output(&self) -> Shape {
        self.y
    }

    fn pictures(&self) -> Pictures {
        Pictures { n: self.x.n, h: self.x.h, w: self.x.w }
    }

    /// y = bias + x convolved with `weight`.
    pub fn forward(&self, x: &[f32], weight: &[f32], bias: Option<&[f32]>, y: &mut [f32]) {
        match self.way {
            Way::Winograd => {
                let nine = |o: usize, i: usize| -> [f32; 9] {
                    let at = (o * self.x.c + i) * 9;
                    std::array::from_fn(|tap| weight[at + tap])
                };
                let start = Start { bias, add: None };
                Winograd::new(self.isa, self.x.c, self.y.c, nine).forward(x, self.pictures(), start, y);
            }
            Way::Gather(strided) => {
                strided.gather(x, &strided.gather_weights(self.isa, weight), Start { bias, add: None }, y)
            }
            Way::Scatter(strided) => strided.scatter(x, &strided.scatter_weights(self.isa, weight), bias, y),
            Way::Turned(strided) => {
                let weight = self.turned(weight, strided.kernel, self.y.c, self.x.c);
                strided.scatter(x, &strided.scatter_weights(self.isa, &weight), bias, y);
            }
        }
    }

    /// dL/dx from dL/dy.
    pub fn input_gradient(&self, dy: &[f32], weight: &[f32], dx: &mut [f32]) {
        match self.way {
            Way::Winograd => {
                let nine = |i: usize, o: usize| -> [f32; 9] {
                    let at = (o * self.x.c + i) * 9;
                    std::array::from_fn(|tap| weight[at + 8 - tap])
                };
                Winograd::new(self.isa, self.y.c, self.x.c, nine).forward(dy, self.pictures(), Start::default(), dx);
            }
            Way::Gather(strided) => strided.scatter(dy, &strided.scatter_weights(self.isa, weight), None, dx),
            Way::Scatter(strided) => {
                strided.gather(dy, &strided.gather_weights(self.isa, weight), Start::default(), dx)
            }
            Way::Turned(strided) => {
                let weight = self.turned(weight, strided.kernel, self.y.c, self.x.c);
                strided.gather(dy, &strided.gather_weights(self.isa, &weight), Start::default(), dx);
            }
        }
    }

    /// dL/dweight, in the weight's own order.
    pub fn weight_gradient(&self, x: &[f32], dy: &[f32], dw: &mut [f32]) {
        match self.way {
            Way::Winograd => {
                winograd::weight_gradient(self.isa, x, dy, self.pictures(), (self.x.c, self.y.c), dw);
            }
            Way::Gather(strided) => strided.weight_gradient(self.isa, x, dy, dw),
            Way::Scatter(strided) => strided.weight_gradient(self.isa, dy, x, dw),
            Way::Turned(strided) => {
                let mut turned = vec![0f32; dw.len()];
                strided.weight_gradient(self.isa, dy, x, &mut turned);
                dw.copy_from_slice(&self.turned(&turned, strided.kernel, self.x.c, self.y.c));
            }
        }
    }

    /// [a, b, k, k] as [b, a, k, k] with the taps in reverse.
    fn turned(&self, weight: &[f32], kernel: usize, a: usize, b: usize) -> Vec<f32> {
        let taps = kernel * kernel;
        (0..weight.len())
            .map(|at| {
                let (tap, first, second) = (at % taps, at / taps % a, at / taps / a);
                weight[(first * b + second) * taps + taps - 1 - tap]
            })
            .collect()
    }
}
