//! The kinds of digit network, by the names of the command line and of a checkpoint's metadata.

use serde::{Deserialize, Serialize};

/// What a network of part B is for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Kind {
    /// B1.2: from x + σ ε to x in one step.
    #[default]
    Denoiser,
    /// B1.3: from pure noise to the data's mean.
    NoiseDenoiser,
    /// B2.1: ε of x_t, told the time.
    Time,
    /// B2.2: ε of x_t, told time and class.
    Class,
    /// B2.3: the velocity x_1 - x_0, told the time.
    FlowTime,
    /// B2.3: the velocity, told time and class.
    FlowClass,
    /// Which digit it is: scores what the others draw.
    Classifier,
}

/// How time meets the maps where there is no class.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TimeEnters {
    /// x + t.
    Added,
    /// t·x.
    Multiplied,
}

impl Kind {
    /// Every kind, in the order of menus.
    pub const ALL: [Self; 7] = [
        Self::Denoiser,
        Self::NoiseDenoiser,
        Self::Time,
        Self::Class,
        Self::FlowTime,
        Self::FlowClass,
        Self::Classifier,
    ];

    /// The name on the command line, in recipes and in metadata.
    pub fn name(self) -> &'static str {
        match self {
            Self::Denoiser => "denoiser",
            Self::NoiseDenoiser => "noise-denoiser",
            Self::Time => "time",
            Self::Class => "class",
            Self::FlowTime => "flow-time",
            Self::FlowClass => "flow-class",
            Self::Classifier => "classifier",
        }
    }

    /// One sentence for menus and `list`.
    pub fn sentence(self) -> &'static str {
        match self {
            Self::Denoiser => "cleans a noised digit in one step (B1.2)",
            Self::NoiseDenoiser => "the same on pure noise: it learns the mean digit (B1.3)",
            Self::Time => "DDPM, told how noisy the digit is (B2.1)",
            Self::Class => "DDPM, told the noise level and which digit (B2.2)",
            Self::FlowTime => "flow matching, told the time (B2.3)",
            Self::FlowClass => "flow matching, told time and which digit (B2.3)",
            Self::Classifier => "says which digit it is; scores what the others draw",
        }
    }

    /// The kind of a name.
    pub fn of_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.name() == name)
    }

    /// How time enters; `None` for kinds that are told none.
    pub fn time_enters(self) -> Option<TimeEnters> {
        match self {
            Self::Time | Self::Class => Some(TimeEnters::Added),
            Self::FlowTime | Self::FlowClass => Some(TimeEnters::Multiplied),
            Self::Denoiser | Self::NoiseDenoiser | Self::Classifier => None,
        }
    }

    /// Whether it is told the class.
    pub fn has_class(self) -> bool {
        matches!(self, Self::Class | Self::FlowClass)
    }

    /// Whether it makes digits from noise, step by step.
    pub fn samples(self) -> bool {
        self.time_enters().is_some()
    }

    /// Whether it predicts a velocity.
    pub fn is_flow(self) -> bool {
        matches!(self, Self::FlowTime | Self::FlowClass)
    }
}
