//! What every symbol and measure of the window means: two sentences, what would be if it were larger, where it is defined.
//! One symbol, one meaning; a sign that is shown anywhere is explained from here.

use crate::app::text::sentence;
use crate::diffusion::samplers::Sampler;
use crate::diffusion::timesteps::Stepping;
use crate::models::digits::Kind;

/// What is explained.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[allow(missing_docs, reason = "`about` says each in words for the user")]
pub enum Symbol {
    Timestep,
    Sample,
    Original,
    Estimate,
    Noise,
    AlphaBar,
    Alpha,
    Beta,
    Snr,
    Variance,
    Deviation,
    FreshNoise,
    Guidance,
    Eta,
    Velocity,
    LogSnrStep,
    Psnr,
    Ssim,
    Frechet,
    Steps,
    Seed,
    Start,
    Rescale,
    NoiseLevel,
    Blur,
    DigitNoise,
    Loss,
    Smoothing,
    LearningRate,
}

/// What is said of a symbol.
pub struct About {
    /// How it is written, longest first.
    pub signs: &'static [&'static str],
    /// Its name.
    pub name: &'static str,
    /// What it is, in two sentences.
    pub what: &'static str,
    /// What would be if it were larger.
    pub larger: &'static str,
    /// Where it is defined.
    pub source: &'static str,
}

const DDPM: &str = "Ho, Jain, Abbeel 2020, Denoising Diffusion Probabilistic Models";
const DDIM: &str = "Song, Meng, Ermon 2021, Denoising Diffusion Implicit Models";

macro_rules! symbols {
    ($($name:ident { $signs:expr, $called:expr, $what:expr, $larger:expr, $source:expr })*) => {
        impl Symbol {
            /// Every symbol, in the order of the list.
            pub const ALL: &'static [Self] = &[$(Self::$name),*];

            /// What is said of it.
            pub fn about(self) -> &'static About {
                match self {
                    $(Self::$name => const {
                        &About { signs: &$signs, name: $called, what: $what, larger: $larger, source: $source }
                    }),*
                }
            }
        }
    };
}

