//! Decompositions: linear maps of a picture into parts that sum to it, each part for a prompt of its own.
//!
//! Geng et al., *Factorized Diffusion*, 2024. The last part is always what the others leave, so that the
//! same prompt for every part is plain sampling. Pictures are square, [b, c, h, w], in any range.

mod decomposition;
mod grey_colour;
mod kernel;
mod low_high;
mod low_mid_high;
mod motion;
mod response;

use decomposition::Parts;
pub use decomposition::{Decomposition, PartName};
pub use response::frequency_response;

use crate::error::{Error, Result};
use crate::spec::{Member, Parameter, Request, Spec};

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
    make: fn(&Request<'_>) -> Result<Box<dyn Parts>>,
}

/// Every decomposition, in the order of menus.
pub static DECOMPOSITIONS: &[&DecompositionEntry] =
    &[&low_high::LOW_HIGH, &low_mid_high::LOW_MID_HIGH, &grey_colour::GREY_COLOUR, &motion::MOTION];

/// A decomposition and its parameters, not yet made for a size.
pub type DecompositionSpec = Spec<DecompositionEntry>;

impl Member for DecompositionEntry {
    const KIND: &'static str = "decomposition";

    fn all() -> &'static [&'static Self] {
        DECOMPOSITIONS
    }

    fn name(&self) -> &'static str {
        self.name
    }

    fn parameters(&self) -> &'static [Parameter] {
        self.parameters
    }
}

impl DecompositionSpec {
    /// Its parts, in order.
    pub fn parts(&self) -> &'static [PartName] {
        self.entry().parts
    }

    /// The index of the part of that name.
    pub fn part_index(&self, part: &str) -> Result<usize> {
        self.parts().iter().position(|known| known.name == part).ok_or_else(|| {
            let names: Vec<&str> = self.parts().iter().map(|known| known.name).collect();
            let what = format!("{} has no such part", self.entry().name);
            Error::arguments(what).at(part).hint(format!("choose among {}", names.join(", ")))
        })
    }

    /// The decomposition of pictures of `size` × `size`; `base` is stage I's side, `size` that or a multiple.
    ///
    /// The numbers are stage I's, in its pixels; at a multiple they grow with the pixels.
    pub fn at(&self, size: usize, base: usize) -> Result<Decomposition> {
        let parts = (self.entry().make)(&self.request(size, base)?)?;
        Ok(Decomposition::new(self.clone(), size, parts))
    }
}
