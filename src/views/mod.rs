//! Views: maps of a picture that an anagram is seen through.
//!
//! A view is orthogonal (Geng et al., *Visual Anagrams*, 2023), so that noise stays Gaussian and white under
//! it; the two marked as failures are not, and show why that matters. Names and defaults are those of
//! `dangeng/visual_anagrams` where it has the view. Pictures are square, [b, c, h, w], in any range about 0.

mod blur_failure;
mod flip;
mod frame;
mod identity;
mod inner_circle;
mod inner_circle_failure;
mod jigsaw;
mod negate;
mod permutation;
mod permute;
mod pieces;
mod rotate;
mod skew;
mod square_hinge;
mod view;

use std::sync::Arc;

pub use frame::BACKGROUND;
use view::Transform;
pub use view::View;

use crate::error::Result;
use crate::spec::{Member, Parameter, Request, Spec};

/// A kind of view.
pub struct ViewEntry {
    /// Its name on the command line and in recipes.
    pub name: &'static str,
    /// Its name in menus.
    pub label: &'static str,
    /// One sentence for menus and `list`; of a failure, what goes wrong and why.
    pub sentence: &'static str,
    /// The numbers it takes.
    pub parameters: &'static [Parameter],
    /// Whether noise stays white under it.
    pub orthogonal: bool,
    make: fn(&Request<'_>) -> Result<Arc<dyn Transform>>,
}

/// Every view, in the order of menus.
pub static VIEWS: &[&ViewEntry] = &[
    &identity::IDENTITY,
    &flip::FLIP_VERTICAL,
    &flip::FLIP_HORIZONTAL,
    &rotate::ROTATE_90,
    &rotate::ROTATE_180,
    &rotate::ROTATE_270,
    &negate::NEGATE,
    &skew::SKEW,
    &inner_circle::INNER_CIRCLE,
    &square_hinge::SQUARE_HINGE,
    &permute::PATCH_PERMUTE,
    &permute::PIXEL_PERMUTE,
    &jigsaw::JIGSAW,
    &inner_circle_failure::INNER_CIRCLE_FAILURE,
    &blur_failure::BLUR_FAILURE,
];

/// A view and its parameters, not yet made for a size.
pub type ViewSpec = Spec<ViewEntry>;

impl Member for ViewEntry {
    const KIND: &'static str = "view";

    fn all() -> &'static [&'static Self] {
        VIEWS
    }

    fn name(&self) -> &'static str {
        self.name
    }

    fn parameters(&self) -> &'static [Parameter] {
        self.parameters
    }
}

impl ViewSpec {
    /// The view of pictures of `size` × `size`; `base` is stage I's side, `size` that or a multiple.
    ///
    /// At a multiple it is the twin of the view at `base`: averaged down, the two agree (exactly for
    /// permutations of whole squares, to the width of an edge or a rounding for the rest).
    pub fn at(&self, size: usize, base: usize) -> Result<View> {
        let transform = (self.entry().make)(&self.request(size, base)?)?;
        Ok(View::new(self.clone(), size, transform))
    }
}