symbols! {
    Timestep {
        ["t′", "t"], "Timestep",
        "How much noise a picture has, counted along the schedule from 0, the clean picture, to its end, noise alone. The \
         network is told t with every picture, for it does something else at each: large shapes early, edges and grain late.",
        "Less of the picture is to be seen in x, and the estimate of it is blurrier and freer.",
        DDPM
    }
    Sample {
        ["x′", "x"], "Noisy picture",
        "What the network sees: a part of a picture and a part of noise, x = √ᾱ x₀ + √(1−ᾱ) ε. Sampling begins with noise \
         alone and turns it into a picture step by step; x′ is what one step makes of it.",
        "It has no size of its own: how much noise is in it is t's to say.",
        DDPM
    }
    Original {
        ["x₀"], "Clean picture",
        "The true picture, before any noise. Where a picture is noised it is known; where one is drawn from noise there is \
         none yet, only the network's estimate x̂₀.",
        "It has no size of its own: its pixels lie between −1 and 1.",
        DDPM
    }
    Estimate {
        ["x̂₀", "x̂₁"], "Estimate of the clean picture",
        "What the network now takes the clean picture to be, worked out from the noise that it sees: \
         x̂₀ = (x − √(1−ᾱ) ε) / √ᾱ. It is the mean of all pictures that would fit, so it is blurred while much is still open.",
        "Where its pixels leave −1 to 1 they are cut off or scaled back, so that colours do not burn out.",
        "Ho et al. 2020, equation 15"
    }
    Noise {
        ["ε"], "Noise",
        "The noise in x, as the network estimates it: the one thing that it was trained to say. With it and ᾱ everything \
         else follows, the estimate x̂₀ and the step to the next picture.",
        "More of x is taken for noise, and x̂₀ lies further from x.",
        "Ho et al. 2020, equation 14"
    }
    AlphaBar {
        ["ᾱ′", "ᾱ"], "Share of the picture",
        "The share of the clean picture's variance that is left in x; 1−ᾱ is the noise's. It is the product of all steps' α \
         down to t, and falls from 1 to nearly 0 along the schedule.",
        "More of the picture is in x and less noise, as at a smaller t.",
        "Ho et al. 2020, equation 4"
    }
    Alpha {
        ["α"], "Share that one step keeps",
        "How much of x's variance stays when noise is added from the step's end back to its start: α = ᾱ / ᾱ′. Fewer, longer \
         steps have a smaller α each.",
        "The step is shorter: it changes less.",
        "Ho et al. 2020, section 2"
    }
    Beta {
        ["β"], "Noise of one step",
        "The variance of the noise that one step of the schedule adds: β = 1 − α. A schedule is a list of them, small at \
         first so that edges last, larger towards noise.",
        "The schedule runs into noise sooner.",
        "Ho et al. 2020, equation 2"
    }
    Snr {
        ["SNR"], "Signal-to-noise ratio",
        "ᾱ / (1−ᾱ), in decibels: ten times its logarithm. At 0 dB x is half picture, half noise; every 10 dB are a factor \
         of ten.",
        "The picture stands out more from the noise.",
        "Kingma, Salimans, Poole, Ho 2021, Variational Diffusion Models"
    }
    Variance {
        ["σ²"], "Variance of a step",
        "How much fresh noise DDPM adds after a step. This network has learned it for each pixel, between β̃ (the least that \
         fits) and β (the most).",
        "More is drawn anew in this step: freer, and rougher until the next steps have smoothed it.",
        "Nichol, Dhariwal 2021, Improved DDPM, equation 15"
    }
    Deviation {
        ["σ′", "σ"], "Strength of noise",
        "The standard deviation of noise, the root of its variance: of the noise in x, √(1−ᾱ), or of what a step adds. σ′ \
         is the same where the step arrives.",
        "More noise.",
        "Song, Meng, Ermon 2021, equation 16"
    }
    FreshNoise {
        ["z"], "Fresh noise",
        "Noise that is drawn anew at a step, from the seed. DDPM needs it at every step, DDIM with η = 0 and DPM-Solver++ \
         never, so that their picture follows from the start alone.",
        "It has no size of its own: σ before it says how much is added.",
        DDPM
    }
    Guidance {
        ["γ"], "Guidance",
        "How far the prompt is followed: ε = ε(nothing) + γ (ε(prompt) − ε(nothing)). 0 ignores the prompt, 1 takes the \
         network at its word, 5 to 10 exaggerates what the prompt changes.",
        "Pictures show the prompt more clearly, are more alike, and at last have burnt colours.",
        "Ho, Salimans 2022, Classifier-Free Diffusion Guidance"
    }
    Eta {
        ["η"], "Fresh noise of DDIM",
        "How much of DDPM's fresh noise DDIM adds at each step. With 0 the same start always gives the same picture; with 1 \
         it is as random as DDPM.",
        "More is drawn anew on the way; with few steps the picture is rougher.",
        DDIM
    }
    Velocity {
        ["u"], "Velocity",
        "What a flow network estimates: the straight way from noise to picture, x̂₁ − noise. A step walks along it, from t \
         to t′.",
        "The picture changes more in a step of the same length.",
        "Lipman et al. 2023, Flow Matching for Generative Modeling"
    }
    LogSnrStep {
        ["e⁻ʰ", "h"], "Step in log-SNR",
        "How far a DPM-Solver step goes, in the logarithm of signal to noise: h = λ′ − λ with λ = log(√ᾱ / √(1−ᾱ)). The \
         solver is exact in it but for how x̂₀ changes meanwhile.",
        "A longer step, and a larger error.",
        "Lu et al. 2022, DPM-Solver++"
    }
    Psnr {
        ["PSNR"], "Peak signal-to-noise ratio",
        "How near two pictures are, pixel by pixel, in decibels: 10 log₁₀ of the square of the range over the mean squared \
         difference. Below 20 dB differences are plain, above 30 hard to see.",
        "The pictures are nearer. It rewards blur: a mean of all that fits scores well.",
        "Huynh-Thu, Ghanbari 2008"
    }
    Ssim {
        ["SSIM"], "Structural similarity",
        "How alike two pictures are in brightness, contrast and structure of small patches, 1 for the same picture. It \
         minds lost edges more than PSNR does.",
        "The pictures are more alike.",
        "Wang, Bovik, Sheikh, Simoncelli 2004"
    }
    Frechet {
        ["Fréchet"], "Fréchet distance",
        "How far two sets of pictures are from each other: the distance of two Gaussians fitted to a classifier's features \
         of them. It minds both how good each picture is and how varied all are.",
        "The drawn digits are less like the test digits, or less varied. Only distances of as many digits compare.",
        "Heusel et al. 2017, GANs Trained by a Two Time-Scale Update Rule (FID)"
    }
    Steps {
        [], "Steps",
        "How many times the network is asked on the way from noise to picture. Each step walks a stretch of the schedule as \
         if the estimate held along it.",
        "Slower, and up to some 50 steps better; after that hardly.",
        DDIM
    }
    Seed {
        [], "Seed",
        "The number from which all noise is drawn. The same seed with the same settings gives the same picture, so that one \
         setting can be changed and its effect seen.",
        "Another picture, neither better nor worse.",
        "PyTorch's generator on the processor"
    }
    Start {
        ["i_start"], "Start",
        "How much noise the source gets before the network takes it away again, as an entry of the list of timesteps: 0 is \
         its first, nearly noise alone. What survives the noise survives in the result.",
        "A later entry: less noise, and the result keeps nearer to the source.",
        "Meng et al. 2022, SDEdit"
    }
    Rescale {
        ["φ"], "Guidance rescale",
        "Scales the guided estimate back to the contrast of the plain one, by this part. It undoes the burnt colours of a \
         large γ.",
        "Softer contrast.",
        "Lin et al. 2024, Common Diffusion Noise Schedules and Sample Steps are Flawed"
    }
    NoiseLevel {
        [], "Noise level of stage II",
        "Stage II gets the small picture enlarged and noised to this timestep, so that it trusts its shapes and not its \
         pixels.",
        "Stage II invents more, and keeps less of stage I.",
        "Ho et al. 2022, Cascaded Diffusion Models"
    }
    Blur {
        [], "Width of the blur",
        "The standard deviation, in pixels, of the bell-shaped kernel that blurs. It is what one did against noise before \
         networks.",
        "Less noise and fewer edges.",
        "Gaussian filter"
    }
    DigitNoise {
        [], "Noise on a digit",
        "Here noise is added to the digit and nothing is taken from it: z = x + σ ε, with x between 0 and 1. At σ = 1 the \
         noise is as strong as white is to black.",
        "The digit is harder to see, for the network too.",
        "Denoising autoencoder; Vincent et al. 2008"
    }
    Loss {
        [], "Loss",
        "How wrong the network is on the digits of a step: the mean squared difference to what it should have said. A \
         classifier's is the surprise at the true class, its cross-entropy.",
        "Worse. It also is larger where the task is harder, such as at small t.",
        DDPM
    }
    Smoothing {
        [], "Smoothing",
        "Each step's loss is of other digits at other times, and jumps. The smoothed curve is a mean over the steps before, \
         those nearest weighing most.",
        "A calmer curve that answers later.",
        "Kingma, Ba 2015, Adam (the debiased mean)"
    }
    LearningRate {
        [], "Learning rate",
        "How far each training step moves the weights along the slope of the loss. It falls during a run, so that the last \
         steps settle.",
        "Faster at first; too large, and the loss jumps or grows.",
        "Kingma, Ba 2015, Adam"
    }
}

