//! Decompositions: linear maps of a picture into parts that sum to it, each part for a prompt of its own.
//!
//! Geng et al., *Factorized Diffusion*, 2024. The last part is always what the others leave, so that the
//! same prompt for every part is plain sampling. Pictures are square, [b, c, h, w], in any range.

mod decomposition;
mod grey_colour;
mod low_high;
mod low_mid_high;
mod motion;
mod parameter;
mod response;
mod spec;

use decomposition::Parts;
pub use decomposition::{Decomposition, PartName};
pub use parameter::{Grain, Parameter};
pub use response::frequency_response;
pub use spec::DecompositionSpec;
use spec::Request;

/// A kind of decomposition.
pub struct DecompositionEntry {
    /// Its name on the command line and in recipes.
    pub name: &'static str,
    /// Its name in menus.
    pub label: &'static str,
    /// One sentence for menus and `list`.
    pub sentence: &'static str,
    /// The numbers it takes.
    pub parameters: &'static [Parameter],
    /// Its parts, in the order of the prompts.
    pub parts: &'static [PartName],
    /// Whether each part is a projector: taken again it does not change, and no part leaks into another. Then
    /// a part that is held to a real picture is held exactly.
    pub projectors: bool,
    /// Whether each part is a filter of frequencies.
    pub filters: bool,
    make: fn(&Request) -> crate::error::Result<Box<dyn Parts>>,
}

/// Every decomposition, in the order of menus.
pub static DECOMPOSITIONS: &[&DecompositionEntry] =
    &[&low_high::LOW_HIGH, &low_mid_high::LOW_MID_HIGH, &grey_colour::GREY_COLOUR, &motion::MOTION];
