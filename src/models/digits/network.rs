//! A digit network with its facts: kind, D, T and classes, and its tensors by their PyTorch names.

use candle_core::{Device, Tensor};

use super::classifier::{Classifier, Judgement};
use super::conditioning::{CLASSES, Condition};
use super::denoiser::Denoiser;
use super::kind::Kind;
use super::layers::Mode;
use super::parameters::{Builder, Origin, Parameter, Role};
use crate::error::{Error, Result};
use crate::tensors::Generator;

/// T of the course: 300 timesteps of DDPM, and as many Euler steps.
pub const TIMESTEPS: usize = 300;

/// D is at most this, so that a wrong number is refused before memory is.
const LARGEST_HIDDEN: usize = 1024;

/// What kind of network it is, and how large: a checkpoint's metadata.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Spec {
    /// What it is for.
    pub kind: Kind,
    /// D, its hidden channels.
    pub hidden: usize,
    /// T; 0 for a kind that is told no time.
    pub timesteps: usize,
}

impl Spec {
    /// A `kind` of D = `hidden`, with the course's T where it is told a time.
    pub fn new(kind: Kind, hidden: usize) -> Result<Self> {
        if !(1..=LARGEST_HIDDEN).contains(&hidden) {
            return Err(Error::arguments(format!("D = {hidden} makes no network"))
                .at("hidden")
                .hint(format!("choose from 1 to {LARGEST_HIDDEN}")));
        }
        Ok(Self { kind, hidden, timesteps: if kind.samples() { TIMESTEPS } else { 0 } })
    }

    /// The classes that it is told, or tells apart: 10 or 0.
    pub fn classes(&self) -> usize {
        if self.kind.has_class() || self.kind == Kind::Classifier { CLASSES } else { 0 }
    }
}

enum Body {
    Denoiser(Box<Denoiser>),
    Classifier(Box<Classifier>),
}

/// A network of part B.
pub struct Network {
    spec: Spec,
    body: Body,
    parameters: Vec<Parameter>,
    device: Device,
    sha256: Option<String>,
}

impl Network {
    /// With PyTorch's own initial weights, drawn from `generator`.
    pub fn drawn(spec: Spec, generator: &mut Generator, device: &Device) -> Result<Self> {
        Self::from_origin(spec, Origin::Drawn(generator), device)
    }

    pub(super) fn from_origin(spec: Spec, origin: Origin<'_>, device: &Device) -> Result<Self> {
        let mut builder = Builder::new(origin, device);
        let body = match spec.kind {
            Kind::Classifier => Body::Classifier(Box::new(Classifier::new(&mut builder, spec.hidden)?)),
            kind => Body::Denoiser(Box::new(Denoiser::new(&mut builder, kind, spec.hidden)?)),
        };
        Ok(Self { spec, body, parameters: builder.finish(), device: device.clone(), sha256: None })
    }

    /// What it is.
    pub fn spec(&self) -> Spec {
        self.spec
    }

    /// The hash of the file that it came from; `None` for one that was drawn.
    pub fn sha256(&self) -> Option<&str> {
        self.sha256.as_deref()
    }

    pub(super) fn with_sha256(self, sha256: String) -> Self {
        Self { sha256: Some(sha256), ..self }
    }

    /// Where its tensors are.
    pub fn device(&self) -> &Device {
        &self.device
    }

    /// Its tensors, in the order of its modules.
    pub fn parameters(&self) -> &[Parameter] {
        &self.parameters
    }

    /// Those with a gradient.
    pub fn trained(&self) -> impl Iterator<Item = &Parameter> {
        self.parameters.iter().filter(|parameter| parameter.role == Role::Trained)
    }

    /// How many numbers are trained.
    pub fn parameter_count(&self) -> usize {
        self.trained().map(|parameter| parameter.var.elem_count()).sum()
    }

    /// What a denoiser of any kind says of `x` [b, 1, 28, 28]: the clean picture, ε or the velocity.
    pub fn forward(&self, x: &Tensor, condition: Condition<'_>, mode: Mode) -> Result<Tensor> {
        match &self.body {
            Body::Denoiser(denoiser) => {
                let said = denoiser.forward(x, condition, mode)?;
                // A chain of steps would else keep the graph, and so the maps, of all of them.
                Ok(if mode == Mode::Evaluate { said.detach() } else { said })
            }
            Body::Classifier(_) => Err(Error::new("a classifier draws nothing").hint("give another checkpoint")),
        }
    }

    /// What a classifier says of `x` [b, 1, 28, 28].
    pub fn classify(&self, x: &Tensor, mode: Mode) -> Result<Judgement> {
        match &self.body {
            Body::Classifier(classifier) => {
                let Judgement { features, logits } = classifier.forward(x, mode)?;
                Ok(match mode {
                    Mode::Evaluate => Judgement { features: features.detach(), logits: logits.detach() },
                    Mode::Train => Judgement { features, logits },
                })
            }
            Body::Denoiser(_) => {
                Err(Error::new(format!("`{}` tells no digits apart", self.spec.kind.name())).hint("give a classifier"))
            }
        }
    }
}