impl Symbol {
    /// The symbol behind a setting, by its key.
    pub fn of_setting(key: &str) -> Option<Self> {
        Some(match key {
            "t" => Self::Timestep,
            "guidance" | "stage_2_guidance" => Self::Guidance,
            "guidance_rescale" => Self::Rescale,
            "eta" => Self::Eta,
            "steps" | "stage_2_steps" => Self::Steps,
            "seed" => Self::Seed,
            "i_start" => Self::Start,
            "sigma" => Self::Blur,
            "noise_sigma" => Self::DigitNoise,
            "noise_level" => Self::NoiseLevel,
            "lr" => Self::LearningRate,
            _ => return None,
        })
    }
}

/// A word that can be chosen for the setting of a key, in a sentence.
pub fn word(key: &str, word: &str) -> Option<String> {
    let said = match key {
        "sampler" | "stage_2_sampler" => Sampler::ALL.into_iter().find(|it| it.name() == word).map(Sampler::sentence),
        "stepping" => Stepping::ALL.into_iter().find(|it| it.name() == word).map(Stepping::sentence),
        "kind" => Kind::of_name(word).map(Kind::sentence),
        _ => plain(key, word),
    };
    let automatic = (word == "automatic").then_some("as the model or the checkpoint says");
    said.or(automatic).map(sentence)
}

/// The words of settings that are lists of words and nothing more.
fn plain(key: &str, word: &str) -> Option<&'static str> {
    Some(match (key, word) {
        ("guidance_schedule", "constant") => "the same γ at every step",
        ("guidance_schedule", "linear") => {
            "γ rises evenly from 1 to its value: free shapes first, the prompt's details later"
        }
        ("guidance_schedule", "cosine") => "γ rises from 1 to its value, slowly at both ends",
        ("inpaint_mode", "renoise") => {
            "what is kept is noised as much as the rest at every step, so that both fit together"
        }
        ("inpaint_mode", "diffusers") => "what is kept stays clean while the rest is noisy, as in diffusers' pipeline",
        ("reduce", "mean") => "the mean of what every view's prompt asks for",
        ("reduce", "sum") => "everything that the views ask for added up: stronger, and sooner too strong",
        ("reduce", "alternate") => "one view a step, in turn",
        ("reduce", "upper") => "each view counts most in the half that is on top for it",
        ("dtype", "f32") => "full precision: 4 bytes a weight",
        ("dtype", "f16") => "half the memory; large numbers overflow in some text encoders",
        ("dtype", "bf16") => "half the memory with the range of f32, and fewer digits",
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::experiments::Kind as Values;
    use crate::experiments::settings::settings;

    #[test]
    fn every_word_of_every_menu_has_its_sentence() {
        for setting in settings() {
            if let Values::Choice(words) = setting.kind {
                for choice in words() {
                    assert!(word(setting.key, choice).is_some(), "{} {choice}", setting.key);
                }
            }
        }
    }

    #[test]
    fn every_symbol_says_two_things_and_no_sign_has_two_meanings() {
        let mut signs: Vec<&str> = Vec::new();
        for symbol in Symbol::ALL {
            let about = symbol.about();
            assert!(
                about.what.len() > 60 && about.larger.ends_with('.') && about.what.ends_with('.'),
                "{}",
                about.name
            );
            assert!(!about.source.is_empty(), "{}", about.name);
            for sign in about.signs {
                assert!(!signs.contains(sign), "{sign} twice");
                signs.push(sign);
            }
        }
    }
}
